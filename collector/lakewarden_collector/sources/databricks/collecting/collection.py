"""One collection from its first request to its last: list, reconcile, gather evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import merge
from time import monotonic
from typing import Final

from lakewarden_collector.document import EncodedDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.client.workspace import Workspace
from lakewarden_collector.sources.databricks.collecting.evidence_fetcher import EvidenceFetcher
from lakewarden_collector.sources.databricks.collecting.gatherer import Gatherer
from lakewarden_collector.sources.databricks.collecting.lister import Lister
from lakewarden_collector.sources.databricks.collecting.plan import Plan, make_plan
from lakewarden_collector.sources.databricks.collecting.reconcile import Candidate
from lakewarden_collector.sources.databricks.collecting.table_describer import TableDescriber
from lakewarden_collector.sources.databricks.collecting.warehouse import Warehouse
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.evidence.lineage import TableLineage
from lakewarden_collector.sources.databricks.evidence.metrics_history import MetricsHistory
from lakewarden_collector.sources.databricks.evidence.previous_sizes import PreviousInventory
from lakewarden_collector.sources.databricks.evidence.tags import Tags
from lakewarden_collector.sources.databricks.journal.journal import Journal, Ledger
from lakewarden_collector.sources.databricks.listing.listing_errors import is_unlisted
from lakewarden_collector.sources.databricks.listing.lookup import look_up
from lakewarden_collector.sources.databricks.listing.scope import HIVE_METASTORE, Scope
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.databricks.statements.runner import StatementRunner
from lakewarden_collector.sources.interface import Adviser, Listed, Listing, ProgressState, Watcher


class Collection:
    """What is collected, from where, into which journal."""

    def __init__(
        self,
        *,
        options: DatabricksOptions,
        workspaces: Sequence[Workspace],
        journal: Journal,
        adviser: Adviser | None,
        previous: PreviousInventory,
        budget: Budget,
        pace: Pace,
        spent: RequestCounts,
        ledger: Ledger,
        watcher: Watcher,
        now: Callable[[], str],
    ) -> None:
        self._journal = journal
        self._adviser = adviser
        self._previous = previous
        self._budget = budget
        self._pace = pace
        self._ledger = ledger
        self._watcher = watcher
        self._now = now
        self._workspaces = workspaces
        self._runners: dict[str, StatementRunner] = {}
        self._asking: dict[str, Workspace] = {}
        """By metastore, the workspace that sends the statements."""
        for workspace in workspaces:
            if workspace.warehouse_id and workspace.metastore_id not in self._runners:
                self._asking[workspace.metastore_id] = workspace
                self._runners[workspace.metastore_id] = StatementRunner(
                    workspace.client,
                    workspace.warehouse_id,
                    pace=pace,
                    spent=spent,
                    on_pending=self._pending,
                    note=watcher.note,
                )
        self._noted_pending = False
        self._lister = Lister(
            scope=Scope(options.include, options.exclude, required=options.required),
            workspaces=workspaces,
            journal=journal,
            previous=previous,
            pace=pace,
            watcher=watcher,
        )

    def run(self, on_listed: Listed | None = None) -> None:
        """Collect everything into the journal; `on_listed` sees the listing before evidence."""
        self._lister.run()
        if on_listed is not None:
            on_listed(self._listing())
        if self._adviser is not None:
            self._gather(self._adviser)

    def _listing(self) -> Listing:
        failures = self._lister.failures()
        left_out = (what.partition(" ") for _, what in self._journal.left_out)
        return Listing(
            names=self._journal.names(),
            failures=[each for each in failures if not is_unlisted(each)],
            unseen=[each for each in failures if is_unlisted(each)],
            places=sorted(
                name
                for kind, _, name in left_out
                if kind in {"catalog", "schema"} and not name.startswith(HIVE_METASTORE)
            ),
        )

    def plan(self, list_calls: Callable[[], dict[str, int]]) -> Plan:
        """List everything, and say what gathering the evidence would take."""
        self._lister.run()
        return make_plan(
            self._journal,
            self._adviser,
            self._previous,
            warehouses=self._runners,
            list_calls=list_calls(),
            budget=self._budget.most,
            failures=self._lister.failures(),
        )

    def _gather(self, adviser: Adviser) -> None:
        """Gather the evidence of all tables, then of those that the metrics history adds."""
        fetchers: dict[str, EvidenceFetcher] = {}
        describers: dict[str, TableDescriber] = {}
        for workspace in self._workspaces:
            metastore = workspace.metastore_id
            if metastore not in fetchers:
                asking = self._asking.get(metastore, workspace)
                warehouse = Warehouse(
                    self._runners.get(metastore), self._budget, self._watcher.note
                )
                fetchers[metastore] = self._fetcher(metastore, warehouse, asking)
                describers[metastore] = TableDescriber(
                    warehouse, self._journal, now=self._now, second_look=partial(look_up, asking)
                )
        names: Sequence[str] | None = None
        while names is None or names:
            gatherer = Gatherer(
                journal=self._journal,
                adviser=adviser,
                fetchers=fetchers,
                describers=describers,
                previous=self._previous,
                budget=self._budget,
                width=self._pace.statements.limit,
                stop=self._pace.stop.set,
            )
            total = len(self._journal) if names is None else len(names)
            progress = _EvidenceProgress(gatherer, total, self._pace)
            for _ in gatherer.run(names):
                self._watcher.show(progress.state())
                self._ledger.save()
            gatherer.complete()
            names = self._lister.reconcile_with(
                Candidate((catalog, schema, name), "the metrics history", table_id)
                for fetcher in fetchers.values()
                for catalog, schema, name, table_id in fetcher.known()
            )

    def _fetcher(self, metastore: str, warehouse: Warehouse, asking: Workspace) -> EvidenceFetcher:
        return EvidenceFetcher(
            warehouse,
            self._journal,
            metastore=metastore,
            catalogs=sorted({c for m, c, _ in self._journal.schemas if m == metastore}),
            lookups=(
                MetricsHistory(metastore),
                TableLineage(metastore, asking.principal),
                Tags(),
            ),
        )

    def _pending(self, seconds: float) -> None:
        """Say once that statements wait for the warehouse: it starts, or it is busy."""
        if not self._noted_pending and seconds >= _WARM_SECONDS:
            self._noted_pending = True
            self._watcher.note("Waiting for the SQL warehouse, which is starting or busy")

    def cancel(self) -> None:
        """Ask for nothing more, cancel what is under way, and say so if one may go on."""
        self._pace.stop.set()
        uncertain = sum(runner.cancel_all() for runner in self._runners.values())
        if uncertain:
            self._watcher.note(
                f"{uncertain} statements could not be confirmed as cancelled; they only read, and "
                "the warehouse ends them by itself"
            )

    def items(self) -> Iterator[EncodedDocument | Failure]:
        """Yield tables and failures, sorted by name; failures of whole schemas come first."""
        failures = self._lister.failures()
        yield from (each for each in failures if each.covers != "table")
        tables: Iterator[tuple[str, Failure | None]] = ((n, None) for n in self._journal.names())
        lost = sorted((each.what, each) for each in failures if each.covers == "table")
        for name, failure in merge(tables, lost, key=lambda pair: pair[0]):
            yield self._journal.document(name) if failure is None else failure


_WARM_SECONDS: Final = 10.0
"""Within so many seconds, a warehouse that is running answers."""


class TimeLeft:
    """How long the rest of the tables takes, once enough were described for that to mean something.

    The time before the first one isn't counted: the metrics history was read then, and the
    warehouse started.
    """

    SECONDS: Final = 5.0
    TABLES: Final = 50
    """What has to have passed and to be done since the first table."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def text(self, done: int, total: int, now: float) -> str:
        """Return `, 3:05 to go` at `now`, in seconds of any clock; empty where nobody can tell."""
        if not done:
            return ""
        if self._first is None:
            self._first = now, done
        began, before = self._first
        if now - began < self.SECONDS or done - before < self.TABLES:
            return ""
        left = (total - done) * (now - began) / (done - before)
        minutes, rest = divmod(round(left), 60)
        return f", {minutes}:{rest:02d} to go"


class _EvidenceProgress:
    """How far the gathering is, in words."""

    def __init__(self, gatherer: Gatherer, tables: int, pace: Pace) -> None:
        self._gatherer = gatherer
        self._tables = tables
        self._pace = pace
        self._time_left = TimeLeft()

    def state(self) -> ProgressState:
        """Return the present state: first tables judged, then statements left."""
        gatherer = self._gatherer
        work = gatherer.queue
        if gatherer.judged < self._tables:
            return ProgressState(
                text=f"Determining which evidence is needed{self._statements()}",
                done=gatherer.judged,
                total=self._tables,
            )
        to_go = self._time_left.text(work.described, work.asked, monotonic())
        return ProgressState(
            text=f"Describing tables{self._saved()}{to_go}",
            done=work.described,
            total=work.asked,
        )

    def _statements(self) -> str:
        work = self._gatherer.queue
        return f" ({work.described:,} of {work.asked:,} tables described)" if work.asked else ""

    def _saved(self) -> str:
        words = []
        if self._gatherer.saved:
            words.append(f"{self._gatherer.saved:,} saved")
        if self._pace.statements.throttlings:
            words.append(f"throttled {self._pace.statements.throttlings:,} times")
        return f" ({', '.join(words)})" if words else ""
