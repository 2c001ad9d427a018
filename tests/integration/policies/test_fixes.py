"""What the fixes of the shipped policies do: they fix the table, and their undo gives it back.

The SQL source reads the statements, so each document is what Databricks would make of the table, as
far as this project knows; tests/integration/spark runs on Spark what Spark has. sqlglot, which
isn't ours, reads every statement about drawn tables with names that are hard to quote.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any, Final

import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.errors import ParseError

from tests.support import documents
from tests.support.agreement import Decide
from tests.support.fixing import CHOSEN, after, decided, filled, named, sql_of

pytestmark = pytest.mark.opa

Json = dict[str, Any]


def _table(**fields: Any) -> Json:  # noqa: ANN401 -- any part of a document
    columns = [
        {"name": name, "type_text": "string", "comment": "", "position": place}
        for place, name in enumerate(("id", "city", "or`der", "day"))
    ]
    base = named(
        ("prod", "Sales EU", "or`ders"),
        table_type="MANAGED",
        data_source_format="DELTA",
        owner="jo@acme.example",
        comment="it's\nTODO",
        tags={},
        properties={},
        columns=columns,
        size={"bytes": 2**38, "exact": True},
        detail={},
        access={"reads": 5000},
        predictive_optimization={"enabled": False, "inherited_from": "CATALOG prod"},
        evidence={},
        definition={},
    )
    return base | fields


def _keyed(keys: str, **properties: str) -> Json:
    return {"properties": {"clusteringColumns": keys} | properties}


_WRITE: Final = {"delta.autoOptimize.optimizeWrite": "TRUE"}
_COMPACT: Final = {"delta.autoOptimize.autoCompact": "true"}
_BY_DAY: Final = [
    {"name": "id", "type_text": "string", "comment": ""},
    {"name": "day", "type_text": "date", "comment": "", "partition_index": 0},
]

BROKEN: Final[dict[str, tuple[str, Json, Json]]] = {
    "no strategy": ("clustering.strategy_required", {}, {}),
    "no strategy, optimized": (
        "clustering.strategy_required",
        {"predictive_optimization": {"enabled": True}},
        {},
    ),
    "external": ("clustering.strategy_required", {"table_type": "EXTERNAL"}, {}),
    "read often": ("clustering.frequently_read", {}, {"require_liquid_for_frequent_reads": True}),
    "automatic without effect": (
        "clustering.auto_possible",
        {"properties": {"clusterByAuto": "true"}},
        {},
    ),
    "automatic outside": (
        "clustering.auto_possible",
        {
            "properties": {"clusterByAuto": "true"},
            "table_type": "EXTERNAL",
            "predictive_optimization": {"enabled": True},
        },
        {},
    ),
    "too many keys": (
        "clustering.key_limit",
        _keyed('[["id"],["city"],["or`der"]]'),
        {"max_clustering_columns": 2},
    ),
    "no such key": ("clustering.keys_exist", _keyed('[["gone"],["or`der"]]'), {}),
    "no such keys": ("clustering.keys_exist", _keyed('[["gone"]]'), {}),
    "forbidden key": (
        "clustering.keys_follow_standard",
        _keyed('[["city"],["or`der"]]'),
        {"forbidden_key_patterns": ["c*"], "allowed_key_patterns": ["o*", "id"]},
    ),
    "another key first": (
        "clustering.keys_follow_standard",
        _keyed('[["city"]]'),
        {"required_leading_keys": [{"tables": "*", "key": "id"}]},
    ),
    "keys not listed": (
        "clustering.keys_have_statistics",
        _keyed('[["id"],["or`der"],["city"]]', **{"delta.dataSkippingStatsColumns": "id"}),
        {},
    ),
    "keys not counted": (
        "clustering.keys_have_statistics",
        _keyed('[["day"],["id"]]', **{"delta.dataSkippingNumIndexedCols": "2"}),
        {},
    ),
    "key of no use": (
        "clustering.keys_have_statistics",
        _keyed('[["flags"]]')
        | {
            "columns": [
                {"name": "id", "type_text": "string", "comment": ""},
                {"name": "flags", "type_text": "array<int>", "comment": ""},
            ]
        },
        {},
    ),
    "excluded and clustered": (
        "clustering.no_exclusion_conflict",
        _keyed('[["id"]]', cluster_exclusion="True"),
        {},
    ),
    "excluded and automatic": (
        "clustering.no_exclusion_conflict",
        {"properties": {"clusterByAuto": "true", "cluster_exclusion": "true"}},
        {},
    ),
    "excluded by itself": (
        "clustering.exclusion_justified",
        {"properties": {"cluster_exclusion": "true"}},
        {"exclusion_approval_tag": "it's agreed"},
    ),
    "half auto-optimised": (
        "clustering.auto_optimize_complete",
        {"properties": {**_WRITE, "delta.autoOptimize.autoCompact": "false"}},
        {},
    ),
    "two strategies": ("clustering.single_strategy", _keyed('[["id"]]', **_WRITE, **_COMPACT), {}),
    "partitioned": ("clustering.partitioned_table", {"columns": _BY_DAY}, {}),
    "not described": ("documentation.table_commented", {}, {}),
    "not described at all": ("documentation.table_commented", {"comment": ""}, {}),
    "columns": ("documentation.columns_commented", {}, {}),
    "critical columns": (
        "documentation.columns_commented",
        {},
        {"critical_columns": ["or*", "c*"], "min_commented_column_share": 0},
    ),
    "a person": ("documentation.owner_is_group", {}, {}),
}
"""By a name: a policy, what breaks it, and the settings of its domain under which it does."""

ELSEWHERE: Final = ("RESTORE TABLE ", " UNSET MANAGED")
"""What the SQL source doesn't understand, since a document says nothing of what was before."""


def _alternatives(decision: Json) -> list[list[Json]]:
    """Return ways to fix all violations: the first fix of each, the second, and so on."""
    offered = [violation["fixes"] for violation in decision["violations"]]
    ways = [
        [fixes[min(n, len(fixes) - 1)] for fixes in offered] for n in range(max(map(len, offered)))
    ]
    return [way for way in ways if any(fix.get("sql") for fix in way)]


@pytest.mark.parametrize("name", BROKEN)
def test_every_way_fixes_the_table_and_can_be_undone(opa: Decide, name: str) -> None:
    policy, broken, settings = BROKEN[name]
    table = _table(**broken)
    decision = decided(opa, policy, table, settings)
    assert decision["outcome"] == "fail", decision
    for way in _alternatives(decision):
        statements = [filled(each) for fix in way for each in fix["sql"]]
        fixed = after(table, statements)
        again = decided(opa, policy, fixed, settings)
        assert again["outcome"] in {"pass", "not_applicable"}, (statements, again)
        undo = [filled(each) for fix in reversed(way) for each in fix["undo"]]
        assert undo or "can't be undone" in way[0]["note"], way
        if undo and not any(words in each for words in ELSEWHERE for each in undo):
            assert _compared(after(fixed, undo)) == _compared(table), undo


def _compared(table: Json) -> Json:
    """Return what has to be as it was, the keys where nobody else chooses them; no list is none."""
    kept = {part: table.get(part) for part in ("comment", "owner", "tags", "table_type")}
    properties = {
        name: value
        for name, value in table["properties"].items()
        if name != "clusteringColumns"
        or (value != "[]" and "clusterByAuto" not in table["properties"])
    }
    places = {column["name"]: column.get("position", 0) for column in table["columns"]}
    columns = [(column["name"], column["comment"]) for column in table["columns"]]
    columns.sort(key=lambda column: places[column[0]])
    return kept | {"properties": properties, "columns": columns}


# What sqlglot doesn't know, as Databricks documents it. `{t}` is the table, as it is quoted.
DOCUMENTED: Final = {
    # https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-comment
    r"COMMENT ON TABLE {t} IS NULL",
    # https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-alter-table
    r"ALTER (?:TABLE|VIEW) {t} SET OWNER TO (?:`(?:[^`]|``)+`|\w+)",
    r"ALTER TABLE {t} UNSET TBLPROPERTIES \('(?:[^'\\]|\\.)*'(?:, '(?:[^'\\]|\\.)*')*\)",
    r"ALTER TABLE {t} UNSET TBLPROPERTIES IF EXISTS \('[\w.]+'\)",
    r"ALTER TABLE {t} UNSET TAGS \('(?:[^'\\]|\\.)*'\)",
    r"ALTER TABLE {t} SET TAGS \('(?:[^'\\]|\\.)*' = '(?:[^'\\]|\\.)*'\)",
    r"ALTER TABLE {t} (?:ENABLE|DISABLE|INHERIT) PREDICTIVE OPTIMIZATION",
    # https://docs.databricks.com/delta/clustering, "Convert partitioned tables"
    r"ALTER TABLE {t} REPLACE PARTITIONED BY WITH CLUSTER BY (?:AUTO|\(.+\))",
    # https://docs.databricks.com/tables/convert-external-managed
    r"ALTER TABLE {t} (?:SET|UNSET) MANAGED",
    # https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-analyze-compute-statistics
    r"ANALYZE TABLE {t} COMPUTE DELTA STATISTICS",
    # https://docs.databricks.com/sql/language-manual/delta-restore
    r"RESTORE TABLE {t} TO VERSION AS OF [0-9]+",
}

HOSTILE: Final = (
    *(
        "plain",
        "a b",
        "a`b",
        "``",
        "it's",
        'q"uote',
        "dot.ted",
        "größe",
        "表",
        "🦆",
        "select",
        "order",
    ),
    *(
        "table",
        "1e5",
        "123",
        "0x1F",
        "x;y",
        "a--b",
        "/*c",
        "${env:x}",
        "a\\b",
        " lead",
        "{{ x }}",
        "<b>",
    ),
    *("none", "auto", "null", "true", "user", "group", "1", "a\nb", "-", "%s", "ALTER TABLE x"),
)
CHOSEN_COMMENT: Final = CHOSEN["<'what a row is, where it comes from, who can rely on it'>"][1:-1]
_TEXTS: Final = (
    *HOSTILE,
    "",
    "it''s",
    "\\",
    "\\'",
    "a\r\n\tb",
    "'; DROP TABLE x; --",
    "\\u0041",
    "${x}",
)


def _hostile(rng: random.Random, table: Json) -> Json:
    """Give a drawn table, its columns and its owner names that are hard to quote, comments too."""
    columns = [
        column | {"name": rng.choice(HOSTILE)} if rng.randrange(3) == 0 else column
        for column in table.get("columns", [])
    ]
    for column in columns:
        if rng.randrange(3) == 0:
            column["comment"] = rng.choice(_TEXTS)
    keys = [column["name"] for column in columns if rng.randrange(3) == 0][:5]
    changed = {
        "columns": columns,
        "comment": rng.choice(_TEXTS),
        "owner": rng.choice(_TEXTS),
        "storage_location": rng.choice(_TEXTS),
    }
    if "properties" in table and rng.randrange(2):
        text = json.dumps([[key] for key in keys])
        changed["properties"] = table["properties"] | {"clusteringColumns": text}
    parts = [rng.choice(HOSTILE) for _ in range(3)]
    return table | {part: changed[part] for part in changed if part in table} | named(parts)


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_statements_are_about_this_table_and_say_what_is_meant(opa: Decide, seed: int) -> None:
    """Whatever a table is called: each statement parses with exactly the parts of its name."""
    rng = random.Random(seed)  # noqa: S311 -- a repeatable sample
    asked = documents.request(rng, 40)
    asked["tables"] = [_hostile(rng, table) for table in asked["tables"]]
    for table, answer in zip(asked["tables"], opa(asked), strict=True):
        for decision in answer["decisions"].values():
            for fix, statements in sql_of(decision):
                assert fix["title"] == fix["title"].strip()
                for statement in statements:
                    _check(table, filled(statement))


def _check(table: Json, statement: str) -> None:
    parts = [table[part] for part in ("catalog_name", "schema_name", "name")]
    try:
        tree = sqlglot.parse_one(statement, read="databricks")
    except ParseError:
        tree = None
    if tree is None or isinstance(tree, exp.Command):
        quoted = ".".join(map(_pattern, parts))
        forms = [form.replace("{t}", quoted) for form in DOCUMENTED]
        assert any(re.fullmatch(form, statement, re.DOTALL) for form in forms), statement
        return
    for found in tree.find_all(exp.Table):
        assert [part.name for part in found.parts] == parts, statement
    if isinstance(tree, exp.Comment) and not isinstance(tree.expression, exp.Null):
        assert tree.expression.name in {table["comment"], CHOSEN_COMMENT}, statement


def _pattern(part: str) -> str:
    """Return a pattern of the quoted part, or of the part itself where it needs no quotes."""
    quoted = re.escape("`" + part.replace("`", "``") + "`")
    return f"(?:{quoted}|{part})" if re.fullmatch(r"\w+", part, re.ASCII) else quoted
