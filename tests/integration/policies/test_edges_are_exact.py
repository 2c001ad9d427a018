"""Numbers and patterns at their very edge, where an engine's arithmetic or alphabet would show."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest

from lakewarden_collector import texts
from tests.support import documents
from tests.support.agreement import Agreement, Decide

pytestmark = pytest.mark.opa

Json = dict[str, Any]

_BOTH: Final = ["opa", "regorus"]
_PERCENT: Final = range(0, 101, 3)


def _table(number: int, **fields: object) -> Json:
    return {
        "full_name": f"main.größe.t{number}",
        "catalog_name": "main",
        "schema_name": "größe",
        "name": f"t{number}",
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "owner": "größe",
        "comment": "",
        "properties": {},
        "size": {},
        "detail": {},
        "access": {},
        "evidence": {},
    } | fields


@pytest.mark.parametrize("engine", _BOTH)
def test_a_share_of_columns_is_exact(engine: str, request: pytest.FixtureRequest) -> None:
    """A table with exactly the demanded share of commented columns must not fail for a rounding."""
    decide: Decide = request.getfixturevalue(engine)
    agreement = Agreement()
    for percent in _PERCENT:
        tables: list[Json] = []
        for total in (5, 20, 100):
            edge = percent * total // 100
            for commented in range(max(0, edge - 1), min(total, edge + 1) + 1):
                columns = [{"name": f"c{n}", "comment": "Days"} for n in range(commented)]
                columns += [{"name": f"c{n}", "comment": ""} for n in range(commented, total)]
                tables.append(_table(len(tables), columns=columns))
        share = {"min_commented_column_share": percent / 100}
        asked = documents.about("documentation.columns_commented", share, tables)
        agreement.compare(asked, decide(asked))
    trouble = agreement.trouble(decide)
    assert not trouble, trouble


@pytest.mark.parametrize("engine", _BOTH)
def test_the_band_around_a_limit_is_exact(engine: str, request: pytest.FixtureRequest) -> None:
    """A size on the edge of the band does not decide, whatever binary fractions make of it."""
    decide: Decide = request.getfixturevalue(engine)
    agreement = Agreement()
    for percent in _PERCENT:
        for limit in (100, 10**9, 10**12):
            factors = [percent / 100, round(1 + percent / 100, 2)]  # as people write them
            sizes = [int(Fraction(str(f)) * limit) + step for f in factors for step in (-1, 0, 1)]
            tables = [
                _table(number, size={"bytes": max(0, size), "as_of": documents.NOW})
                for number, size in enumerate(sizes)
            ]
            chosen = {"inexact_size_guard": factors, "size_threshold_bytes": limit}
            asked = documents.about("clustering.strategy_required", chosen, tables)
            agreement.compare(asked, decide(asked))
    trouble = agreement.trouble(decide)
    assert not trouble, trouble


_PATTERNS: Final[dict[str, tuple[str, Json]]] = {
    "forbidden key": ("clustering.keys_follow_standard", {"forbidden_key_patterns": ["gr??e"]}),
    "table of a leading key": (
        "clustering.keys_follow_standard",
        {"required_leading_keys": [{"tables": "main.gr??e.*", "key": "id"}]},
    ),
    "test schema": (
        "clustering.strategy_required",
        {"test_schemas": ["gr??e"], "size_threshold_bytes": 0},
    ),
    "critical column": (
        "documentation.columns_commented",
        {"critical_columns": ["gr??e"], "min_commented_column_share": 0},
    ),
    "group": ("documentation.owner_is_group", {"group_owner_patterns": ["gr??e"]}),
    "waiver": ("documentation.table_commented", {}),
}


@pytest.mark.parametrize("engine", _BOTH)
@pytest.mark.parametrize("pattern", _PATTERNS)
def test_a_question_mark_is_one_character(
    engine: str, pattern: str, request: pytest.FixtureRequest
) -> None:
    """Of any alphabet: an engine that counts bytes would not find a name with an umlaut."""
    decide: Decide = request.getfixturevalue(engine)
    policy, chosen = _PATTERNS[pattern]
    table = _table(
        0,
        columns=[{"name": "größe", "comment": ""}],
        detail={"clustering_columns": ["größe"]} if "key" in pattern else {},
        size={"bytes": 10, "exact": True},
    )
    asked = documents.about(policy, chosen, [table])
    if pattern == "waiver":
        asked["waivers"] = [{"policy": policy, "pattern": "*.gr??e.*", "expires": "2027-01-31"}]
    agreement = Agreement()
    agreement.compare(asked, decide(asked))
    trouble = agreement.trouble(decide)
    assert not trouble, trouble


_EDGES: Final = sorted(
    {
        point
        for first, last in (*texts.BLANK, *texts.HIDDEN, *texts.MARKS)
        for point in (first - 1, first, last, last + 1)
        if point >= 0 and not 0xD800 <= point <= 0xDFFF  # no characters
    }
)


@pytest.mark.parametrize("engine", _BOTH)
def test_what_shows_nothing_is_the_same_to_collector_and_policies(
    engine: str, request: pytest.FixtureRequest
) -> None:
    """Engines have different versions of Unicode and different classes; a list has none."""
    decide: Decide = request.getfixturevalue(engine)
    found = [chr(point) for point in _EDGES]
    tables = [_table(n, comment=each, owner=f"{each}a{each}") for n, each in enumerate(found)]
    asked = documents.about(
        "documentation.table_commented", {"min_table_comment_length": 1}, tables
    )
    answers = decide(asked)
    for text, answer in zip(found, answers, strict=True):
        empty = answer["decisions"]["documentation.table_commented"]["outcome"] == "fail"
        assert empty is texts.is_empty(text), ascii(text)
    for table, answer in zip(
        tables, decide(documents.about("documentation.owner_is_group", {}, tables)), strict=True
    ):
        [reason] = answer["decisions"]["documentation.owner_is_group"]["reasons"]
        assert reason == f"Its owner {texts.plain(table['owner'])} counts as a group."
