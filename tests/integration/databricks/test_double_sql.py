"""The SQL that the double understands: what it names, what it selects, what it refuses."""

# ruff: noqa: S608 -- the names in these statements are constants
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workspace.estate import PRINCIPAL, SqlError
from tests.workspace.grants import Guarded
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.sqltext import DescribeDetail, read
from tests.workspace.system_catalog import LINEAGE, METRICS

names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
plain = names.filter(lambda name: "`" not in name)


def estate() -> HandmadeEstate:
    made = HandmadeEstate()
    main = made.catalog("main", domain="core")
    sales = main.schema("sales", domain="finance")
    sales.table("a", metric_bytes=10, tags={"tier": "gold"}, reads=["ann", "ann", PRINCIPAL])
    sales.table("b", metric_bytes=20, metric_days=9, reads=["bob"], read_days=60)
    sales.table("c")
    made.catalog("dev").schema("x").table("a", metric_days=0, metric_bytes=None)
    return made


def rows(sql: str, **parameters: str | int) -> list[tuple[str | None, ...]]:
    return sorted((tuple(r) for r in estate().execute(sql, parameters).rows), key=str)


@given(st.tuples(names, names, names))
def test_parts_that_are_quoted_right_come_back_as_they_were(parts: tuple[str, ...]) -> None:
    text = ".".join("`" + part.replace("`", "``") + "`" for part in parts)
    assert read(f"DESCRIBE DETAIL {text}") == DescribeDetail(parts)
    assert read(f"desc detail\n{text};") == DescribeDetail(parts)


# What comes after the back quote isn't a comment, with which the statement would be right.
@given(st.tuples(plain, plain.filter(lambda name: not name.lstrip().startswith(("--", "/*")))))
def test_a_back_quote_that_is_not_doubled_is_a_syntax_error(around: tuple[str, str]) -> None:
    name = "`".join(around)
    with pytest.raises(SqlError) as raised:
        read(f"DESCRIBE DETAIL `main`.`sales`.`{name}`")
    assert raised.value.sql_state == "42601"


@pytest.mark.parametrize(
    "text",
    [
        "DESCRIBE DETAIL main.sales.my-table",
        "DESCRIBE DETAIL main.sales.größe",
        "DESCRIBE DETAIL main..t",
        "DESCRIBE DETAIL main.sales.``",
        "DESCRIBE DETAIL main.sales.t x",
        "DESCRIBE DETAIL",
        "DESCRIBE DETAIL 'main.sales.t'",
        "DESCRIBE DETAIL IDENTIFIER(:t)",
        "DESCRIBE DETAIL IDENTIFIER(:c || '.s.t')",
        "DESCRIBE HISTORY main.sales.t",
        "SELECT 'open",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "INSERT INTO main.sales.t VALUES (1)",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_what_spark_or_the_double_does_not_know_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SqlError, match="PARSE_SYNTAX_ERROR"):
        read(text)


def test_names_are_found_without_regard_to_case() -> None:
    found = estate().execute("DESCRIBE DETAIL MAIN.`Sales`.A", {})
    assert "main.sales.a" in found.rows[0]


def test_a_select_is_run_and_not_guessed() -> None:
    latest = f"""
        SELECT m.`table_name` AS name, max_by(active_bytes, snapshot_date) AS b, count(*) n
        FROM {METRICS} AS m -- the history
        WHERE m.snapshot_date >= current_date() - INTERVAL 7 DAYS AND table_dropped_time IS NULL
          AND catalog_name = :catalog
        GROUP BY ALL"""
    assert rows(latest, catalog="main") == [("a", "10", "1")]
    assert rows(latest.replace("INTERVAL 7", "INTERVAL 30"), catalog="main") == [
        ("a", "10", "1"),
        ("b", "20", "1"),
    ]
    assert rows(latest, catalog="dev") == [("a", None, "1")]
    probe = f"SELECT catalog_name, count(DISTINCT table_id), count(active_bytes) FROM {METRICS}"
    assert rows(probe + " GROUP BY catalog_name") == [("dev", "1", "0"), ("main", "2", "2")]


def test_reads_are_counted_by_table_without_our_own() -> None:
    text = f"""
        SELECT source_table_catalog c, source_table_schema s, source_table_name t,
               count(*) AS reads, count(DISTINCT created_by) AS readers
        FROM {LINEAGE}
        WHERE event_date >= date_sub(current_date(), :days) AND created_by <> :principal
        GROUP BY source_table_catalog, source_table_schema, source_table_name"""
    assert rows(text, days=30, principal=PRINCIPAL) == [("main", "sales", "a", "2", "1")]
    assert len(rows(text, days=90, principal=PRINCIPAL)) == 2


def test_tags_of_all_levels_come_in_one_statement() -> None:
    tags = "system.information_schema"
    text = f"""
        SELECT catalog_name, CAST(NULL AS STRING) AS schema_name, CAST(NULL AS STRING) AS t,
               tag_name, tag_value FROM {tags}.catalog_tags
        UNION ALL
        SELECT catalog_name, schema_name, NULL, tag_name, tag_value FROM {tags}.schema_tags
        UNION ALL SELECT * FROM `system`.`information_schema`.`table_tags`"""
    assert rows(text) == [
        ("main", "sales", "a", "tier", "gold"),
        ("main", "sales", None, "domain", "finance"),
        ("main", None, None, "domain", "core"),
    ]


@pytest.mark.parametrize(
    ("text", "sql_state"),
    [
        ("SELECT x FROM system.storage.nowhere", "42P01"),
        ("SELECT x FROM main.sales.a", "42P01"),
        (f"SELECT nowhere FROM {METRICS}", "42703"),
        (f"SELECT table_id FROM {METRICS} WHERE catalog_name = :c", "42P02"),
        (f"SELECT table_id FROM {METRICS} WHERE snapshot_date > current_date() - INTERVAL :n DAYS",
         "42601"),
        ("SELECT table_id, FROM", "42601"),
    ],
)  # fmt: skip
def test_a_select_that_is_wrong_fails_as_in_spark(text: str, sql_state: str) -> None:
    with pytest.raises(SqlError) as raised:
        estate().execute(text, {})
    assert raised.value.sql_state == sql_state


def test_strings_mean_what_they_mean_in_spark() -> None:
    assert rows("SELECT 'it''s', 'it\\'s', \"a\\\\b\", 'x -- y'") == [
        ("it's", "it's", "a\\b", "x -- y")
    ]


def test_system_tables_can_be_denied_or_not_enabled() -> None:
    guarded = Guarded(estate())
    guarded.deny_system(METRICS)
    guarded.disable_system(LINEAGE)
    for full_name, sql_state in ((METRICS, "42501"), (LINEAGE, "42P01")):
        quoted = ".".join(f"`{part}`" for part in full_name.split("."))
        for name in (full_name, quoted):
            with pytest.raises(SqlError) as raised:
                guarded.execute(f"SELECT * FROM {name}", {})
            assert raised.value.sql_state == sql_state
    assert guarded.execute("SELECT 1", {}).rows == [("1",)]
