"""A table while statements change it: above all one that exists already."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec import UNSET, structs

from lakewarden_collector.document import Detail, Size, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.sql.source import whole_statements
from lakewarden_collector.sources.sql.state import State
from tests.support.sql_texts import KNOWN, accounted, existing, only

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
    table, old = only(text), KNOWN["main.s.old"]
    assert table.definition.line == 1
    assert (table.size, table.table_id, table.tags) == (old.size, old.table_id, old.tags)
    assert table.storage_location == old.storage_location
    assert (table.owner == "others") is ("OWNER" in text)
    assert table.definition.action == "update"


def test_a_known_table_made_by_name_keeps_owner_size_and_id() -> None:
    """A migration that has run already: the file says what it looks like, not whose it is."""
    table, old = only("CREATE TABLE old (id BIGINT) COMMENT 'x'"), KNOWN["main.s.old"]
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
    table = only(text)
    assert table.definition.action == "replace"
    assert table.size == Size()
    assert table.table_id is UNSET
    assert table.tags is UNSET
    assert table.evidence["size"].status == "known_after_apply"


def test_a_known_table_that_changes_places_takes_its_size_along() -> None:
    _, results = accounted("DROP TABLE other; ALTER TABLE old RENAME TO other")
    (table,) = results
    assert isinstance(table, TableDocument)
    assert (table.full_name, table.table_id) == ("main.s.other", "id-of-old")
    assert table.definition.action == "update"


def test_a_known_table_is_dropped_and_named() -> None:
    state, results = accounted(
        "DROP TABLE old; DROP TABLE nowhere; ALTER TABLE other SET OWNER TO x"
    )
    assert list(state.dropped) == ["main.s.old"]
    assert state.skipped.total() == 1
    assert [type(each) for each in results] == [TableDocument]


def test_a_statement_that_has_run_already_says_so() -> None:
    _, (failure,) = accounted("ALTER TABLE old ADD COLUMN id BIGINT")
    assert isinstance(failure, Failure)
    assert "if this statement has run, leave its file out" in failure.remedy


@pytest.mark.parametrize(
    "words", ["LIKE old", "SHALLOW CLONE old", "DEEP CLONE old", "CLONE main.s.old"]
)
def test_a_copy_of_a_known_table_has_its_columns_and_nothing_that_it_measured(words: str) -> None:
    table = only(f"CREATE TABLE t {words}")
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
    _, (found,) = accounted(f"{made}; ALTER TABLE t {change}")
    if type_text:
        assert isinstance(found, TableDocument)
        assert [column.type_text for column in found.columns or []] == [type_text]
    else:
        assert isinstance(found, Failure)
        assert "isn't a struct" in found.reason
