"""Predictive optimization: from the listing, else the history, else a statement for one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Header, InventoryWriter
from lakewarden_collector.sources.interface import Advice
from tests.workspace.collecting import NOW, Collected, collect
from tests.workspace.estate import SqlError
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.server import Workspace

KIND = "predictive_optimization"
UNLISTED = ("listing",)
UNSAID = ("listing", "metrics")
NO_SYNTAX = SqlError("42601", "PARSE_SYNTAX_ERROR", "Syntax error at or near 'AS'.")


def optimization(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Want it of every table whose name does not say otherwise, as long as it is not known."""
    return [
        Advice(frozenset({KIND}), b"unknown")
        if document.predictive_optimization.enabled is UNSET and "unwanted" not in document.name
        else Advice(frozenset(), b"pass")
        for document in documents
    ]


def size_and_optimization(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Want both of every table, as long as they are not known."""
    wants = (
        {KIND} if document.predictive_optimization.enabled is UNSET else set()
        for document in documents
    )
    return [
        Advice(frozenset(want | ({"size"} if document.size.exact is not True else set())))
        for document, want in zip(documents, wants, strict=True)
    ]


def estate_of(**tables: Mapping[str, object]) -> HandmadeEstate:
    estate = HandmadeEstate(now=NOW)
    schema = estate.catalog("main").schema("s")
    for name, what in tables.items():
        schema.table(name, **what)
    return estate


def asked(w: Workspace) -> list[str]:
    """Return the tables that were asked for one by one."""
    return sorted(t.split("`")[-2] for t in w.log.texts() if t.endswith("AS JSON"))


def optimized(collected: Collected) -> dict[str, object]:
    return {d.name: d.predictive_optimization.enabled for d in collected.documents}


def test_what_the_listing_says_costs_nothing() -> None:
    estate = estate_of(
        on={}, off={"optimized": False}, external={"table_type": "EXTERNAL", "optimized": True}
    )
    with Workspace(estate) as w:
        got = collect(w, adviser=optimization)
        assert w.log.statements == []
    assert optimized(got) == {"on": True, "off": False, "external": False}
    assert got.document("main.s.on").predictive_optimization.inherited_from == (
        "METASTORE metastore_aws"
    )


def test_the_history_says_it_of_all_tables_and_the_rest_are_asked_one_by_one() -> None:
    """Else each of ten thousand tables would take a statement."""
    estate = estate_of(
        measured={"optimization_unsaid": UNLISTED, "metric_bytes": 1, "optimized": False},
        unsized={"optimization_unsaid": UNLISTED, "metric_days": 0},
        asked={"optimization_unsaid": UNSAID},
        off={"optimization_unsaid": UNSAID, "optimized": False},
        unwanted={"optimization_unsaid": UNSAID},
    )
    with Workspace(estate) as w:
        got = collect(w, adviser=optimization)
        assert asked(w) == ["asked", "off"]
        assert w.log.described() == []
    assert optimized(got) == {
        "measured": False,
        "unsized": True,
        "asked": True,
        "off": False,
        "unwanted": UNSET,
    }
    assert (got.spent["metrics_history"], got.spent["describe_json"]) == (2, 2)
    assert KIND not in got.document("main.s.asked").evidence


def test_a_table_may_need_both_statements_and_gets_both() -> None:
    estate = estate_of(t={"optimization_unsaid": UNSAID, "bytes": 3 * GIB})
    with Workspace(estate) as w:
        got = collect(w, adviser=size_and_optimization)
        assert asked(w) == ["t"]
        assert len(w.log.described()) == 1
    document = got.document("main.s.t")
    assert (document.size.bytes, document.size.exact) == (3 * GIB, True)
    assert document.predictive_optimization.enabled is True
    assert document.evidence == {}


def test_an_exact_size_stays_where_only_the_optimization_is_asked_for() -> None:
    """The history's figure is a day old, and its reason explains nothing that is absent."""
    estate = estate_of(
        t={"optimization_unsaid": UNLISTED, "bytes": 3 * GIB, "metric_bytes": GIB},
        unmeasured={"optimization_unsaid": UNSAID, "bytes": 3 * GIB},
    )

    def adviser(documents: Sequence[TableDocument]) -> Sequence[Advice]:
        return [
            Advice(frozenset({"size"}))
            if document.size.exact is not True
            else optimization([document])[0]
            for document in documents
        ]

    with Workspace(estate) as w:
        got = collect(w, adviser=adviser)
    for document in got.documents:
        assert (document.size.bytes, document.size.exact) == (3 * GIB, True)
        assert document.evidence == {}


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_the_budget_holds_and_what_was_not_asked_for_says_so(limit: int) -> None:
    names = ("a", "b", "c")
    estate = estate_of(**{name: {"optimization_unsaid": UNSAID} for name in names})
    with Workspace(estate) as w:
        got = collect(w, adviser=optimization, max_statements=limit)
        assert len(w.log.statements) <= limit
    lacking = [d for d in got.documents if KIND in d.evidence]
    assert lacking
    assert {d.evidence[KIND].status for d in lacking} == {"not_requested"}
    assert all("--max-statements" in str(d.evidence[KIND].reason) for d in lacking)


def test_a_warehouse_that_does_not_know_the_statement_is_asked_about_few_tables() -> None:
    """It says the same of all of them; the collection goes on."""
    tables = {f"t{n:02d}": {"optimization_unsaid": UNSAID} for n in range(60)}
    estate = estate_of(**tables)
    for table in estate.every_table():
        table.json_error = NO_SYNTAX
    with Workspace(estate) as w:
        got = collect(w, adviser=optimization)
        assert 1 <= len(asked(w)) < 40
    assert got.failures == ()
    whys = [document.evidence[KIND] for document in got.documents]
    assert {why.status for why in whys} == {"unsupported"}
    assert all("does not know DESCRIBE TABLE EXTENDED" in str(why.reason) for why in whys)


def test_one_refused_table_keeps_no_other_from_being_asked() -> None:
    estate = Guarded(
        estate_of(
            denied={"optimization_unsaid": UNSAID},
            readable={"optimization_unsaid": UNSAID},
            mute={"optimization_unsaid": (*UNSAID, "json")},
        )
    )
    estate.revoke_select("main", "s", "denied")
    with Workspace(estate) as w:
        got = collect(w, adviser=optimization)
        assert asked(w) == ["denied", "mute", "readable"]
    assert optimized(got) == {"denied": UNSET, "readable": True, "mute": UNSET}
    assert got.document("main.s.denied").evidence[KIND].status == "denied"
    assert got.document("main.s.mute").evidence[KIND].status == "unsupported"


def test_without_a_warehouse_it_says_why() -> None:
    with Workspace(estate_of(t={"optimization_unsaid": UNSAID})) as w:
        got = collect(w, adviser=optimization, warehouse=False)
    why = got.document("main.s.t").evidence[KIND]
    assert why.status == "not_requested"
    assert "--warehouse-id" in str(why.reason)


def _saved(path: Path, collected: Collected, started_at: str) -> Path:
    with path.open("wb") as stream:
        header = Header(
            schema_version=1,
            source="databricks",
            scope="",
            started_at=started_at,
            tool_version="0",
        )
        writer = InventoryWriter(stream, header)
        for document in collected.documents:
            writer.write(document)
        writer.end()
    return path


@pytest.mark.parametrize(
    ("started_at", "statements"),
    [("2026-11-23T00:00:00Z", 0), ("2026-11-20T00:00:00Z", 1)],
)
def test_a_previous_inventory_tells_it_while_it_is_fresh(
    tmp_path: Path, started_at: str, statements: int
) -> None:
    """A setting has no date of its own, so the inventory's counts; the listing always wins."""
    estate = estate_of(t={"optimization_unsaid": UNSAID, "optimized": False}, listed={})
    with Workspace(estate) as w:
        first = collect(w, adviser=optimization)
        for table in estate.every_table():
            table.optimized = not table.optimized
        reuse = _saved(tmp_path / "earlier", first, started_at)
        before = len(asked(w))
        again = collect(w, adviser=optimization, reuse=reuse)
        assert len(asked(w)) - before == statements
    assert optimized(again) == {"t": statements == 1, "listed": False}


def test_a_resumed_collection_counts_what_was_sent_and_asks_again_what_was_denied(
    tmp_path: Path,
) -> None:
    """Else each attempt would have the whole budget again, and a grant would come too late."""
    estate = estate_of(t={"optimization_unsaid": UNSAID})
    [table] = estate.every_table()
    table.json_error = SqlError("42501", "INSUFFICIENT_PERMISSIONS", "no SELECT")
    journal = tmp_path / "out.ndjson.partial"

    def until_denied(documents: Sequence[TableDocument]) -> Sequence[Advice]:
        if any(KIND in document.evidence for document in documents):
            raise KeyboardInterrupt
        return optimization(documents)

    with Workspace(estate) as w:
        with pytest.raises(KeyboardInterrupt):
            collect(w, adviser=until_denied, journal=journal)
        table.json_error = None
        got = collect(w, adviser=optimization, journal=journal, resume=True, max_statements=3)
        assert asked(w) == ["t", "t"]
    assert optimized(got) == {"t": True}
    assert got.spent["describe_json"] == 2
