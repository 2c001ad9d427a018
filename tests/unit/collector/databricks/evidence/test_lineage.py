"""Reads from lineage: a lower bound, and never a zero."""

from __future__ import annotations

from msgspec import UNSET

from lakewarden_collector.document import Access
from lakewarden_collector.sources.databricks.evidence.lineage import TableLineage
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from tests.unit.collector.databricks.evidence.fake_workspace import FakeWorkspace, load, table

READ = ("main", "s", "t", "41", "3", "2026-11-20T07:08:09.123Z")


def test_reads_come_with_their_window() -> None:
    lookup = TableLineage("m", "scanner")
    assert load(lookup, FakeWorkspace(reads=[READ]), ["main"]) == 1
    assert lookup.apply(table()).access == Access(
        reads=41, readers=3, window_days=30, last_read_at="2026-11-20T07:08:09.123Z"
    )


def test_table_without_a_record_is_not_known_to_be_unread() -> None:
    """Lineage sees a part of all reads; a zero would excuse a table that is read all day."""
    lookup = TableLineage("m", "scanner")
    load(lookup, FakeWorkspace(reads=[READ]), ["main"])
    document = lookup.apply(table(name="other"))
    assert document.access.reads is UNSET
    assert document.evidence["access"].status == "unsupported"
    assert lookup.notes == ()


def test_names_with_dots_are_joined_part_by_part() -> None:
    lookup = TableLineage("m", "scanner")
    load(lookup, FakeWorkspace(reads=[("a.b", "s", "t", "9", "1", None)]), ["a.b"])
    assert lookup.apply(table("a.b")).access.reads == 9
    assert lookup.apply(table("a", schema_name="b", name="s.t")).access.reads is UNSET


def test_own_reads_and_other_metastores_are_left_out_by_the_statement() -> None:
    run = FakeWorkspace(reads=[READ])
    load(TableLineage("m", "scanner"), run, ["main"])
    (statement,) = run.sent
    assert {p.name: p.value for p in statement.parameters} == {
        "metastore_id": "m",
        "principal": "scanner",
    }
    assert "created_by <> :principal" in statement.text


def test_lineage_is_asked_once() -> None:
    lookup, run = TableLineage("m", "scanner"), FakeWorkspace(reads=[READ])
    load(lookup, run, ["main"])
    assert load(lookup, run, ["main"]) == 0


def test_refusal_is_a_reason_and_empty_lineage_is_told() -> None:
    lookup = TableLineage("m", "scanner")
    assert lookup.apply(table()).evidence["access"].status == "not_requested"
    missing = StatementError(
        kind="missing", message="[TABLE_OR_VIEW_NOT_FOUND] no", sql_state="42P01"
    )
    load(lookup, FakeWorkspace(errors=[missing]), ["main"])
    why = lookup.apply(table()).evidence["access"]
    assert why.status == "unsupported"
    assert "enable its schema" in str(why.reason)
    assert len(lookup.notes) == 1

    load(lookup, FakeWorkspace(), ["main"])
    assert "has no read" in lookup.notes[0]
    assert lookup.apply(table()).access.reads is UNSET
