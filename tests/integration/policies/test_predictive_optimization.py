"""What predictive optimization decides, every combination written out.

Of each row the columns are what the table is, and the outcomes that follow: `?` is not known, and
`needs` a decision that waits for this evidence.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import pytest

from tests.support import documents
from tests.support.agreement import Decide
from tests.support.oracle.opinion import expect

pytestmark = pytest.mark.opa

Json = dict[str, Any]

_ENABLED: Final = {"on": {"enabled": True}, "off": {"enabled": False}, "?": {}}
_KEYS: Final = {"none": "[]", "some": '[["c1"]]'}
_MAINTAINED: Final = [
    ("MANAGED", "DELTA"),
    ("MANAGED", "DELTA_UNIFORM_ICEBERG"),
    ("MANAGED", "ICEBERG"),
    ("STREAMING_TABLE", "DELTA"),
    ("MATERIALIZED_VIEW", "UNKNOWN_DATA_SOURCE_FORMAT"),
    ("STREAMING_TABLE", None),
]
_EXTERNAL: Final = [("EXTERNAL", "DELTA"), ("EXTERNAL", "DELTA_UNIFORM_ICEBERG")]

# AUTO, keys, predictive optimization: the fact, then the outcomes of strategy_required and of
# auto_possible.
_CLUSTERING: Final = {
    ("yes", "none", "on"): ("auto", "pass", "pass"),
    ("yes", "none", "off"): ("none", "fail", "fail"),
    ("yes", "none", "?"): ("auto", "pass", "needs"),
    ("yes", "some", "on"): ("auto", "pass", "pass"),
    ("yes", "some", "off"): ("auto", "pass", "pass"),
    ("yes", "some", "?"): ("auto", "pass", "pass"),
    ("no", "none", "on"): ("none", "fail", "not_applicable"),
    ("no", "none", "off"): ("none", "fail", "not_applicable"),
    ("no", "none", "?"): ("none", "fail", "not_applicable"),
    ("no", "some", "on"): ("liquid", "pass", "not_applicable"),
    ("no", "some", "off"): ("liquid", "pass", "not_applicable"),
    ("no", "some", "?"): ("liquid", "pass", "not_applicable"),
}

# Of an external table Databricks maintains nothing, whatever is said of it.
_CLUSTERING_OUTSIDE: Final = {
    ("yes", "none"): ("none", "fail", "fail"),
    ("yes", "some"): ("auto", "pass", "fail"),
    ("no", "none"): ("none", "fail", "not_applicable"),
    ("no", "some"): ("liquid", "pass", "not_applicable"),
}

# Own properties, predictive optimization: the outcomes of keys_have_statistics for a key
# in place 32 and for one in place 33.
_NUMBER, _LIST = "delta.dataSkippingNumIndexedCols", "delta.dataSkippingStatsColumns"
_OWN: Final[dict[str, Json]] = {
    "nothing": {},
    "first 32": {_NUMBER: "32"},
    "first 33": {_NUMBER: "33"},
    "all": {_NUMBER: "-1"},
    "no number": {_NUMBER: "many"},
    "a list with it": {_LIST: "c32,c33"},
    "a list without it": {_LIST: "c1", _NUMBER: "-1"},
}
_STATISTICS: Final = {
    ("nothing", "on"): ("pass", "pass"),
    ("nothing", "off"): ("pass", "fail"),
    ("nothing", "?"): ("pass", "needs"),
    **{("first 32", enabled): ("pass", "fail") for enabled in _ENABLED},
    **{("first 33", enabled): ("pass", "pass") for enabled in _ENABLED},
    **{("all", enabled): ("pass", "pass") for enabled in _ENABLED},
    **{("no number", enabled): ("fail", "fail") for enabled in _ENABLED},
    **{("a list with it", enabled): ("pass", "pass") for enabled in _ENABLED},
    **{("a list without it", enabled): ("fail", "fail") for enabled in _ENABLED},
}


def _table(number: int, kind: tuple[str, str | None], enabled: str, properties: Json) -> Json:
    table = {
        "full_name": f"prod.sales.t{number}",
        "catalog_name": "prod",
        "schema_name": "sales",
        "name": f"t{number}",
        "table_type": kind[0],
        "data_source_format": kind[1],
        "properties": properties,
        "columns": [{"name": f"c{n}", "type_text": "int"} for n in range(1, 41)],
        "size": {"bytes": 2**40, "exact": True},
        "detail": {},
        "access": {},
        "predictive_optimization": _ENABLED[enabled],
        "evidence": {},
    }
    return {name: value for name, value in table.items() if value is not None}


def _decide(opa: Decide, tables: list[Json], *policies: str) -> list[Json]:
    """Decide, hold the oracle against it, and return the answers."""
    asked = {
        "policies": list(policies),
        "settings": documents.DEFAULT_SETTINGS,
        "now": documents.NOW,
        "waivers": [],
        "tables": tables,
    }
    answers = opa(asked)
    for table, answer in zip(tables, answers, strict=True):
        for policy in policies:
            expected = expect(policy, table, documents.DEFAULT_SETTINGS, [], documents.NOW)
            decision = answer["decisions"][policy]
            assert decision["outcome"] == expected.outcome, (policy, table)
            missing = {each["kind"] for each in decision.get("missing", ())}
            assert missing == expected.missing, (policy, table)
    return answers


def _outcome(decision: Json) -> str:
    missing = [each["kind"] for each in decision.get("missing", ())]
    return "needs" if missing == ["predictive_optimization"] else str(decision["outcome"])


@pytest.mark.parametrize("engine", ["opa", "regorus"])
def test_who_chooses_the_keys(engine: str, request: pytest.FixtureRequest) -> None:
    """Every kind of table, with AUTO and without, with keys and without, on, off and not known."""
    decide: Decide = request.getfixturevalue(engine)
    rows = [
        (kind, auto, keys, enabled)
        for kind, auto, keys, enabled in product(
            [*_MAINTAINED, *_EXTERNAL], ("yes", "no"), _KEYS, _ENABLED
        )
    ]
    tables = [
        _table(
            number,
            kind,
            enabled,
            {"clusteringColumns": _KEYS[keys]}
            | ({"clusterByAuto": "true"} if auto == "yes" else {}),
        )
        for number, (kind, auto, keys, enabled) in enumerate(rows)
    ]
    strategy, possible = "clustering.strategy_required", "clustering.auto_possible"
    answers = _decide(decide, tables, strategy, possible)
    for (kind, auto, keys, enabled), answer in zip(rows, answers, strict=True):
        decisions = answer["decisions"]
        found = (
            answer["facts"]["clustering"]["strategy"],
            _outcome(decisions[strategy]),
            _outcome(decisions[possible]),
        )
        outside = kind in _EXTERNAL
        expected = _CLUSTERING_OUTSIDE[auto, keys] if outside else _CLUSTERING[auto, keys, enabled]
        assert found == expected, (kind, auto, keys, enabled)


@pytest.mark.parametrize("engine", ["opa", "regorus"])
def test_who_chooses_the_columns_with_statistics(
    engine: str, request: pytest.FixtureRequest
) -> None:
    """Every kind of table and property, for a key among the first 32 leaves and for one behind."""
    decide: Decide = request.getfixturevalue(engine)
    rows = list(product([*_MAINTAINED, *_EXTERNAL], _OWN, _ENABLED, ("c32", "c33")))
    tables = [
        _table(number, kind, enabled, {"clusteringColumns": f'[["{key}"]]'} | _OWN[own])
        for number, (kind, own, enabled, key) in enumerate(rows)
    ]
    policy = "clustering.keys_have_statistics"
    answers = _decide(decide, tables, policy)
    for (kind, own, enabled, key), answer in zip(rows, answers, strict=True):
        known = "off" if kind in _EXTERNAL else enabled
        expected = _STATISTICS[own, known][key == "c33"]
        if kind[1] == "ICEBERG":
            expected = "not_applicable"
        assert _outcome(answer["decisions"][policy]) == expected, (kind, own, enabled, key)


def test_the_detail_tells_of_auto_only_where_no_property_does(opa: Decide) -> None:
    """The listing may lack the property; where it has one, that is newer."""
    policy = "clustering.strategy_required"
    cases = [
        ({}, True, "pass"),
        ({}, False, "fail"),
        ({"clusterByAuto": "false"}, True, "fail"),
        ({"clusterByAuto": "true"}, False, "pass"),
    ]
    tables = [
        _table(number, _MAINTAINED[0], "on", properties) | {"detail": {"cluster_by_auto": detail}}
        for number, (properties, detail, _) in enumerate(cases)
    ]
    answers = _decide(opa, tables, policy)
    outcomes = [answer["decisions"][policy]["outcome"] for answer in answers]
    assert outcomes == [expected for *_, expected in cases]
