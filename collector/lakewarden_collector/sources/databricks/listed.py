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
from lakewarden_collector.sources.databricks.journal import Journal
from lakewarden_collector.sources.databricks.journal_events import Known, Noted, Table, Walked
from lakewarden_collector.sources.databricks.listing.events import Listed, Summarised
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.troubles import lost_parts
from lakewarden_collector.sources.databricks.listing.walk import unlisted_catalogs, walk
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
from lakewarden_collector.sources.databricks.remembering import Remembering
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
        self._missing: dict[str, Failure] = {}
        """Tables that others know; not journalled, as a resumed collection may find them."""

    def run(self) -> None:
        """List everything that is not in the journal yet, and reconcile it."""
        self._show()
        catalogs: set[str] = set()
        for metastore in dict.fromkeys(each.metastore_id for each in self._workspaces):
            if metastore not in self._journal.walked:
                catalogs |= self._walk(metastore)
            catalogs.update(self._journal.walked.get(metastore, ()))
        asker = self._workspaces[0].asker
        for failure in unlisted_catalogs(self._scope, catalogs, asker):
            self._unlisted[lost_parts(failure)] = failure
        known = (
            candidate
            for each in self._journal.known.values()
            for candidate in from_summaries(each.summarised.names, each.summarised.catalog_name)
        )
        self.reconcile_with([*known, *self._of_earlier()])

    def failures(self) -> list[Failure]:
        """Return everything that could not be listed, sorted by name."""
        found = (self._unlisted, self._journal.failures, self._missing)
        every = [failure for failures in found for failure in failures.values()]
        return sorted(every, key=lambda failure: failure.what)

    def reconcile_with(self, candidates: Iterable[Candidate]) -> None:
        """Name each of these tables that is in scope and not listed, with what became of it."""
        candidates = list(candidates)
        if not candidates:
            return
        listed = {as_summarised(name) for name in self._journal.names()}
        named = {each.what.removeprefix("table ") for each in self._journal.failures.values()}
        named |= self._journal.left_out.keys() | self._missing.keys()
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
                self._missing[found.what] = found
        for candidate in unique:
            for parts in (candidate.parts[:1], candidate.parts[:2]):
                if (failure := self._unlisted.get(parts)) is not None:
                    self._unlisted[parts] = structs.replace(failure, named=failure.named + 1)

    def _walk(self, metastore: str) -> set[str]:
        """List one metastore through each of its workspaces; return the catalogs there are."""
        seen: set[str] = set()
        catalogs: set[str] = set()
        lost: Unlisted = {}
        for workspace in self._workspaces:
            if workspace.metastore_id != metastore:
                continue
            events = walk(
                Remembering(workspace, self._journal),
                self._scope,
                workers=self._pace.lists.limit,
                skip={(c, s) for m, c, s in self._journal.schemas if m == metastore},
                catalogs_seen=seen,
                catalogs_listed=catalogs,
                asker=workspace.asker,
            )
            with closing(cast("Generator[Found, None, None]", events)):
                for event in events:
                    self._take(metastore, event, lost)
        # One workspace may see what another does not.
        lost = {
            parts: failure for parts, failure in lost.items() if parts[0] not in seen or parts[1:]
        }
        self._unlisted |= lost
        if not lost:
            self._journal.add(Walked(metastore=metastore, catalogs=tuple(sorted(catalogs))))
        return catalogs

    def _take(self, metastore: str, event: Found, lost: Unlisted) -> None:
        """Keep what the walk found, and what has to be listed again in `lost`."""
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
                lost[lost_parts(event) or (event.what,)] = event

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
