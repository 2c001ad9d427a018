"""Fixes run on Spark: a table that Spark made and a policy failed then passes, and undo undoes it.

A statement that Spark refuses, or that doesn't do what its policy says, would be advice that breaks
something. What Spark lacks (owners, tags, CLUSTER BY AUTO, predictive optimization, REPLACE
PARTITIONED BY) is read in tests/integration/policies/test_fixes.py.
"""

# ruff: noqa: ISC004 -- a statement on two lines is plain to see in a list of statements

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from lakewarden.engines.opa.managed import managed
from tests.integration.spark.lake import SparkLake
from tests.support import rego
from tests.support.agreement import Decide, asking
from tests.support.fixing import decided, filled

pytestmark = [pytest.mark.spark, pytest.mark.opa, pytest.mark.xdist_group("spark")]

Json = dict[str, Any]

_COLUMNS: Final = "(id BIGINT, city STRING, `or``der` STRING, day DATE)"
_PLAIN: Final = f"CREATE TABLE {{t}} {_COLUMNS} USING delta"
_ROW: Final = "INSERT INTO {t} VALUES (1, 'a', 'b', DATE'2026-01-01')"
_SMALL: Final = {"size_threshold_bytes": 0, "exempt_small_tables": False}
_LACKING: Final = "COMPUTE DELTA STATISTICS"
"""What Delta has on Databricks only; whether files have statistics is in no document."""

# By a name: the policy, the statements that make the table, the settings, which fix is tried.
CASES: Final[dict[str, tuple[str, tuple[str, ...], Json, int]]] = {
    "no strategy": ("clustering.strategy_required", (_PLAIN, _ROW), _SMALL, 0),
    "partitioned": (
        "clustering.partitioned_table",
        (f"{_PLAIN} PARTITIONED BY (day)", _ROW),
        {},
        1,
    ),
    "too many keys": (
        "clustering.key_limit",
        (f"{_PLAIN} CLUSTER BY (id, city, `or``der`)",),
        {"max_clustering_columns": 2},
        0,
    ),
    "other keys": (
        "clustering.keys_follow_standard",
        (f"{_PLAIN} CLUSTER BY (city, `or``der`)",),
        {"forbidden_key_patterns": ["c*"]},
        0,
    ),
    "half auto-optimised": (
        "clustering.auto_optimize_complete",
        (f"{_PLAIN} TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true')",),
        {},
        0,
    ),
    "half auto-optimised, removed": (
        "clustering.auto_optimize_complete",
        (f"{_PLAIN} TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true')",),
        {},
        1,
    ),
    "two strategies": (
        "clustering.single_strategy",
        (
            f"{_PLAIN} CLUSTER BY (id) TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true',"
            " 'delta.autoOptimize.autoCompact' = 'true')",
        ),
        {},
        0,
    ),
    "excluded": (
        "clustering.no_exclusion_conflict",
        (f"{_PLAIN} CLUSTER BY (id) TBLPROPERTIES ('it''s out' = 'TRUE')",),
        {"exclusion_property": "it's out"},
        0,
    ),
    "clustered": (
        "clustering.no_exclusion_conflict",
        (f"{_PLAIN} CLUSTER BY (id, `or``der`) TBLPROPERTIES ('cluster_exclusion' = 'true')",),
        {},
        1,
    ),
    "excluded by itself": (
        "clustering.exclusion_justified",
        (f"{_PLAIN} TBLPROPERTIES ('cluster_exclusion' = 'true')",),
        {"exclusion_review_bytes": 0},
        1,
    ),
    "not described": (
        "documentation.table_commented",
        (rf"{_PLAIN} COMMENT 'TODO: it\'s\n\\d'",),
        {},
        0,
    ),
    "not described at all": ("documentation.table_commented", (_PLAIN,), {}, 0),
    "columns": ("documentation.columns_commented", (_PLAIN,), {}, 0),
    "keys not listed": (
        "clustering.keys_have_statistics",
        (
            f"{_PLAIN} CLUSTER BY (id, `or``der`)",
            _ROW,
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'id')",
        ),
        {},
        0,
    ),
    "keys not counted": (
        "clustering.keys_have_statistics",
        (
            f"{_PLAIN} CLUSTER BY (day)",
            _ROW,
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '1')",
        ),
        {},
        0,
    ),
}


@pytest.fixture(scope="module")
def opa() -> Iterator[Decide]:
    with managed(rego.opa_binary(), [rego.POLICIES]) as engine:
        yield asking(engine)


_OFTEN: Final = {"no strategy", "partitioned", "two strategies", "columns", "keys not listed"}
"""The others say the same of other clauses."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in _OFTEN else pytest.mark.nightly) for name in CASES],
)
def test_a_fix_works_and_can_be_undone(
    name: str, lake: SparkLake, opa: Decide, tmp_path: Path
) -> None:
    policy, making, settings, number = CASES[name]
    table = f"fix_{list(CASES).index(name)}"
    lake.run(statement.replace("{t}", table) for statement in making)
    before = _read(lake, table, tmp_path)
    decision = decided(opa, policy, before, settings)
    assert decision["outcome"] == "fail", decision
    [fix] = {msgspec.json.encode(each["fixes"][number]) for each in decision["violations"]}
    way = msgspec.json.decode(fix)
    lake.run(filled(each) for each in way["sql"] if _LACKING not in each)
    after = _read(lake, table, tmp_path)
    again = decided(opa, policy, after, settings)
    assert again["outcome"] in {"pass", "not_applicable"}, again
    lake.run(map(filled, way["undo"]))
    assert _compared(_read(lake, table, tmp_path)) == _compared(before)


def _read(lake: SparkLake, table: str, scratch: Path) -> Json:
    lake.forget()
    document: Json = msgspec.to_builtins(lake.read(table, scratch))
    return document


def _compared(table: Json) -> Json:
    """Return what has to be as it was; a table that is unclustered again has a list of no keys."""
    properties = {
        name: value
        for name, value in table["properties"].items()
        if (name, value) != ("clusteringColumns", "[]")
    }
    columns = [
        (column["name"], column["type_text"], column["comment"], column.get("partition_index"))
        for column in table["columns"]
    ]
    return {"comment": table["comment"], "properties": properties, "columns": columns}
