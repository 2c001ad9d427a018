"""Statements one after another: each takes effect, is skipped by name, or has a failure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import UNSET, structs

from lakewarden_collector.document import Column, Detail, Size, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.sql import SqlSource
from lakewarden_collector.sources.sql.source import whole_statements
from lakewarden_collector.sources.sql.state import State
from tests.support.sql_texts import TEXTS


def existing(name: str) -> TableDocument:
    """Return a table of `main.s` that is there already, and has a size."""
    return TableDocument(
        full_name=join_name(("main", "s", name)),
        catalog_name="main",
        schema_name="s",
        name=name,
        table_type="MANAGED",
        data_source_format="DELTA",
        table_id=f"id-of-{name}",
        owner="team",
        comment="kept",
        storage_location=f"s3://uc/{name}",
        properties={"delta.x": "1", "clusteringColumns": '[["id"]]'},
        tags={"pii": "no"},
        columns=[Column(name="id", type_text="bigint", comment="", nullable=True)],
        size=Size(bytes=7),
    )


KNOWN: Final = {each.full_name: each for each in (existing("old"), existing("other"))}


def _state(text: str) -> tuple[State, list[TableDocument | Failure], int]:
    state = State(KNOWN.get, ("main", "s"))
    state.begin("x.sql")
    found = list(whole_statements(text))
    for statement in found:
        state.apply(statement)
    return state, list(state.results()), len(found)


def _accounted(text: str) -> tuple[State, list[TableDocument | Failure]]:
    """Apply all; every statement is counted once."""
    state, results, number = _state(text)
    failures = [each for each in results if isinstance(each, Failure)]
    assert state.effective + state.skipped.total() + len(failures) == number
    assert len(msgspec.json.decode(msgspec.json.encode(results))) == len(results)
    assert all(each.where.startswith("x.sql:") and each.reason and each.remedy for each in failures)
    return state, results


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
    _accounted(";\r\n".join(texts))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("\x00;\udfff".encode("utf-8", "ignore").decode())
def test_any_text_gives_tables_or_failures(text: str) -> None:
    _accounted(text)


@st.composite
def _cut(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(STATEMENTS))
    return text[: draw(st.integers(0, min(len(text), 80)))]


@settings(max_examples=150, deadline=None)
@given(_cut(), _cut())
def test_half_a_statement_gives_tables_or_failures(first: str, second: str) -> None:
    _accounted(f"{first};{second}")
    _accounted(first + second)


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
    _, results = _accounted(f"CREATE TABLE before (a INT);{junk};CREATE TABLE after (a INT)")
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
    _, results = _accounted(text)
    (failure,) = results
    assert isinstance(failure, Failure), lost
    assert failure.covers == "file"
    assert "What follows isn't read" in failure.remedy


def test_a_table_counts_as_lost_once() -> None:
    _, results = _accounted(
        "CREATE TABLE t (a INT); ALTER TABLE t FROB; ALTER TABLE t FROB; CALL p()"
    )
    assert [(each.what, each.covers) for each in results if isinstance(each, Failure)] == [
        ("main.s.t", "table"),
        ("main.s.t", "statement"),
        ("CALL", "statement"),
    ]


def test_a_failure_about_a_table_that_is_made_again_is_one_of_a_statement() -> None:
    _, results = _accounted("ALTER TABLE t FROB; CREATE TABLE t (a INT)")
    assert [each.covers for each in results if isinstance(each, Failure)] == ["statement"]
    assert [each.name for each in results if isinstance(each, TableDocument)] == ["t"]


def _only(text: str) -> TableDocument:
    _, results = _accounted(text)
    (table,) = results
    assert isinstance(table, TableDocument), table
    return table


def test_a_table_that_failed_is_not_there_by_if_not_exists() -> None:
    state, (failure,) = _accounted(
        "CREATE TABLE t (a FLIMSY); CREATE TABLE IF NOT EXISTS t (a INT)"
    )
    assert isinstance(failure, Failure)
    assert state.skipped.total() == 1


CHANGES: Final = (
    "ALTER TABLE OLD SET TBLPROPERTIES ('a' = 'b')",
    "COMMENT ON TABLE old IS 'new'",
    "COMMENT ON COLUMN old.id IS 'new'",
    "ALTER TABLE old CLUSTER BY NONE",
    "ALTER TABLE old SET OWNER TO others",
    "ALTER TABLE old RENAME TO newer",
    "ALTER TABLE old ADD CONSTRAINT c CHECK (id > 0)",
)


@pytest.mark.parametrize("text", CHANGES)
def test_a_change_of_a_known_table_keeps_what_it_does_not_touch(text: str) -> None:
    table, old = _only(text), KNOWN["main.s.old"]
    assert table.definition.line == 1
    assert (table.size, table.table_id, table.tags) == (old.size, old.table_id, old.tags)
    assert table.storage_location == old.storage_location
    assert (table.owner == "others") is ("OWNER" in text)
    assert table.definition.action == "update"


def test_a_known_table_made_by_name_keeps_owner_size_and_id() -> None:
    """A migration that has run already: the file says what it looks like, not whose it is."""
    table, old = _only("CREATE TABLE old (id BIGINT) COMMENT 'x'"), KNOWN["main.s.old"]
    assert table.definition.action == "update"
    assert (table.owner, table.size, table.table_id) == (old.owner, old.size, old.table_id)
    assert (table.tags, table.storage_location) == (old.tags, old.storage_location)
    assert (table.comment, table.properties) == ("x", {})
    assert "owner" not in table.evidence


@pytest.mark.parametrize(
    "text",
    [
        "CREATE OR REPLACE TABLE old (id INT)",
        "DROP TABLE old; CREATE TABLE old (id INT)",
        "DROP SCHEMA s CASCADE; CREATE TABLE old (id INT)",
        "DROP SCHEMA s CASCADE; CREATE TABLE IF NOT EXISTS old (id INT)",
        "CREATE TABLE n (id INT); DROP TABLE old; ALTER TABLE n RENAME TO old",
        "ALTER TABLE old RENAME TO gone; DROP TABLE gone; CREATE TABLE old (id INT)",
    ],
)
def test_a_table_in_the_place_of_a_known_one_takes_nothing_over(text: str) -> None:
    table = _only(text)
    assert table.definition.action == "replace"
    assert table.size == Size()
    assert table.table_id is UNSET
    assert table.tags is UNSET
    assert table.evidence["size"].status == "known_after_apply"


def test_a_known_table_that_changes_places_takes_its_size_along() -> None:
    _, results = _accounted("DROP TABLE other; ALTER TABLE old RENAME TO other")
    (table,) = results
    assert isinstance(table, TableDocument)
    assert (table.full_name, table.table_id) == ("main.s.other", "id-of-old")
    assert table.definition.action == "update"


def test_a_known_table_is_dropped_and_named() -> None:
    state, results = _accounted(
        "DROP TABLE old; DROP TABLE nowhere; ALTER TABLE other SET OWNER TO x"
    )
    assert list(state.dropped) == ["main.s.old"]
    assert state.skipped.total() == 1
    assert [type(each) for each in results] == [TableDocument]


def test_a_statement_that_has_run_already_says_so() -> None:
    _, (failure,) = _accounted("ALTER TABLE old ADD COLUMN id BIGINT")
    assert isinstance(failure, Failure)
    assert "if this statement has run, leave its file out" in failure.remedy


@pytest.mark.parametrize(
    "words", ["LIKE old", "SHALLOW CLONE old", "DEEP CLONE old", "CLONE main.s.old"]
)
def test_a_copy_of_a_known_table_has_its_columns_and_nothing_that_it_measured(words: str) -> None:
    table = _only(f"CREATE TABLE t {words}")
    assert [column.name for column in table.columns or []] == ["id"]
    assert table.definition.action == "create"
    assert (table.table_id, table.owner, table.tags) == (UNSET,) * 3
    assert table.size == Size()
    if "CLONE" in words:
        assert table.properties == KNOWN["main.s.old"].properties
        assert table.comment == ""
    else:
        assert table.evidence["comment"].status == "known_after_apply"
        assert table.evidence["properties.*"].status == "known_after_apply"


def test_what_is_not_known_of_a_known_table_stays_unknown_after_a_change() -> None:
    bare = structs.replace(existing("bare"), columns=UNSET, properties=UNSET)
    state = State({"main.s.bare": bare}.get, ("main", "s"))
    state.begin("x.sql")
    changes = "ADD COLUMN x INT", "UNSET TBLPROPERTIES (q)", "CLUSTER BY (x)"
    for statement in whole_statements(";".join(f"ALTER TABLE bare {each}" for each in changes)):
        state.apply(statement)
    (table,) = state.results()
    assert isinstance(table, TableDocument), table
    assert table.columns is UNSET
    assert table.evidence["columns"].status == "known_after_apply"
    assert table.properties == {"clusteringColumns": '[["x"]]'}
    assert "properties.*" in table.evidence


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("CLUSTER BY NONE", Detail(cluster_by_auto=False)),
        ("CLUSTER BY AUTO", Detail(cluster_by_auto=True)),
        ("CLUSTER BY (id)", Detail(cluster_by_auto=False)),
        ("SET TBLPROPERTIES ('a' = 'b')", Detail(cluster_by_auto=True, clustering_columns=["id"])),
    ],
)
def test_what_was_described_of_a_table_follows_its_statements(text: str, detail: Detail) -> None:
    """Policies take the detail's word for a property that a document lacks."""
    described = structs.replace(
        KNOWN["main.s.old"], detail=Detail(cluster_by_auto=True, clustering_columns=["id"])
    )
    state = State(lambda _: described, ("main", "s"))
    state.begin("V1.sql")
    for statement in whole_statements(f"ALTER TABLE old {text}"):
        state.apply(statement)
    (table,) = state.results()
    assert isinstance(table, TableDocument), table
    assert table.detail == detail


@pytest.mark.parametrize(
    "write",
    [
        "COPY INTO t FROM '/x' FILEFORMAT = JSON COPY_OPTIONS ('mergeSchema' = 'true')",
        "INSERT WITH SCHEMA EVOLUTION INTO TABLE main.s.t SELECT * FROM x",
        "MERGE WITH SCHEMA EVOLUTION INTO t USING x ON a = b WHEN NOT MATCHED THEN INSERT *",
    ],
)
def test_rows_that_may_add_columns_leave_them_unknown(write: str) -> None:
    table = _only(f"CREATE TABLE t (a INT); {write}")
    assert table.columns is UNSET
    assert "schema evolution" in (table.evidence["columns"].reason or "")


def test_a_primary_key_makes_its_columns_required_or_asks_that_they_are() -> None:
    table = _only("CREATE TABLE t (a INT, b INT PRIMARY KEY, CONSTRAINT k PRIMARY KEY (A))")
    assert [column.nullable for column in table.columns or []] == [False, False]
    _, (failure,) = _accounted("CREATE TABLE t (a INT); ALTER TABLE t ADD PRIMARY KEY (a)")
    assert isinstance(failure, Failure)
    assert "may be NULL" in failure.reason
    _only("CREATE TABLE t (a INT NOT NULL); ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a) RELY")


def test_a_name_in_a_constant_is_a_name() -> None:
    text = (
        "CREATE TABLE IDENTIFIER('Main.s.' '`a b`') (a INT); COMMENT ON TABLE IDENTIFIER('main.s.'"
    )
    table = _only(f"{text} || '`a b`') IS 'x'")
    assert (table.name, table.comment) == ("a b", "x")
    for bad in ("''", "'a b'", "'a' || :x", ":x", "'a.'", "'a', 'b'"):
        _, (failure,) = _accounted(f"CREATE TABLE IDENTIFIER({bad}) (a INT)")
        assert isinstance(failure, Failure), bad


def test_a_failure_follows_its_table_to_a_new_name() -> None:
    text = "CREATE TABLE t (a FLIMSY); ALTER TABLE t RENAME TO u; COMMENT ON TABLE u IS 'x'"
    state, (failure,) = _accounted(text)
    assert isinstance(failure, Failure)
    assert failure.what == "main.s.t"
    assert state.skipped.total() == 2


def test_a_table_that_flows_fill_has_columns_only_then() -> None:
    table = _only("CREATE OR REFRESH STREAMING TABLE t; CREATE FLOW f AS AUTO CDC INTO t FROM x")
    assert table.columns is UNSET
    assert table.evidence["columns"].status == "known_after_apply"


def test_a_path_among_the_options_is_the_location() -> None:
    table = _only("CREATE TABLE t (a INT) USING csv OPTIONS (header = true, path 's3://x/y')")
    assert (table.table_type, table.storage_location) == ("EXTERNAL", "s3://x/y")


def test_two_halves_of_a_character_are_one_and_no_text_has_one_half() -> None:
    assert _only(r"CREATE TABLE t (a INT) COMMENT '\ud83d\ude00'").comment == "\N{GRINNING FACE}"
    assert _only(r"CREATE TABLE t (a INT) COMMENT 'a\ud83dx'").comment == "a\ufffdx"


def test_a_model_of_dbt_is_told_where_it_belongs() -> None:
    _, (failure,) = _accounted("{{ config(materialized = 'table') }} SELECT * FROM {{ ref('x') }}")
    assert isinstance(failure, Failure)
    assert "--source dbt:target/manifest.json" in failure.remedy


@pytest.mark.parametrize(
    ("change", "type_text"),
    [
        ("ALTER COLUMN c.value.element TYPE BIGINT", "map<string,array<bigint>>"),
        ("ALTER COLUMN c.key TYPE DATE", "map<date,array<int>>"),
        ("ADD COLUMN c.x INT", ""),
        ("ADD COLUMN c.value.element.x INT", ""),
        ("DROP COLUMN c.key", ""),
        ("RENAME COLUMN c.key TO k", ""),
        ("ALTER COLUMN c.value COMMENT 'x'", ""),
        ("ALTER COLUMN c.value.element FIRST", ""),
    ],
)
def test_what_an_array_or_a_map_holds_has_a_type_and_nothing_else(
    change: str, type_text: str
) -> None:
    made = "CREATE TABLE t (c MAP<STRING, ARRAY<INT>>)"
    _, (found,) = _accounted(f"{made}; ALTER TABLE t {change}")
    if type_text:
        assert isinstance(found, TableDocument)
        assert [column.type_text for column in found.columns or []] == [type_text]
    else:
        assert isinstance(found, Failure)
        assert "isn't a struct" in found.reason
