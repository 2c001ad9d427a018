"""Lists the metastores of all workspaces into the journal, and holds that against what else knows.

Several workspaces of one metastore list it once; the later ones add the catalogs that the earlier
ones do not see. The same catalog in two metastores makes names that mean two tables each: the first
is kept, the second is named as a failure.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import cast

from msgspec import structs

from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import split_name
from lakewarden_collector.sources.databricks.journal import Journal, Known, Noted, Table, Walked
from lakewarden_collector.sources.databricks.listing.events import Listed, Summarised
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import walk
from lakewarden_collector.sources.databricks.pacing import Pace
from lakewarden_collector.sources.databricks.reconcile import (
    Candidate,
    Late,
    Unlisted,
    as_summarised,
    explain,
    from_summaries,
    missing,
)
from lakewarden_collector.sources.databricks.reuse import Earlier
from lakewarden_collector.sources.databricks.workspace import Workspace
from lakewarden_collector.sources.interface import Shown, Watcher

Found = Listed | Summarised | LeftOut | Failure


class Lister:
    """The listing of one collection."""

    def __init__(
        self,
        *,
        scope: Scope,
        workspaces: Sequence[Workspace],
        journal: Journal,
        earlier: Earlier,
        pace: Pace,
        watcher: Watcher,
    ) -> None:
        self._scope = scope
        self._workspaces = workspaces
        self._journal = journal
        self._earlier = earlier
        self._pace = pace
        self._watcher = watcher
        self._unlisted: Unlisted = {}

    def run(self) -> None:
        """List everything that is not in the journal yet, and reconcile it."""
        self._show()
        for metastore in dict.fromkeys(each.metastore_id for each in self._workspaces):
            if metastore not in self._journal.walked:
                self._walk(metastore)
        known = (
            candidate
            for each in self._journal.known
            for candidate in from_summaries(each.summarised.names, each.summarised.catalog_name)
        )
        self.reconcile_with([*known, *self._of_earlier()])

    def failures(self) -> list[Failure]:
        """Return everything that could not be listed, sorted by name."""
        every = [*self._unlisted.values(), *self._journal.failures.values()]
        return sorted(every, key=lambda failure: failure.what)

    def reconcile_with(self, candidates: Iterable[Candidate]) -> None:
        """Name each of these tables that is in scope and not listed, with what became of it."""
        candidates = list(candidates)
        if not candidates:
            return
        listed = {as_summarised(name) for name in self._journal.names()}
        named = {each.what.removeprefix("table ") for each in self._journal.failures.values()}
        named |= self._journal.left_out.keys()
        ids = self._journal.table_ids() if any(each.table_id for each in candidates) else ()
        lost = [
            candidate
            for candidate in missing(candidates, listed=listed, ids=ids, scope=self._scope)
            if candidate.full_name not in named
        ]
        unique = list({candidate.parts: candidate for candidate in reversed(lost)}.values())
        for found in explain(unique, unlisted=self._unlisted, workspaces=self._workspaces):
            if isinstance(found, Late):
                table = Table(document=found.document, metastore=found.metastore, hint=found.hint)
                self._journal.put([table])
            elif isinstance(found, LeftOut):
                self._journal.add(Noted(left_out=found))
            else:
                self._journal.add(Noted(failure=found))
        for candidate in unique:
            for parts in (candidate.parts[:1], candidate.parts[:2]):
                if (failure := self._unlisted.get(parts)) is not None:
                    self._unlisted[parts] = structs.replace(failure, named=failure.named + 1)

    def _walk(self, metastore: str) -> None:
        """List one metastore through each of its workspaces."""
        seen: set[str] = set()
        whole = True
        for workspace in self._workspaces:
            if workspace.metastore_id != metastore:
                continue
            known = {(c, s) for m, c, s in self._journal.schemas if m == metastore}
            events = walk(
                workspace,
                self._scope,
                workers=self._pace.lists.limit,
                skip=known,
                catalogs_seen=seen,
                asker=workspace.asker,
            )
            with closing(cast("Generator[Found, None, None]", events)):
                for event in events:
                    whole &= self._take(metastore, event)
        if whole:
            self._journal.add(Walked(metastore=metastore))

    def _take(self, metastore: str, event: Found) -> bool:
        """Keep what the walk found; return whether nothing is to be listed again for it."""
        match event:
            case Listed():
                self._keep(metastore, event)
            case Summarised():
                self._journal.add(Known(metastore=metastore, summarised=event))
            case LeftOut():
                self._journal.add(Noted(left_out=event))
            case Failure(covers="table"):
                self._journal.add(Noted(failure=event))
            case Failure():
                self._unlisted[_parts(event)] = event
                return False
        return True

    def _keep(self, metastore: str, listed: Listed) -> None:
        for name in self._journal.add_schema(metastore, listed):
            failure = Failure(
                what=name,
                where=metastore,
                reason="two metastores have a table of this name; the other one is kept",
                remedy="Collect the metastores into two inventories.",
            )
            self._journal.add(Noted(failure=failure))
        self._show()

    def _show(self) -> None:
        throttled = self._pace.lists.throttlings
        told = f" (throttled {throttled:,} times)" if throttled else ""
        self._watcher.show(Shown(text=f"Listing tables{told}", done=len(self._journal)))

    def _of_earlier(self) -> Iterator[Candidate]:
        for catalog, schema, name, table_id in self._earlier.names.values():
            yield Candidate((catalog, schema, name), "the earlier inventory", table_id)


def _parts(failure: Failure) -> tuple[str, ...]:
    """Return the catalog, or the catalog and schema, that a failure of a listing is about."""
    name = failure.what.removeprefix(f"{failure.covers} ")
    try:
        return split_name(name)
    except ValueError:  # the catalogs of a workspace
        return (failure.what,)
