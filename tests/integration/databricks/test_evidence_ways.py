"""What the source declares about its evidence is what happens to it, on a double of a workspace.

`docs/evidence.md` is made of these declarations: who grants rights by it, or leaves one out, must
get what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from lakewarden.evaluation.adviser import everything
from lakewarden.origin import evidence_ways
from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.statements.grants import ON_THE_WAREHOUSE
from lakewarden_collector.sources.databricks.ways import CHECKS, WAYS
from lakewarden_collector.sources.interface import EvidenceWay
from tests.integration.databricks.workspace_commands import run
from tests.workspace.collecting import GIB, NOW, Collected, collect
from tests.workspace.estate import Json
from tests.workspace.faults import Broken
from tests.workspace.grants import Guarded, denied
from tests.workspace.handmade import MIB, HandmadeEstate
from tests.workspace.misbehaving import Behaviour
from tests.workspace.routes import route
from tests.workspace.server import Workspace

BY_NAME: Final = {way.name: way for way in WAYS}
ALWAYS: Final = {"full_name", "catalog_name", "schema_name", "name", "evidence"}
"""What every document has, and what explains the rest."""

ABOUT_STATEMENTS: Final = {"config", "execute", "poll", "chunk", "link", "cancel"}


def _estate() -> Guarded:
    """Tables of which each way alone knows something, and one that all of them know."""
    estate = HandmadeEstate(now=NOW)
    sales = estate.catalog("main", unit="eu").schema("sales")
    sales.table("orders", bytes=2 * GIB, metric_bytes=2 * GIB, reads=["ann"], tags={"tier": "a"})
    refused = denied("Table 'main.sales.measured'")
    sales.table(
        "measured",
        metric_bytes=MIB,
        error=refused,
        json_error=refused,
        optimization_unsaid=("listing",),
    )
    sales.table("unlisted", bytes=MIB, optimization_unsaid=("listing", "metrics"))
    sales.table("external", bytes=3 * MIB, table_type="EXTERNAL", comment="Made elsewhere.")
    sales.table("view", table_type="VIEW", format="VIEW")
    return Guarded(estate)


def _collected(estate: Guarded, *behaviours: Behaviour) -> Collected:
    with Workspace(estate, behaviours=behaviours) as w:
        return collect(w, adviser=everything)


def _parts(document: TableDocument) -> set[str]:
    """Return the fields of a document that say something."""
    output: dict[str, Any] = msgspec.to_builtins(document)
    return {name for name, value in output.items() if value != {} or name in ("properties", "tags")}


def _lost(whole: Collected, less: Collected) -> dict[str, set[str]]:
    """Return by table what it said before a right was taken away, and does not say any more."""
    after = {each.full_name: _parts(each) for each in less.documents}
    lost = {d.full_name: _parts(d) - after.get(d.full_name, set()) for d in whole.documents}
    return {name: parts - {"evidence"} for name, parts in lost.items() if parts - {"evidence"}}


def _shape(text: str) -> str:
    """Return a statement with its names and its number of catalogs masked."""
    masked = re.sub(r"`(?:[^`]|``)*`", "`…`", text)
    return re.sub(r":catalog_\d+(?:, :catalog_\d+)*", ":catalog_…", masked)


SHAPES: Final = {_shape(text): way.name for way in (*WAYS, CHECKS) for text in way.statements}


def test_every_statement_is_declared_where_its_evidence_is(tmp_path: Path) -> None:
    """The kind that a statement is counted and tagged by is the way that declares it."""
    with Workspace(_estate()) as w:
        assert (
            run(w, "collect", "--evidence", "all", "-o", "i.ndjson", cwd=tmp_path).returncode == 0
        )
        sent = {(_shape(s.text), s.tags["lakewarden"]) for s in w.log.statements}
        w.log.statements.clear()
        run(w, "doctor", cwd=tmp_path)
        checked = {_shape(s.text) for s in w.log.statements}
    assert {kind for _, kind in sent} == {way.name for way in WAYS if way.statements}
    assert sent <= set(SHAPES.items())
    assert checked <= SHAPES.keys()
    assert {_shape(text) for text in CHECKS.statements} <= checked


class _Federating(Guarded):
    """Also lists a catalog of another system, whose connection nobody may read."""

    def catalogs(self) -> Sequence[Json]:
        foreign = {"name": "shop", "catalog_type": "FOREIGN_CATALOG", "connection_name": "shop"}
        return [*super().catalogs(), foreign]


def test_every_request_is_declared(tmp_path: Path) -> None:
    """Those of the listing, and what else `doctor` asks; statements are told by their texts."""
    estate = _Federating(_estate())
    estate.hide("main", "sales", "measured")  # the metrics history still knows it
    with Workspace(estate) as w:
        run(w, "collect", "--evidence", "all", "-o", "i.ndjson", cwd=tmp_path)
        asked = {call.kind for call in w.log.calls}
        run(w, "doctor", cwd=tmp_path)
        checked = {call.kind for call in w.log.calls}
    declared = {kind for way in WAYS for kind in _routes(way)}
    assert asked - ABOUT_STATEMENTS == declared
    assert checked - ABOUT_STATEMENTS == declared | _routes(CHECKS)


def _routes(way: EvidenceWay) -> set[str]:
    return {route("GET", path)[0] for path in way.requests}


def test_documents_have_what_the_ways_declare_and_nothing_else() -> None:
    """An estate that has it all must show it all."""
    found = set().union(*(_parts(each) for each in _collected(_estate()).documents))
    assert found - {"evidence"} == {part for way in WAYS for part in way.gives}


def _without_select(estate: Guarded) -> None:
    for table in ("orders", "measured", "external"):
        estate.revoke_select("main", "sales", table)


def _system(way: EvidenceWay) -> Iterable[str]:
    return sorted({name for sql in way.statements for name in re.findall(r"system(?:\.\w+)+", sql)})


def _refusing(name: str) -> Callable[[Guarded], None]:
    def refuse(estate: Guarded) -> None:
        for table in _system(BY_NAME[name]):
            estate.deny_system(table)

    return refuse


REFUSALS: Final[Mapping[str, Callable[[Guarded], None]]] = {
    "describe_detail": _without_select,
    "describe_json": lambda estate: estate.refuse_json("main", "sales", "unlisted"),
    **{name: _refusing(name) for name in ("metrics_history", "table_lineage", "tags")},
}
"""By way, what takes its grant away after the tables were listed."""


def test_every_way_that_needs_a_grant_is_tried() -> None:
    granted = {way.name for way in WAYS if way.grants}
    assert granted == {*REFUSALS, "listing"}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_grant_costs_exactly_what_its_way_alone_gives(name: str) -> None:
    whole = _collected(_estate())
    estate = _estate()
    REFUSALS[name](estate)
    less = _collected(estate)
    assert less.failures == ()
    lost = _lost(whole, less)
    assert set().union(*lost.values()) == set(BY_NAME[name].gives), lost
    for table, parts in lost.items():
        for part in parts - {"detail"}:  # what DESCRIBE DETAIL says is explained as `size`
            assert less.document(table).evidence[part].status == "denied", (table, part)


def test_without_the_warehouse_all_is_lost_that_only_statements_give() -> None:
    shut = Broken("execute", status=403, error_code="PERMISSION_DENIED")
    less = _collected(_estate(), shut)
    assert less.failures == ()
    stated = {part for way in WAYS if way.permission for part in way.gives}
    assert all(way.permission == ON_THE_WAREHOUSE for way in WAYS if way.statements)
    lost = _lost(_collected(_estate()), less)
    assert set().union(*lost.values()) == stated, lost


def test_a_table_that_is_only_browsed_lacks_what_the_listing_gives() -> None:
    estate = _estate()
    estate.browse("main", "sales", "external")
    document = _collected(estate).document("main.sales.external")
    reported = {name for name, why in document.evidence.items() if why.status == "denied"}
    assert {"properties", "columns", "owner", "comment"} <= reported
    assert reported <= {part for way in WAYS for part in way.gives}


def test_a_catalog_that_is_not_granted_is_a_failure_with_the_declared_grant() -> None:
    estate = _estate()
    estate.revoke_catalog("main")
    less = _collected(estate)
    (failure,) = less.failures
    (grant,) = BY_NAME["listing"].grants
    assert failure.remedy == grant.replace("<principal>", "scanner@example.com")


def test_every_kind_of_source_declares_its_ways() -> None:
    ways = evidence_ways()
    fields = set(TableDocument.__struct_fields__)
    for kind, declared in ways.items():
        given = {part for way in declared for part in way.gives}
        assert ALWAYS - {"evidence"} <= given <= fields, kind
        assert len({way.name for way in declared}) == len(declared)
