"""Evidence on demand: what a decision lacks is fetched, for its table only, cheapest way first.

Every table is shown to the adviser, who says what is still needed. A size comes from the earlier
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
from lakewarden_collector.sources.databricks.collecting.describe_queue import Describe, Describers
from lakewarden_collector.sources.databricks.collecting.evidence_fetcher import UNSETTLED, Desk
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.evidence import describe, describe_json
from lakewarden_collector.sources.databricks.evidence.lookup import with_evidence
from lakewarden_collector.sources.databricks.evidence.metrics_history import OPTIMIZATION
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    Earlier,
    earlier_size,
    variants,
    with_earlier_optimization,
    with_size,
)
from lakewarden_collector.sources.databricks.journal.events import Table
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.interface import Adviser


class Case:
    """One table while it is being judged."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.wants: frozenset[str] = frozenset()
        self.changed = False
        self.gained = False
        """Evidence came, so the table is to be judged again."""
        self.queued = ""
        """The way in which it is to be described, if it is."""

    def lacks(self, kind: str, way: str) -> bool:
        """Say whether this kind is wanted and this way to it is still open."""
        gone = self.table.tried
        return kind in self.wants and way not in gone and way + UNSETTLED not in gone

    def go(self, way: str, document: TableDocument, *, gained: bool = False) -> None:
        """Note that a way was gone and what the document is now."""
        self.table = structs.replace(self.table, document=document, tried=(*self.table.tried, way))
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


class Gathering:
    """One collection's evidence, gathered into its journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        adviser: Adviser,
        desks: Mapping[str, Desk],
        earlier: Earlier,
        budget: Budget,
        width: int,
        stop: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._adviser = adviser
        self._desks = desks
        self._earlier = earlier
        self._budget = budget
        self._again: deque[str] = deque()
        self._held: list[tuple[Table, str]] = []
        self._unsized: list[str] = []
        """Tables that nothing was wanted for, and that have no size."""
        self.describers = Describers(journal, self._admit, width=width, stop=stop)
        self.judged = 0
        """Tables of the listing that the adviser has seen."""
        self.saved = 0
        """Tables whose size came without a statement of their own."""

    def run(self, names: Iterable[str] | None = None) -> Iterator[None]:
        """Gather everything; yields now and then, so that the caller can say how far it is.

        `names` are the tables to begin with; without it, all.
        """
        with self.describers as describers:
            if self._budget.most is None:
                describers.begin()
            scan = iter(self._journal.names() if names is None else names)
            while True:
                if batch := self._next(scan):
                    self._judge(batch)
                elif self._held:
                    self._release()
                elif describers.idle:
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
        found = self._desks[table.metastore].offer(METRICS, table.document)
        if SIZE in found.evidence or found.size.bytes is UNSET:
            return table
        return structs.replace(table, document=found)

    def _next(self, scan: Iterator[str]) -> list[str]:
        """Return tables to judge: those that came back, filled up with new ones."""
        batch = [self._again.popleft() for _ in range(min(BATCH, len(self._again)))]
        batch += self.describers.finished(BATCH - len(batch), 0)
        fresh = list(islice(scan, BATCH - len(batch)))
        self.judged += len(fresh)
        if self._journal.resumed:
            self._reopen(fresh)
        return batch + fresh or self.describers.finished(BATCH, 1)

    def _reopen(self, names: Sequence[str]) -> None:
        """Open the ways again that an earlier attempt broke off."""
        tables = [table for name in names if (table := self._journal.table(name)).tried]
        settled = [tuple(way for way in t.tried if not way.endswith(UNSETTLED)) for t in tables]
        self._journal.put(
            structs.replace(table, tried=ways)
            for table, ways in zip(tables, settled, strict=True)
            if ways != table.tried
        )

    def _judge(self, names: Sequence[str]) -> None:
        cases = [Case(self._journal.table(name)) for name in names]
        for case in cases:
            self._foresee(case)
        advices = self._adviser([case.table.document for case in cases])
        for case, advice in zip(cases, advices, strict=True):
            case.wants = advice.wants - _settled(case.table.document)
        self._reuse(cases)
        for case in cases:
            if not case.gained:
                self._pursue(case)
        self._journal.put(case.table for case in cases if case.changed)
        self._unsized += [case.table.document.full_name for case in cases if _bare(case.table)]
        for case in cases:  # only now: a thread must find the table as it is
            if case.queued:
                self._queue(case.table, case.queued)
            elif case.gained:
                self._again.append(case.table.document.full_name)

    def _foresee(self, case: Case) -> None:
        """Give a table the size that is there anyway before it is judged: judging costs most."""
        table = case.table
        earlier = earlier_size(self._earlier, table.document)
        if earlier is not None:  # that one goes first; an exact one has yet to be tried
            if earlier.exact is not True and table.document.size.bytes is UNSET and not table.tried:
                case.go(REUSE, with_size(table.document, earlier))
                self.saved += 1
            return
        offered = self._offered(case.table)
        if offered is not case.table:
            case.table, case.changed = offered, True
            self.saved += 1

    def _reuse(self, cases: Sequence[Case]) -> None:
        """Take over sizes of the earlier inventory.

        One that was not exact is judged like any such size. An exact one is taken over only where
        a little more and a little less are decided alike.
        """
        exact: list[Case] = []
        for case in cases:
            size = earlier_size(self._earlier, case.table.document)
            if size is None or not case.lacks(SIZE, REUSE):
                continue
            if size.exact is True:
                exact.append(case)
            else:
                self._gain(case, REUSE, with_size(case.table.document, size))
        documents = [variant for case in exact for variant in self._variants(case)]
        advices = self._adviser(documents) if documents else ()
        for case, (less, more) in zip(
            exact, zip(advices[::2], advices[1::2], strict=True), strict=True
        ):
            document = case.table.document
            wants = less.wants | more.wants
            if less.outcome == more.outcome:
                size = self._earlier.sizes[str(document.table_id)]
                case.go(REUSE, with_size(document, size))
                case.wants = wants - {SIZE} - _settled(document)
                self.saved += 1
            else:
                case.go(REUSE, document)

    def _variants(self, case: Case) -> Iterable[TableDocument]:
        document = case.table.document
        return variants(document, self._earlier.sizes[str(document.table_id)])

    def _pursue(self, case: Case) -> None:
        """Go every way that is open to what the table wants, but the costly one last."""
        desk = self._desks[case.table.metastore]
        for kind, way in LOOKUPS.items():
            if case.lacks(kind, way):
                document, gone = desk.look_up(way, case.table.document)
                case.go(gone, document, gained=kind not in document.evidence)
        if case.lacks(SIZE, METRICS):
            document, gone = desk.look_up(METRICS, case.table.document)
            if SIZE in document.evidence or document.size == case.table.document.size:
                case.go(gone, document)
            else:
                self._gain(case, gone, document)
        self._pursue_optimization(case, desk)
        for kind, way in DESCRIPTIONS.items():
            if case.gained or case.queued or not case.lacks(kind, way):
                continue
            refused = desk.not_describable(case.table.document, way)
            if refused is None:
                case.queued = way
            else:
                case.go(way + UNSETTLED, refused)

    def _pursue_optimization(self, case: Case, desk: Desk) -> None:
        """Take over what the earlier inventory or the metrics history says of it."""
        document = case.table.document
        if OPTIMIZATION not in case.wants:
            return
        if document.predictive_optimization.enabled is not UNSET:  # it came with the size
            case.gained = True
            return
        if case.lacks(OPTIMIZATION, _REUSE_OPTIMIZED):
            earlier = with_earlier_optimization(self._earlier, document)
            if earlier is not None:
                case.go(_REUSE_OPTIMIZED, earlier, gained=True)
                return
        if not case.gained and case.lacks(OPTIMIZATION, _OPTIMIZED):
            found, gone = desk.look_up(METRICS, document)
            if found.predictive_optimization.enabled is UNSET:
                unsettled = UNSETTLED if gone.endswith(UNSETTLED) else ""
                case.go(_OPTIMIZED + unsettled, document)
            else:
                told = found.predictive_optimization
                document = with_evidence(document, OPTIMIZATION, predictive_optimization=told)
                case.go(_OPTIMIZED, document, gained=True)

    def _gain(self, case: Case, way: str, document: TableDocument) -> None:
        case.go(way, document, gained=True)
        self.saved += 1

    def _queue(self, table: Table, way: str) -> None:
        """Have a table described; under a budget, only when it is known who else wants it."""
        if self._budget.most is None:
            self.describers.add(table.document.full_name, way, (0, table.hint))
        else:
            self._held.append((table, way))

    def _release(self) -> None:
        """Let the budget be spent on the most read and the largest first."""
        held, self._held = self._held, []
        left = self._budget.left
        scarce = left is not None and left < len(held)
        for table, way in held:
            reads = self._reads(table) if scarce else 0
            self.describers.add(table.document.full_name, way, (reads, table.hint))
        self.describers.begin()

    def _reads(self, table: Table) -> int:
        desk = self._desks[table.metastore]
        reads = desk.look_up(LOOKUPS["access"], table.document)[0].access.reads
        return reads if isinstance(reads, int) else 0

    def _admit(self, table: Table, way: str) -> Describe:
        describe = self._desks[table.metastore].admit(table.document, way)

        def described() -> Table:
            document, settled = describe()
            gone = way if settled else way + UNSETTLED
            return structs.replace(table, document=document, tried=(*table.tried, gone))

        return described


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
    return {way.rstrip(UNSETTLED) for way in table.tried} <= _OF_OPTIMIZATION
