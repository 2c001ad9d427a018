"""Statements one after another: each takes effect, is skipped by name, or has a failure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.sql import SqlSource
from tests.support.sql_texts import TEXTS, accounted, only

STATEMENTS: Final = (
    "CREATE TABLE t (a INT)",
    "CREATE TABLE IF NOT EXISTS t (a INT)",
    "CREATE OR REPLACE TABLE t (a INT, b STRING) CLUSTER BY (b)",
    "CREATE TABLE u LIKE t",
    "CREATE TABLE u SHALLOW CLONE old",
    "CREATE TABLE old (x INT)",
    "CREATE TABLE IF NOT EXISTS old (x INT)",
    "CREATE OR REPLACE TABLE old AS SELECT 1 AS a",
    "CREATE OR REFRESH STREAMING TABLE st AS SELECT * FROM STREAM t",
    "CREATE MATERIALIZED VIEW mv AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TEMPORARY VIEW t AS SELECT 1",
    "ALTER TABLE t ADD COLUMN c INT",
    "ALTER TABLE t DROP COLUMN IF EXISTS a",
    "ALTER TABLE old ALTER COLUMN id TYPE DECIMAL(30)",
    "ALTER TABLE old RENAME TO renamed",
    "ALTER TABLE t RENAME TO old",
    "ALTER TABLE t RENAME TO a.b.c.d",
    "ALTER TABLE IF EXISTS nowhere SET TBLPROPERTIES (a = 1)",
    "ALTER TABLE nowhere SET TBLPROPERTIES (a = 1)",
    "ALTER TABLE t FROBNICATE",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
    "ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a) RELY",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1 + (2), b COMMENT 'x' FIRST",
    "ALTER TABLE t SET TAGS ('a' = 'b')",
    "CREATE TABLE w (a INT GENERATED ALWAYS AS IDENTITY (START WITH -1), b INT MASK f)",
    "CREATE TABLE w (a VARCHAR(3) DEFAULT 'x', b INT GENERATED ALWAYS AS (a)) USING x",
    "CREATE TABLE w (a INT) OPTIONS (path '/x') PARTITIONED BY (a) WITH ROW FILTER f ON (a)",
    "CREATE STREAMING TABLE w (CONSTRAINT x EXPECT (a) ON VIOLATION DROP ROW) SCHEDULE EVERY 1 DAY",
    "COPY INTO t FROM 'x' COPY_OPTIONS ('mergeSchema' = 'true')",
    "SET TAG ON TABLE t a = b",
    "ALTER VIEW v SET TBLPROPERTIES (a = 1)",
    "COMMENT ON TABLE v IS 'x'",
    "COMMENT ON TABLE t IS 'a;b'",
    "COMMENT ON COLUMN old.id IS NULL",
    "DROP TABLE t",
    "DROP TABLE IF EXISTS nowhere",
    "DROP VIEW t",
    "DROP SCHEMA s CASCADE",
    "DROP SCHEMA main.s",
    "DROP SCHEMA a.b.c",
    "DROP CATALOG main CASCADE",
    "USE main.s",
    "USE CATALOG other",
    "USE IDENTIFIER(:x)",
    "INSERT INTO t VALUES ('x;y')",
    "DECLARE OR REPLACE VARIABLE x INT DEFAULT 3",
    "SET VAR x = (SELECT 1)",
    "EXECUTE IMMEDIATE 'CREATE TABLE z (a INT)'",
    "CREATE TABLE IDENTIFIER(:x) (a INT)",
    "CREATE TABLE {{ x }} (a INT)",
    "CREATE TABLE ${c}.s.t (a INT)",
    "{% if x %} CREATE TABLE t (a INT)",
    "{% endif %} SELECT 1",
    "BEGIN DECLARE x INT",
    "END",
    "CREATE PROCEDURE p() LANGUAGE SQL AS BEGIN SELECT 1",
    "DELIMITER //",
    "CALL p()",
    "GRANT SELECT ON TABLE t TO x",
    "CREATE TABLE t (a INT) COMMENT 'open",
    "SELECT " + "(" * 1500,
    "CREATE TABLE deep (a " + "ARRAY<" * 1500,
    "CREATE TABLE deep AS SELECT " + "(" * 1500 + "1" + ")" * 1500,
    "CREATE TABLE delta.`/a/b` (a INT)",
    "CREATE TABLE t (\ud7ff INT, `ü;` INT)",
    r"CREATE OR REPLACE TABLE t (a INT COMMENT '\ud83d\u0000') COMMENT '\U0010ffff\ude00\777'",
    r"ALTER TABLE t SET TBLPROPERTIES ('\ud83d' = '\udfff', 'clusteringColumns' = 'junk')",
    "CREATE",
    "ALTER TABLE",
    "DROP",
    ";",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(STATEMENTS), max_size=8))
def test_no_statement_passes_by_silence(texts: Sequence[str]) -> None:
    accounted(";\r\n".join(texts))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("\x00;\udfff".encode("utf-8", "ignore").decode())
def test_any_text_gives_tables_or_failures(text: str) -> None:
    accounted(text)


@st.composite
def _cut(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(STATEMENTS))
    return text[: draw(st.integers(0, min(len(text), 80)))]


@settings(max_examples=150, deadline=None)
@given(_cut(), _cut())
def test_half_a_statement_gives_tables_or_failures(first: str, second: str) -> None:
    accounted(f"{first};{second}")
    accounted(first + second)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.binary(max_size=60),
    before=st.sampled_from([b"", b"CREATE TABLE t (a INT);", b"\xef\xbb\xbf", b"\xff\xfe"]),
)
def test_any_bytes_give_tables_or_failures(data: bytes, before: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(before + data)
    (tmp_path / "b.sql").write_text("CREATE TABLE z.z.z (a INT)")
    items = {
        item.full_name if isinstance(item, TableDocument) else item.what
        for item in SqlSource(str(tmp_path), ("main", "s")).tables()
    }
    assert "z.z.z" in items


@pytest.mark.parametrize(
    "junk",
    [
        "FROB x",
        "ALTER TABLE main.s.q FROB",
        "CREATE TABLE {{ x }} (a INT)",
        "SELECT ${x}",
        "CALL p()",
        "BEGIN SELECT 1; END",
        "CREATE TABLE b (",
    ],
)
def test_what_fails_takes_no_other_statement_along(junk: str) -> None:
    _, results = accounted(f"CREATE TABLE before (a INT);{junk};CREATE TABLE after (a INT)")
    names = [each.name for each in results if isinstance(each, TableDocument)]
    assert names == ["before", "after"]
    assert len(results) == 3


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("SELECT 1; CREATE TABLE x (a INT) COMMENT 'y; CREATE TABLE z (a INT)", "table"),
        ("BEGIN SELECT 1; CREATE TABLE z (a INT)", "script"),
        ("CREATE PROCEDURE p() AS BEGIN SELECT 1; CREATE TABLE z (a INT)", "procedure"),
    ],
)
def test_what_is_never_closed_loses_the_rest_of_the_file(text: str, lost: str) -> None:
    _, results = accounted(text)
    (failure,) = results
    assert isinstance(failure, Failure), lost
    assert failure.covers == "file"
    assert "What follows isn't read" in failure.remedy


def test_a_table_counts_as_lost_once() -> None:
    _, results = accounted(
        "CREATE TABLE t (a INT); ALTER TABLE t FROB; ALTER TABLE t FROB; CALL p()"
    )
    assert [(each.what, each.covers) for each in results if isinstance(each, Failure)] == [
        ("main.s.t", "table"),
        ("main.s.t", "statement"),
        ("CALL", "statement"),
    ]


def test_a_failure_about_a_table_that_is_made_again_is_one_of_a_statement() -> None:
    _, results = accounted("ALTER TABLE t FROB; CREATE TABLE t (a INT)")
    assert [each.covers for each in results if isinstance(each, Failure)] == ["statement"]
    assert [each.name for each in results if isinstance(each, TableDocument)] == ["t"]


def test_a_table_that_failed_is_not_there_by_if_not_exists() -> None:
    state, (failure,) = accounted("CREATE TABLE t (a FLIMSY); CREATE TABLE IF NOT EXISTS t (a INT)")
    assert isinstance(failure, Failure)
    assert state.skipped.total() == 1


@pytest.mark.parametrize(
    "write",
    [
        "COPY INTO t FROM '/x' FILEFORMAT = JSON COPY_OPTIONS ('mergeSchema' = 'true')",
        "INSERT WITH SCHEMA EVOLUTION INTO TABLE main.s.t SELECT * FROM x",
        "MERGE WITH SCHEMA EVOLUTION INTO t USING x ON a = b WHEN NOT MATCHED THEN INSERT *",
    ],
)
def test_rows_that_may_add_columns_leave_them_unknown(write: str) -> None:
    table = only(f"CREATE TABLE t (a INT); {write}")
    assert table.columns is UNSET
    assert "schema evolution" in (table.evidence["columns"].reason or "")


def test_a_primary_key_makes_its_columns_required_or_asks_that_they_are() -> None:
    table = only("CREATE TABLE t (a INT, b INT PRIMARY KEY, CONSTRAINT k PRIMARY KEY (A))")
    assert [column.nullable for column in table.columns or []] == [False, False]
    _, (failure,) = accounted("CREATE TABLE t (a INT); ALTER TABLE t ADD PRIMARY KEY (a)")
    assert isinstance(failure, Failure)
    assert "may be NULL" in failure.reason
    only("CREATE TABLE t (a INT NOT NULL); ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a) RELY")


def test_a_name_in_a_constant_is_a_name() -> None:
    text = (
        "CREATE TABLE IDENTIFIER('Main.s.' '`a b`') (a INT); COMMENT ON TABLE IDENTIFIER('main.s.'"
    )
    table = only(f"{text} || '`a b`') IS 'x'")
    assert (table.name, table.comment) == ("a b", "x")
    for bad in ("''", "'a b'", "'a' || :x", ":x", "'a.'", "'a', 'b'"):
        _, (failure,) = accounted(f"CREATE TABLE IDENTIFIER({bad}) (a INT)")
        assert isinstance(failure, Failure), bad


def test_a_failure_follows_its_table_to_a_new_name() -> None:
    text = "CREATE TABLE t (a FLIMSY); ALTER TABLE t RENAME TO u; COMMENT ON TABLE u IS 'x'"
    state, (failure,) = accounted(text)
    assert isinstance(failure, Failure)
    assert failure.what == "main.s.t"
    assert state.skipped.total() == 2


def test_a_table_that_flows_fill_has_columns_only_then() -> None:
    table = only("CREATE OR REFRESH STREAMING TABLE t; CREATE FLOW f AS AUTO CDC INTO t FROM x")
    assert table.columns is UNSET
    assert table.evidence["columns"].status == "known_after_apply"


def test_a_path_among_the_options_is_the_location() -> None:
    table = only("CREATE TABLE t (a INT) USING csv OPTIONS (header = true, path 's3://x/y')")
    assert (table.table_type, table.storage_location) == ("EXTERNAL", "s3://x/y")


def test_two_halves_of_a_character_are_one_and_no_text_has_one_half() -> None:
    assert only(r"CREATE TABLE t (a INT) COMMENT '\ud83d\ude00'").comment == "\N{GRINNING FACE}"
    assert only(r"CREATE TABLE t (a INT) COMMENT 'a\ud83dx'").comment == "a\ufffdx"


def test_a_model_of_dbt_is_told_where_it_belongs() -> None:
    _, (failure,) = accounted("{{ config(materialized = 'table') }} SELECT * FROM {{ ref('x') }}")
    assert isinstance(failure, Failure)
    assert "--source dbt:target/manifest.json" in failure.remedy
