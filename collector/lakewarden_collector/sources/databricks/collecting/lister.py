"""Lists the metastores of all workspaces into the journal, and holds that against what else knows.

Several workspaces of one metastore list each schema once; the later ones add what the earlier ones
do not see. The same catalog in two metastores makes names that mean two tables each: the first
is kept, the second is named as a failure. What could not be listed is kept with its reason.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import cast

from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.databricks.client.workspace import Workspace
from lakewarden_collector.sources.databricks.collecting.reconcile import (
    Candidate,
    FoundLater,
    as_summarised,
    explain,
    from_summaries,
    missing,
)
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.databricks.evidence.previous_sizes import PreviousInventory
from lakewarden_collector.sources.databricks.journal.events import (
    Known,
    Listed,
    Noted,
    Summarised,
    Table,
    Walked,
)
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.databricks.listing.backing import backing, may_be_backing
from lakewarden_collector.sources.databricks.listing.listing_errors import is_unlisted, lost_parts
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import unlisted_catalogs, walk
from lakewarden_collector.sources.interface import ProgressState, Watcher


class UnlistedParents:
    """Failures that cover more than a table, by metastore and by what is lost."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, ...], Failure] = {}

    def __iter__(self) -> Iterator[Failure]:
        return iter(self._failures.values())

    def __len__(self) -> int:
        return len(self._failures)

    def add(self, metastore: str, failure: Failure) -> None:
        """Note a failure; the same loss is noted once in each metastore."""
        self._failures[metastore, *(lost_parts(failure) or (failure.what,))] = failure

    def extend(self, other: UnlistedParents) -> None:
        """Note all of the other's failures."""
        self._failures |= other._failures

    def by_parts(self) -> Mapping[tuple[str, ...], Failure]:
        """Return the failures by (catalog,) or (catalog, schema), whatever the metastore."""
        return {key[1:]: failure for key, failure in self._failures.items()}

    def forget(self, schemas: Mapping[tuple[str, str, str], object]) -> None:
        """Forget what another workspace has listed all the same.

        `schemas` are those that were listed, by metastore, catalog and schema. A schema that only a
        pattern names may be listed in any metastore.
        """
        catalogs = {(metastore, catalog) for metastore, catalog, _ in schemas}
        anywhere = {(catalog, schema) for _, catalog, schema in schemas}
        self._failures = {
            key: failure
            for key, failure in self._failures.items()
            if not (
                key in schemas or key in catalogs or (is_unlisted(failure) and key[1:] in anywhere)
            )
        }


Found = Listed | Summarised | LeftOut | Failure


class Lister:
    """The listing of one collection."""

    def __init__(
        self,
        *,
        scope: Scope,
        workspaces: Sequence[Workspace],
        journal: Journal,
        previous: PreviousInventory,
        pace: Pace,
        watcher: Watcher,
    ) -> None:
        self._scope = scope
        self._workspaces = workspaces
        self._journal = journal
        self._previous = previous
        self._pace = pace
        self._watcher = watcher
        self._unlisted = UnlistedParents()
        self._catalogs: set[str] = set()
        self._missing: dict[str, Failure] = {}
        """Tables that others know; not journalled, as a resumed collection may find them."""

    def run(self) -> None:
        """List everything that is not in the journal yet, and reconcile it."""
        self._show()
        for metastore in dict.fromkeys(each.metastore_id for each in self._workspaces):
            if metastore not in self._journal.walked:
                self._walk(metastore)
            self._catalogs.update(self._journal.walked.get(metastore, ()))
        self._leave_out_backing()
        asker = self._workspaces[0].asker
        for failure in unlisted_catalogs(self._scope, self._catalogs, asker):
            self._unlisted.add("", failure)
        known = (
            candidate
            for each in self._journal.known.values()
            for candidate in from_summaries(each.summarised.names, each.summarised.catalog_name)
        )
        self.reconcile_with([*known, *self._of_previous()])

    def failures(self) -> list[Failure]:
        """Return everything that could not be listed, sorted by name."""
        tables = [*self._journal.failures.values(), *self._missing.values()]
        lost = [failure for failure in tables if not self._found(failure)]
        return sorted([*self._unlisted, *lost], key=lambda failure: failure.what)

    def reconcile_with(self, candidates: Iterable[Candidate]) -> list[str]:
        """Name each of these tables that is in scope and not listed, with what became of it.

        Returns the full names of those that are there after all.
        """
        candidates = list(candidates)
        if not candidates:
            return []
        listed = {as_summarised(name) for name in self._journal.names()}
        named = {what.removeprefix("table ") for _, what in self._journal.failures}
        named |= {what for _, what in self._journal.left_out} | self._missing.keys()
        ids = self._journal.table_ids() if any(each.table_id for each in candidates) else ()
        lost = [
            candidate
            for candidate in missing(
                candidates, listed=listed, ids=ids, scope=self._scope, refused=self._refused()
            )
            if candidate.full_name not in named
        ]
        unique = list({candidate.parts: candidate for candidate in reversed(lost)}.values())
        unique = [candidate for candidate in unique if not self._is_backing(candidate)]
        found_later: list[str] = []
        for found in explain(
            unique, unlisted=self._unlisted.by_parts(), workspaces=self._workspaces
        ):
            if isinstance(found, FoundLater):
                table = Table(document=found.document, metastore=found.metastore, hint=found.hint)
                self._journal.put([table])
                found_later.append(found.document.full_name)
            elif isinstance(found, LeftOut):
                self._journal.add(Noted(metastore="", left_out=found))
            else:
                self._missing[found.what] = found
        return found_later

    def _leave_out_backing(self) -> None:
        """Take the tables back that stand behind a materialized view or a streaming table.

        Only now is every pipeline known: the tables may stand in another schema than the view.
        """
        for name in self._journal.names() if self._journal.pipelines else ():
            parts = split_name(name)
            if may_be_backing(parts):
                table_type = self._journal.table(name).document.table_type or ""
                left_out = self._backing(parts, table_type)
                if left_out is not None:
                    self._journal.leave_out(name, left_out)

    def _is_backing(self, candidate: Candidate) -> bool:
        """Tell whether a table that others know is such a table; then it is not lost."""
        left_out = self._backing(candidate.parts, "") if len(candidate.parts) > 1 else None
        if left_out is not None:
            self._journal.leave_out(candidate.full_name, left_out)
        return left_out is not None

    def _backing(self, parts: tuple[str, ...], table_type: str) -> LeftOut | None:
        """Return why a table is left out for what it stands behind; who names it, gets it."""
        if fold(parts[2]) in map(fold, self._scope.named(*parts[:2])):
            return None
        return backing(parts, table_type, self._journal.pipelines)

    def _walk(self, metastore: str) -> None:
        """List one metastore through each of its workspaces: none need see what the others do."""
        catalogs: set[str] = set()
        lost = UnlistedParents()
        for workspace in self._workspaces:
            if workspace.metastore_id != metastore:
                continue
            events = walk(
                workspace,
                self._scope,
                workers=self._pace.lists.limit,
                skip={(c, s) for m, c, s in self._journal.schemas if m == metastore},
                catalogs_listed=catalogs,
                asker=workspace.asker,
            )
            with closing(cast("Generator[Found, None, None]", events)):
                for event in events:
                    self._take(metastore, event, lost)
        lost.forget(self._journal.schemas)
        self._unlisted.extend(lost)
        self._catalogs |= catalogs
        if not lost:
            self._journal.add(Walked(metastore=metastore, catalogs=tuple(sorted(catalogs))))

    def _take(self, metastore: str, event: Found, lost: UnlistedParents) -> None:
        """Keep what the walk found, and what has to be listed again in `lost`."""
        match event:
            case Listed():
                self._keep(metastore, event)
            case Summarised():
                self._journal.add(Known(metastore=metastore, summarised=event))
            case LeftOut():
                self._journal.add(Noted(metastore=metastore, left_out=event))
            case Failure(covers="table"):
                self._journal.add(Noted(metastore=metastore, failure=event))
            case Failure():
                lost.add(metastore, event)

    def _keep(self, metastore: str, listed: Listed) -> None:
        for name in self._journal.add_schema(metastore, listed):
            failure = Failure(
                what=name,
                where=metastore,
                reason="two metastores have a table of this name; the other one is kept",
                remedy="Collect the metastores into two inventories.",
            )
            self._journal.add(Noted(metastore=metastore, failure=failure))
        self._show()

    def _found(self, failure: Failure) -> bool:
        """Whether a table that a pattern names, and one workspace does not list, is there."""
        return is_unlisted(failure) and join_name(lost_parts(failure)) in self._journal

    def _refused(self) -> set[str]:
        """Return the catalogs that were left out, for their type too."""
        left_out = (what for _, what in self._journal.left_out)
        return {what.removeprefix("catalog ") for what in left_out if what.startswith("catalog ")}

    def _show(self) -> None:
        throttled = self._pace.lists.throttlings
        throttlings = f" (throttled {throttled:,} times)" if throttled else ""
        self._watcher.show(
            ProgressState(text=f"Listing tables{throttlings}", done=len(self._journal))
        )

    def _of_previous(self) -> Iterator[Candidate]:
        for parts in self._previous.names.values():
            yield Candidate(parts[:3], "the previous inventory", parts[3])
        for lost in self._previous.lost:
            yield Candidate(lost, "the previous inventory")
