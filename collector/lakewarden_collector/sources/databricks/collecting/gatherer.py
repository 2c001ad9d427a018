"""Evidence on demand: what a decision lacks is fetched, for its table only, cheapest way first.

Every table is shown to the adviser, who says what is still needed. A size comes from the previous
inventory, else from the metrics history, else from describing the table; so does predictive
optimization, where the listing does not tell it; reads and tags come from one statement each.
Whatever came, the adviser sees the table again, until nothing more is needed or every way has been
gone. What an answer that is there says anyway, a table has from the beginning.
Tables are described while others are still being judged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from msgspec import UNSET, structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.collecting.describe_queue import DescribeQueue
from lakewarden_collector.sources.databricks.collecting.evidence_fetcher import EvidenceFetcher
from lakewarden_collector.sources.databricks.collecting.table_describer import TableDescriber
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.evidence import describe, describe_json
from lakewarden_collector.sources.databricks.evidence.lookup import with_evidence
from lakewarden_collector.sources.databricks.evidence.metrics_history import OPTIMIZATION
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    PreviousInventory,
    previous_size,
    variants,
    with_previous_optimization,
    with_size,
)
from lakewarden_collector.sources.databricks.journal.events import Attempt, Table
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.interface import Adviser


class TableProgress:
    """One table while it is being judged."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.wants: frozenset[str] = frozenset()
        self.changed = False
        self.gained = False
        """Evidence came, so the table is to be judged again."""
        self.queued = ""
        """The way in which it is to be described, if it is."""

    def lacks(self, evidence_kind: str, way: str) -> bool:
        """Say whether this kind is wanted and this way to it is still open."""
        return evidence_kind in self.wants and all(
            attempt.way != way for attempt in self.table.attempts
        )

    def note(self, attempt: Attempt, document: TableDocument, *, gained: bool = False) -> None:
        """Note that a way was gone and what the document is now."""
        self.table = self.table.after(attempt, document)
        self.changed = True
        self.gained = self.gained or gained


BATCH: Final = 500
"""Tables shown to the adviser at once."""

SIZE: Final = "size"
REUSE: Final = "reuse"
DESCRIBE: Final = describe.STATEMENT
LOOKUPS: Final = {"access": "table_lineage", "tags": "tags"}
"""Kinds of evidence that one statement gives for all tables, and the way to them."""
METRICS: Final = "metrics_history"
DESCRIPTIONS: Final = {SIZE: DESCRIBE, OPTIMIZATION: describe_json.STATEMENT}
"""Kinds of evidence that a statement gives for one table, and the way to them."""
_OPTIMIZED: Final = f"{METRICS}:{OPTIMIZATION}"
_REUSE_OPTIMIZED: Final = f"{REUSE}:{OPTIMIZATION}"
"""Ways to predictive optimization; the same places are other ways to sizes."""
_OF_OPTIMIZATION: Final = {_OPTIMIZED, _REUSE_OPTIMIZED, DESCRIPTIONS[OPTIMIZATION]}


class Gatherer:
    """One collection's evidence, gathered into its journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        adviser: Adviser,
        fetchers: Mapping[str, EvidenceFetcher],
        describers: Mapping[str, TableDescriber],
        previous: PreviousInventory,
        budget: Budget,
        width: int,
        stop: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._adviser = adviser
        self._fetchers = fetchers
        self._describers = describers
        self._previous = previous
        self._budget = budget
        self._again: deque[str] = deque()
        self._waiting: list[tuple[Table, str]] = []
        """Tables that wait for a budget to be shared out, and the way to describe them."""
        self._unsized: list[str] = []
        """Tables that nothing was wanted for, and that have no size."""
        self.queue = DescribeQueue(width=width, stop=stop)
        self.judged = 0
        """Tables of the listing that the adviser has seen."""
        self.saved = 0
        """Tables whose size came without a statement of their own."""

    def run(self, names: Iterable[str] | None = None) -> Iterator[None]:
        """Gather everything; yields now and then, so that the caller can say how far it is.

        `names` are the tables to begin with; without it, all.
        """
        with self.queue as queue:
            if self._budget.most is None:
                queue.begin()
            scan = iter(self._journal.names() if names is None else names)
            while True:
                if batch := self._next(scan):
                    self._judge(batch)
                elif self._waiting:
                    self._release()
                elif queue.idle:
                    return
                yield

    def complete(self) -> None:
        """Give sizes that were answered anyway to the tables that nothing wanted them for.

        They cost nothing any more, and a report that adds bytes up knows more of them.
        """
        names = iter(self._unsized)
        while batch := list(islice(names, BATCH)):
            tables = [self._journal.table(name) for name in batch]
            offered = [self._offered(table) for table in tables]
            self._journal.put(
                new for old, new in zip(tables, offered, strict=True) if new is not old
            )

    def _offered(self, table: Table) -> Table:
        if not _bare(table):
            return table
        found = self._fetchers[table.metastore].offer(METRICS, table.document)
        if SIZE in found.evidence or found.size.bytes is UNSET:
            return table
        return structs.replace(table, document=found)

    def _next(self, scan: Iterator[str]) -> list[str]:
        """Return tables to judge: those that came back, filled up with new ones."""
        batch = [self._again.popleft() for _ in range(min(BATCH, len(self._again)))]
        batch += self.queue.finished(BATCH - len(batch), 0)
        fresh = list(islice(scan, BATCH - len(batch)))
        self.judged += len(fresh)
        if self._journal.resumed:
            self._reopen(fresh)
        return batch + fresh or self.queue.finished(BATCH, 1)

    def _reopen(self, names: Sequence[str]) -> None:
        """Open the ways again that an earlier attempt broke off."""
        for table in map(self._journal.table, names):
            settled = tuple(attempt for attempt in table.attempts if attempt.settled)
            if settled != table.attempts:
                self._journal.put([structs.replace(table, attempts=settled)])

    def _judge(self, names: Sequence[str]) -> None:
        tables = [TableProgress(self._journal.table(name)) for name in names]
        for progress in tables:
            self._foresee(progress)
        advices = self._adviser([progress.table.document for progress in tables])
        for progress, advice in zip(tables, advices, strict=True):
            progress.wants = advice.wants - _settled(progress.table.document)
        self._reuse(tables)
        for progress in tables:
            if not progress.gained:
                self._pursue(progress)
        self._journal.put(progress.table for progress in tables if progress.changed)
        self._unsized += [
            progress.table.document.full_name for progress in tables if _bare(progress.table)
        ]
        for progress in tables:  # only now: a thread must find the table as it is
            if progress.queued:
                self._queue(progress.table, progress.queued)
            elif progress.gained:
                self._again.append(progress.table.document.full_name)

    def _foresee(self, progress: TableProgress) -> None:
        """Give a table the size that is there anyway before it is judged: judging costs most."""
        table = progress.table
        previous = previous_size(self._previous, table.document)
        if previous is not None:  # that one goes first; an exact one has yet to be tried
            if (
                previous.exact is not True
                and table.document.size.bytes is UNSET
                and not table.attempts
            ):
                progress.note(Attempt(way=REUSE), with_size(table.document, previous))
                self.saved += 1
            return
        offered = self._offered(progress.table)
        if offered is not progress.table:
            progress.table, progress.changed = offered, True
            self.saved += 1

    def _reuse(self, tables: Sequence[TableProgress]) -> None:
        """Take over sizes of the previous inventory.

        One that was not exact is judged like any such size. An exact one is taken over only where
        a little more and a little less are decided alike.
        """
        exact: list[TableProgress] = []
        for progress in tables:
            size = previous_size(self._previous, progress.table.document)
            if size is None or not progress.lacks(SIZE, REUSE):
                continue
            if size.exact is True:
                exact.append(progress)
            else:
                reused = with_size(progress.table.document, size)
                self._gain(progress, Attempt(way=REUSE), reused)
        documents = [variant for progress in exact for variant in self._variants(progress)]
        advices = self._adviser(documents) if documents else ()
        for progress, (less, more) in zip(
            exact, zip(advices[::2], advices[1::2], strict=True), strict=True
        ):
            document = progress.table.document
            wants = less.wants | more.wants
            if less.outcome == more.outcome:
                size = self._previous.sizes[str(document.table_id)]
                progress.note(Attempt(way=REUSE), with_size(document, size))
                progress.wants = wants - {SIZE} - _settled(document)
                self.saved += 1
            else:
                progress.note(Attempt(way=REUSE), document)

    def _variants(self, progress: TableProgress) -> Iterable[TableDocument]:
        document = progress.table.document
        return variants(document, self._previous.sizes[str(document.table_id)])

    def _pursue(self, progress: TableProgress) -> None:
        """Go every way that is open to what the table wants, but the costly one last."""
        fetcher = self._fetchers[progress.table.metastore]
        for evidence_kind, way in LOOKUPS.items():
            if progress.lacks(evidence_kind, way):
                document, attempt = fetcher.look_up(way, progress.table.document)
                progress.note(attempt, document, gained=evidence_kind not in document.evidence)
        if progress.lacks(SIZE, METRICS):
            document, attempt = fetcher.look_up(METRICS, progress.table.document)
            if SIZE in document.evidence or document.size == progress.table.document.size:
                progress.note(attempt, document)
            else:
                self._gain(progress, attempt, document)
        self._pursue_optimization(progress, fetcher)
        describer = self._describers[progress.table.metastore]
        for evidence_kind, way in DESCRIPTIONS.items():
            if progress.gained or progress.queued or not progress.lacks(evidence_kind, way):
                continue
            refused = describer.why_not(progress.table.document, way)
            if refused is None:
                progress.queued = way
            else:
                progress.note(Attempt(way=way, settled=False), refused)

    def _pursue_optimization(self, progress: TableProgress, fetcher: EvidenceFetcher) -> None:
        """Take over what the previous inventory or the metrics history says of it."""
        document = progress.table.document
        if OPTIMIZATION not in progress.wants:
            return
        if document.predictive_optimization.enabled is not UNSET:  # it came with the size
            progress.gained = True
            return
        if progress.lacks(OPTIMIZATION, _REUSE_OPTIMIZED):
            previous = with_previous_optimization(self._previous, document)
            if previous is not None:
                progress.note(Attempt(way=_REUSE_OPTIMIZED), previous, gained=True)
                return
        if not progress.gained and progress.lacks(OPTIMIZATION, _OPTIMIZED):
            found, attempt = fetcher.look_up(METRICS, document)
            optimization = found.predictive_optimization
            if optimization.enabled is UNSET:
                progress.note(Attempt(way=_OPTIMIZED, settled=attempt.settled), document)
            else:
                document = with_evidence(
                    document, OPTIMIZATION, predictive_optimization=optimization
                )
                progress.note(Attempt(way=_OPTIMIZED), document, gained=True)

    def _gain(self, progress: TableProgress, attempt: Attempt, document: TableDocument) -> None:
        progress.note(attempt, document, gained=True)
        self.saved += 1

    def _queue(self, table: Table, way: str) -> None:
        """Have a table described; under a budget, only when it is known who else wants it."""
        if self._budget.most is None:
            self._describe(table, way)
        else:
            self._waiting.append((table, way))

    def _release(self) -> None:
        """Let the budget be spent on the most read and the largest first."""
        waiting, self._waiting = self._waiting, []
        left = self._budget.left
        scarce = left is not None and left < len(waiting)
        for table, way in waiting:
            self._describe(table, way, reads=self._reads(table) if scarce else 0)
        self.queue.begin()

    def _describe(self, table: Table, way: str, reads: int = 0) -> None:
        describer = self._describers[table.metastore]
        self.queue.add(describer, table.document.full_name, way, (reads, table.hint))

    def _reads(self, table: Table) -> int:
        fetcher = self._fetchers[table.metastore]
        reads = fetcher.look_up(LOOKUPS["access"], table.document)[0].access.reads
        return reads if isinstance(reads, int) else 0


def _settled(document: TableDocument) -> frozenset[str]:
    """Return the kinds of evidence that cannot get any better."""
    settled = set()
    if document.size.exact is True:
        settled.add(SIZE)
    if document.predictive_optimization.enabled is not UNSET:
        settled.add(OPTIMIZATION)
    return frozenset(settled)


def _bare(table: Table) -> bool:
    """Whether a table has no size, and nothing but its optimization was wanted for it."""
    if table.document.size.bytes is not UNSET:
        return False
    return {attempt.way for attempt in table.attempts} <= _OF_OPTIMIZATION
