"""The source `databricks` against the workspace double: what is listed, asked, saved and named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure, Header, InventoryWriter
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.databricks.source import DatabricksSource
from lakewarden_collector.sources.interface import Advice, ProgressState
from tests.workspace.collecting import (
    GIB,
    NOW,
    SPEED,
    Collected,
    Heard,
    collect,
    signed_in,
    threads_left,
)
from tests.workspace.estate import Json
from tests.workspace.grants import Guarded
from tests.workspace.handmade import MIB, HandmadeEstate
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate
from tests.workspace.timing import Timing

DAY = timedelta(hours=24)


def _saved(path: Path, collected: Collected) -> Path:
    with path.open("wb") as stream:
        header = Header(
            schema_version=1,
            source="databricks",
            scope="",
            started_at="2026-11-23T05:00:00Z",
            tool_version="0",
        )
        writer = InventoryWriter(stream, header)
        for document in collected.documents:
            writer.write(document)
        writer.end()
    return path


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate(now=NOW)
    sales = estate.catalog("main").schema("sales")
    sales.table("clustered", bytes=5 * GIB, clustering=[["id"]])
    sales.table("measured", bytes=5 * GIB, clustering=[["id"]], metric_bytes=4 * GIB)
    sales.table("small", bytes=MIB, metric_bytes=MIB)
    sales.table("large", bytes=9 * GIB, metric_bytes=8 * GIB)
    sales.table("close", bytes=GIB - 1, metric_bytes=GIB)
    sales.table("unmeasured", bytes=3 * GIB)
    sales.table("external", bytes=2 * MIB, table_type="EXTERNAL")
    sales.table("view", table_type="VIEW", format="VIEW")
    return estate


def _described(workspace: Workspace) -> set[str]:
    return {text.split("`")[-2] for text in workspace.log.described()}


def test_a_size_is_asked_for_only_where_nothing_cheaper_decides() -> None:
    """Else ten thousand tables cost ten thousand statements."""
    with Workspace(_estate()) as w:
        got = collect(w)
        assert _described(w) == {"close", "unmeasured", "external"}
    assert got.failures == ()
    assert [d.name for d in got.documents] == sorted(d.name for d in got.documents)
    sizes = {d.name: (d.size.bytes, d.size.origin, d.size.exact) for d in got.documents}
    assert sizes["small"] == (MIB, "metrics_history", False)
    assert sizes["large"] == (8 * GIB, "metrics_history", False)
    assert sizes["close"] == (GIB - 1, "describe_detail", True)
    assert sizes["unmeasured"] == (3 * GIB, "describe_detail", True)
    assert sizes["clustered"] == (UNSET, UNSET, UNSET)
    assert sizes["measured"] == (4 * GIB, "metrics_history", False), "it came with the others"
    assert got.spent["describe_detail"] == 3
    assert threads_left() == []


def test_what_was_collected_is_read_again_and_its_journal_is_gone(tmp_path: Path) -> None:
    """Decisions are made from the journal, and nothing is left of it however they end."""
    journal = tmp_path / "journal"
    with Workspace(_estate()) as w, signed_in(w):
        source = DatabricksSource(
            DatabricksOptions(journal=journal), Heard(), pace=lambda: Pace.default(speed=SPEED)
        )
        given = [each for each in source.documents() if not isinstance(each, Failure)]
        assert len(given) == 8
        assert not journal.exists()
        assert [source.read(each.full_name) for each in given] == given
        source.close()
        with pytest.raises(ValueError, match="closed"):
            source.read(given[0].full_name)


def test_nothing_is_asked_where_nothing_is_wanted() -> None:
    with Workspace(_estate()) as w:
        got = collect(w, adviser=None)
        assert w.log.statements == []
    assert len(got.documents) == 8


def test_without_a_warehouse_the_listing_works_and_sizes_say_why() -> None:
    with Workspace(_estate()) as w:
        heard = Heard()
        got = collect(w, warehouse=False, watcher=heard)
        assert w.log.statements == []
    assert len(got.documents) == 8
    assert len([note for note in heard.notes if "--warehouse-id" in note]) == 1
    why = got.document("main.sales.unmeasured").evidence["size"]
    assert why.status == "not_requested"
    assert "--warehouse-id" in str(why.reason)
    assert "size" not in got.document("main.sales.clustered").evidence


def test_only_reading_statements_are_sent() -> None:
    with Workspace(_estate()) as w:
        collect(w, adviser=everything)
        texts = w.log.texts()
    assert texts
    assert all(text.split()[0] in ("SELECT", "DESCRIBE") for text in texts)


def test_all_evidence_is_there_if_all_is_wanted() -> None:
    estate = HandmadeEstate(now=NOW)
    schema = estate.catalog("main").schema("sales")
    schema.table("t", bytes=7, reads=["ann@example.com", "bob@example.com"], tags={"tier": "gold"})
    with Workspace(estate) as w:
        document = collect(w, adviser=everything).documents[0]
    assert (document.size.bytes, document.size.exact) == (7, True)
    assert (document.access.reads, document.access.readers) == (2, 2)
    assert document.tags == {"tier": "gold"}
    assert document.evidence == {}


def test_a_budget_goes_to_the_most_read_and_the_largest_first() -> None:
    """And what it does not reach is named, not forgotten."""
    estate = HandmadeEstate(now=NOW)
    schema = estate.catalog("main").schema("sales")
    for name, hint, readers in (("a", 1, []), ("b", 99, []), ("c", 5, ["ann"]), ("d", 50, [])):
        properties = {"spark.sql.statistics.totalSize": str(hint)}
        schema.table(name, bytes=3 * GIB, properties=properties, reads=readers)
    with Workspace(estate) as w:
        got = collect(w, max_statements=4)
        assert len(w.log.statements) <= 4
        described = _described(w)
    assert "c" in described
    assert "a" not in described
    unsized = [d for d in got.documents if d.name not in described]
    reasons = {str(d.evidence["size"].reason) for d in unsized}
    assert reasons == {"the budget of 4 statements (--max-statements) was spent before it"}


def test_no_budget_at_all_sends_nothing() -> None:
    with Workspace(_estate()) as w:
        got = collect(w, max_statements=0)
        assert w.log.statements == []
    assert got.document("main.sales.unmeasured").evidence["size"].status == "not_requested"


def test_sizes_are_taken_over_where_they_are_fresh_and_far_from_the_threshold(
    tmp_path: Path,
) -> None:
    """A table that is close to it may have grown over it since."""
    with Workspace(_estate()) as w:
        first = _saved(tmp_path / "first.ndjson", collect(w))
        w.log.statements.clear()
        second = collect(w, reuse=first)
        assert _described(w) == {"close"}
        w.log.statements.clear()
        late = collect(w, reuse=first, now=NOW + 2 * DAY)
        assert _described(w) == {"close", "unmeasured", "external"}
    assert second.document("main.sales.unmeasured").size.exact is True
    assert late.document("main.sales.unmeasured").size.as_of != second.documents[0].size.as_of


def test_all_evidence_is_reused_too(tmp_path: Path) -> None:
    """Nobody decides by it here, so nothing is close to a threshold."""
    with Workspace(_estate()) as w:
        first = _saved(tmp_path / "first.ndjson", collect(w, adviser=everything))
        w.log.statements.clear()
        second = collect(w, adviser=everything, reuse=first)
        assert _described(w) == set()
    assert second.document("main.sales.close").size.exact is True


def test_a_size_of_the_future_is_not_taken_over(tmp_path: Path) -> None:
    """Else a wrong clock would keep one for ever."""
    with Workspace(_estate()) as w:
        first = _saved(tmp_path / "first.ndjson", collect(w, now=NOW + 2 * DAY))
        w.log.statements.clear()
        collect(w, reuse=first)
        assert "unmeasured" in _described(w)


def test_a_table_that_the_listing_missed_is_judged_like_the_others() -> None:
    """It came into being while the listing ran, and the metrics history knows it."""
    estate = _estate()
    hiding = _Hiding(estate, "large")
    with Workspace(hiding) as w:
        got = collect(w)
    assert got.failures == ()
    assert got.document("main.sales.large").size.bytes == 8 * GIB
    assert len(got.documents) == 8


class _Hiding(Guarded):
    """Leaves a table out of listings and summaries, but not out of anything else."""

    def __init__(self, estate: HandmadeEstate, name: str) -> None:
        super().__init__(estate)
        self._name = name

    def tables(self, catalog: str, schema: str) -> Sequence[Json]:
        return [row for row in super().tables(catalog, schema) if row["name"] != self._name]


def test_a_size_belongs_to_a_table_and_not_to_its_name(tmp_path: Path) -> None:
    """A table that was dropped and made again under its name is another one."""
    with Workspace(_estate()) as w:
        first = _saved(tmp_path / "first.ndjson", collect(w))
    again = _estate()
    again.catalog("main").schema("sales").table(
        "unmeasured", bytes=MIB, table_id="00000000-1111-2222-3333-444444444444"
    )
    with Workspace(again) as w:
        got = collect(w, reuse=first)
    assert got.document("main.sales.unmeasured").size.bytes == MIB


def test_a_table_that_a_previous_inventory_knows_is_looked_up(tmp_path: Path) -> None:
    """It was dropped, or somebody took the grant away: the reader must know which."""
    with Workspace(_estate()) as w:
        first = _saved(tmp_path / "first.ndjson", collect(w))
    smaller = HandmadeEstate(now=NOW)
    smaller.catalog("main").schema("sales").table("small", bytes=MIB, metric_bytes=MIB)
    with Workspace(smaller) as w:
        got = collect(w, reuse=first)
    assert got.failures == ()
    gone = {each.what: each.reason for each in got.left_out if each.what.startswith("main.")}
    assert gone.keys() == {
        f"main.sales.{name}"
        for name in ("clustered", "measured", "large", "close", "unmeasured", "external", "view")
    }
    assert set(gone.values()) == {"dropped: the previous inventory still had it"}


def test_what_is_interrupted_is_continued_and_asks_nothing_twice(tmp_path: Path) -> None:
    estate = SyntheticEstate(300, 6, metrics="empty", now=NOW)
    journal = tmp_path / "inventory.ndjson.partial"
    with Workspace(estate, timing=Timing(describe_seconds=0.02)) as w:
        whole = collect(w)
        w.log.statements.clear()
        w.log.requests.clear()

        def interrupt(_: ProgressState) -> None:
            if len(w.log.described()) > 20:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            collect(w, watcher=Heard(on_show=interrupt), journal=journal)
        assert w.log.running() == []
        assert threads_left() == []
        described = w.log.described()
        assert journal.exists()
        listed = w.log.count("list_tables")
        again = collect(w, journal=journal, resume=True)
        assert w.log.count("list_tables") == listed
        repeated = set(described) & set(w.log.described()[len(described) :])
    assert again.documents == whole.documents
    assert len(repeated) <= 64, "only those whose answer had not come"
    assert not journal.exists()


def test_a_listing_that_is_interrupted_is_continued_and_asks_nothing_twice(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "inventory.ndjson.partial"
    with Workspace(SyntheticEstate(300, 20, now=NOW)) as w:

        def interrupt(state: ProgressState) -> None:
            if state.done > 100:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            collect(w, watcher=Heard(on_show=interrupt), journal=journal)
        assert threads_left() == []
        kept = journal.read_bytes().count(b'"type":"schema"')
        before = {(c.kind, c.target, str(c.query)) for c in w.log.calls if c.status == 200}
        first = len(w.log.calls)
        got = collect(w, journal=journal, resume=True)
        after = [(c.kind, c.target, str(c.query)) for c in w.log.calls[first:]]
    assert len(got.documents) == 300
    repeated = [c for c in after if c in before and c[0] == "list_tables"]
    # An answer that was on its way when the interrupt came could not be kept.
    assert len(repeated) <= 20 - kept


def test_a_journal_is_not_overwritten_and_not_continued_by_another_collection(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "journal"

    def interrupt(state: ProgressState) -> None:
        if state.done:
            raise KeyboardInterrupt

    with Workspace(_estate()) as w:
        with pytest.raises(KeyboardInterrupt):
            collect(w, watcher=Heard(on_show=interrupt), journal=journal)
        with pytest.raises(SourceError, match="interrupted"):
            collect(w, journal=journal)
        with pytest.raises(SourceError, match="another collection"):
            collect(w, journal=journal, resume=True, exclude=("*.tmp.*",))


def test_a_collection_that_learned_nothing_leaves_no_journal(tmp_path: Path) -> None:
    """Else the next one would refuse to begin."""
    journal = tmp_path / "journal"
    with Workspace(_estate()) as w:
        w.token = "wrong"  # noqa: S105 -- it opens nothing
        with pytest.raises(SourceError):
            collect(w, journal=journal)
    assert not journal.exists()


def test_a_catalog_that_is_named_and_not_there_is_a_failure() -> None:
    """A mistyped pattern must not pass for an empty catalog."""
    with Workspace(_estate()) as w:
        got = collect(w, include=("prd.*", "main.sales.small"))
    assert [(f.what, f.covers) for f in got.failures] == [("catalog prd", "catalog")]
    assert [d.name for d in got.documents] == ["small"]


def test_browsed_tables_are_not_asked_for_one_by_one_unnecessarily() -> None:
    """A schema of ten thousand that may only be browsed would cost as many refusals."""
    estate = HandmadeEstate(now=NOW)
    schema = estate.catalog("main").schema("sales")
    guarded = Guarded(estate)
    for number in range(200):
        schema.table(f"t{number}", bytes=GIB)
        guarded.browse("main", "sales", f"t{number}")
    with Workspace(guarded) as w:
        got = collect(w)
        assert len(w.log.described()) < 100
    assert {document.evidence["size"].status for document in got.documents} == {"denied"}


def everything(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Want all evidence of every table."""
    return [Advice(frozenset({"size", "access", "tags"}))] * len(documents)
