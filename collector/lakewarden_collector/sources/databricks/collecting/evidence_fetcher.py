"""One workspace's desk: where a table's evidence is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from lakewarden_collector.document import Absence, EvidenceStatus, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.evidence import describe, describe_json
from lakewarden_collector.sources.databricks.evidence.lookup import Lookup, without_evidence
from lakewarden_collector.sources.databricks.evidence.metrics_history import MetricsHistory
from lakewarden_collector.sources.databricks.evidence.refusal import told
from lakewarden_collector.sources.databricks.journal.events import Answered
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

NO_WAREHOUSE = (
    "no SQL warehouse is configured; name one with --warehouse-id, DATABRICKS_WAREHOUSE_ID or "
    "warehouse_id in the profile"
)

ENOUGH_DENIALS = 3
"""Browsed tables of one schema that may be denied before the others are not asked for."""

UNSETTLED = "?"
"""Behind the name of a way that broke off or was refused, so that a resumed collection goes it
again: the grant may have come meanwhile."""

Described = tuple[TableDocument, bool]
"""A table's document, and whether that was the last word."""


class _Description(Struct, frozen=True, kw_only=True):
    """A statement about one table: what it brings, for which tables, and what the warehouse lacks.

    `unknown_here` tells an error of the warehouse, which it would give for every table.
    """

    kind: str
    why_not: Callable[[TableDocument], Absence | None]
    ask: Callable[[TableDocument, Run, str, describe.SecondLook | None], TableDocument]
    unknown_here: Callable[[StatementError], bool]


_DESCRIPTIONS: Final[Mapping[str, _Description]] = {
    describe.STATEMENT: _Description(
        kind=describe.KIND,
        why_not=describe.why_not,
        ask=describe.describe,
        unknown_here=lambda _: False,
    ),
    describe_json.STATEMENT: _Description(
        kind=describe_json.KIND,
        why_not=describe_json.why_not,
        ask=lambda document, run, *_: describe_json.describe(document, run),
        unknown_here=describe_json.unknown_here,
    ),
}
"""By the kind of their statements, which is the name of the way."""


class EvidenceFetcher:
    """Asks one workspace's SQL warehouse, within the budget; without one, says so.

    Lookups are made on first use and journalled.
    """

    def __init__(
        self,
        *,
        metastore: str,
        run: Run | None,
        catalogs: Sequence[str],
        lookups: Sequence[Lookup],
        journal: Journal,
        budget: Budget,
        now: Callable[[], str],
        note: Callable[[str], None],
        second_look: describe.SecondLook | None = None,
    ) -> None:
        self._metastore = metastore
        self._run = run
        self._catalogs = catalogs
        self._lookups: Mapping[str, Lookup] = {lookup.name: lookup for lookup in lookups}
        self._loaded: set[str] = set()
        self._answered: set[str] = set()
        """Lookups that an earlier attempt has made."""
        self._journal = journal
        self._budget = budget
        self._now = now
        self._note = note
        self._second_look = second_look
        self._denials: dict[tuple[str, str, str], int] = {}
        """Per way and schema, how many tables that are only browsed were denied; far below 0 where
        one was not."""
        self._unknown_here: dict[str, Absence] = {}
        """Per way, why the warehouse does not know its statement, once it has said so."""
        self._told = False
        self._closed = None if run else NO_WAREHOUSE
        """Why no statement can be sent any more."""
        for answered in journal.answers:
            if answered.metastore == metastore and answered.answer.name in self._lookups:
                self._lookups[answered.answer.name].take(answered.answer)
                self._answered.add(answered.answer.name)

    def look_up(self, name: str, document: TableDocument) -> tuple[TableDocument, str]:
        """Return the document with a lookup's evidence or why there is none, and the way gone."""
        lookup = self._lookups[name]
        if self._closed is None and name not in self._loaded:
            self._load(lookup)
        if self._closed is not None and name not in self._loaded:
            return self._refused(document, lookup.kind), name + UNSETTLED
        found = lookup.apply(document)
        why = found.evidence.get(lookup.kind)
        settled = why is None or why.status == "unsupported"
        return found, name if settled else name + UNSETTLED

    def offer(self, name: str, document: TableDocument) -> TableDocument:
        """Return the document with what a lookup says that was made anyway; nothing is asked."""
        if name not in self._loaded | self._answered:
            return document
        return self._lookups[name].apply(document)

    def not_describable(self, document: TableDocument, way: str) -> TableDocument | None:
        """Return the document with the reason why this way is closed to it; None where it is not.

        A way is the kind of the statement that describes.
        """
        kind = _DESCRIPTIONS[way].kind
        if self._closed is not None:
            return self._refused(document, kind)
        why = self._unknown_here.get(way) or _DESCRIPTIONS[way].why_not(document)
        if why is not None:
            return without_evidence(document, kind, why.status, str(why.reason))
        return None

    def admit(self, document: TableDocument, way: str) -> Callable[[], Described]:
        """Take a statement from the budget for one table; return what describes it, or why not.

        The first to come is served first, so tables are to be admitted in their order. What is
        returned may be called from any thread.
        """
        refused = self._refusal(document, way)
        if refused is None:
            return partial(self._describe, document, way)
        return lambda: (refused, False)

    def _refusal(self, document: TableDocument, way: str) -> TableDocument | None:
        """Return the document with the reason why not; None where the statement was taken."""
        kind = _DESCRIPTIONS[way].kind
        if (refused := self.not_describable(document, way)) is not None:
            return refused
        if is_browsed(document) and self._denials.get(_place(document, way), 0) >= ENOUGH_DENIALS:
            reason = f"only browsed, and {ENOUGH_DENIALS} such tables of its schema were denied"
            return without_evidence(document, kind, "denied", f"not asked for: {reason}")
        if not self._budget.take():
            return without_evidence(document, kind, "not_requested", self._budget.sentence())
        return None

    def _describe(self, document: TableDocument, way: str) -> Described:
        description = _DESCRIPTIONS[way]
        settled, known_here = True, True

        def run(statement: Statement) -> Rows:
            nonlocal settled, known_here
            try:
                return self._send(statement)
            except StatementError as error:
                settled = error.kind not in ("failed", "denied")
                known_here = not description.unknown_here(error)
                raise

        try:
            described = description.ask(document, run, self._now(), self._second_look)
        except StatementError as error:  # a fatal one; all others are reasons already
            self._close(error)
            return self._refused(document, description.kind), False
        why = described.evidence.get(description.kind)
        if not known_here and why is not None:
            self._unknown_here[way] = why
        if is_browsed(document):
            self._count_denial(_place(document, way), why)
        return described, settled and (why is None or why.status != "denied")

    def _count_denial(self, place: tuple[str, str, str], why: Absence | None) -> None:
        """Note how a table fared that is only browsed; one that could be described clears all."""
        if why is None:
            self._denials[place] = -sys.maxsize
        elif why.status == "denied":
            self._denials[place] = self._denials.get(place, 0) + 1

    def known(self) -> Iterable[tuple[str, str, str, str]]:
        """Return catalog, schema, name and id of every table that the lookups know to exist."""
        for lookup in self._lookups.values():
            if isinstance(lookup, MetricsHistory):
                yield from lookup.known()

    def _load(self, lookup: Lookup) -> None:
        try:
            for answer in lookup.load(self._within_budget, self._catalogs):
                self._journal.add(Answered(metastore=self._metastore, answer=answer))
                lookup.take(answer)
        except StatementError as error:
            self._close(error)
            return
        self._loaded.add(lookup.name)
        for sentence in lookup.trouble:
            self._note(sentence)

    def _within_budget(self, statement: Statement) -> Rows:
        if not self._budget.take():
            raise StatementError(kind="failed", message=self._budget.sentence())
        return self._send(statement)

    def _send(self, statement: Statement) -> Rows:
        if self._run is None:
            raise StatementError(kind="failed", message=NO_WAREHOUSE)
        return self._run(statement)

    def _close(self, error: StatementError) -> None:
        if self._closed is None:
            remedy = f"; {error.remedy}" if error.remedy else ""
            self._closed = f"{told(error)}{remedy}"
            self._note(f"No further statement can be sent: {self._closed}")

    def _refused(self, document: TableDocument, kind: str) -> TableDocument:
        if self._run is None and not self._told:
            self._told = True
            self._note(f"Sizes, reads and tags stay unknown: {NO_WAREHOUSE}")
        status: EvidenceStatus = "failed" if self._run else "not_requested"
        return without_evidence(document, kind, status, self._closed or NO_WAREHOUSE)


def _place(document: TableDocument, way: str) -> tuple[str, str, str]:
    return way, document.catalog_name, document.schema_name


def is_browsed(document: TableDocument) -> bool:
    """Return whether the listing showed this table only in part, for want of SELECT."""
    why = document.evidence.get("properties")
    return why is not None and why.status == "denied"
