"""Describes one table at a time: taken from the budget, asked, and written to the journal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from lakewarden_collector.document import Absence, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.collecting.warehouse import Warehouse
from lakewarden_collector.sources.databricks.evidence import describe, describe_json
from lakewarden_collector.sources.databricks.evidence.lookup import without_evidence
from lakewarden_collector.sources.databricks.journal.events import Attempt, Table
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

ENOUGH_DENIALS: Final = 3
"""Browsed tables of one schema that may be denied before the others are not asked for."""


class _Description(Struct, frozen=True, kw_only=True):
    """A statement about one table: what it brings, for which tables, and what the warehouse lacks.

    `unknown_here` tells an error of the warehouse, which it would give for every table.
    """

    evidence_kind: str
    why_not: Callable[[TableDocument], Absence | None]
    ask: Callable[[TableDocument, Run, str, describe.SecondLook | None], TableDocument]
    unknown_here: Callable[[StatementError], bool]


_DESCRIPTIONS: Final[Mapping[str, _Description]] = {
    describe.STATEMENT: _Description(
        evidence_kind=describe.EVIDENCE_KIND,
        why_not=describe.why_not,
        ask=describe.describe,
        unknown_here=lambda _: False,
    ),
    describe_json.STATEMENT: _Description(
        evidence_kind=describe_json.EVIDENCE_KIND,
        why_not=describe_json.why_not,
        ask=lambda document, run, *_: describe_json.describe(document, run),
        unknown_here=describe_json.unknown_here,
    ),
}
"""By the kind of their statements, which is the name of the way."""


class Taken(Struct, frozen=True):
    """One table that may be described: as it is known now, and in which way.

    `refused` is its document where it isn't described after all, with the reason.
    """

    table: Table
    way: str
    refused: TableDocument | None


class TableDescriber:
    """Describes the tables of one metastore. Safe to use from threads.

    A way is the kind of the statement that describes. `now` gives the time of asking, RFC 3339 in
    UTC. `second_look` is asked about a table that a statement does not find.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        journal: Journal,
        *,
        now: Callable[[], str],
        second_look: describe.SecondLook | None = None,
    ) -> None:
        self._warehouse = warehouse
        self._journal = journal
        self._now = now
        self._second_look = second_look
        self._denials: dict[tuple[str, str, str], int] = {}
        """Per way and schema, how many tables that are only browsed were denied; far below 0 where
        one was not."""
        self._unknown_here: dict[str, Absence] = {}
        """Per way, why the warehouse does not know its statement, once it has said so."""

    def why_not(self, document: TableDocument, way: str) -> TableDocument | None:
        """Return the document with the reason why this way is closed to it; None if it is open."""
        evidence_kind = _DESCRIPTIONS[way].evidence_kind
        if self._warehouse.closed is not None:
            return self._warehouse.without(document, evidence_kind)
        why = self._unknown_here.get(way) or _DESCRIPTIONS[way].why_not(document)
        if why is not None:
            return without_evidence(document, evidence_kind, why.status, str(why.reason))
        return None

    def take(self, full_name: str, way: str) -> Taken:
        """Take a statement about one table from the budget; ask nothing yet.

        The first to come is served first, so tables are to be taken in their order.
        """
        table = self._journal.table(full_name)
        return Taken(table, way, self._refusal(table.document, way))

    def describe(self, taken: Taken) -> None:
        """Ask about a table that was taken, and write what came to the journal.

        Raises `Interrupted`; a table that can't be described is one with a reason.
        """
        if taken.refused is None:
            document, settled = self._ask(taken.table.document, taken.way)
        else:
            document, settled = taken.refused, False
        attempt = Attempt(way=taken.way, settled=settled)
        self._journal.put([taken.table.after(attempt, document)])

    def _refusal(self, document: TableDocument, way: str) -> TableDocument | None:
        """Return the document with the reason why not; None where the statement was taken."""
        evidence_kind = _DESCRIPTIONS[way].evidence_kind
        if (refused := self.why_not(document, way)) is not None:
            return refused
        if is_browsed(document) and self._denials.get(_place(document, way), 0) >= ENOUGH_DENIALS:
            reason = (
                f"it is browse-only, as are {ENOUGH_DENIALS} tables of its schema that were denied"
            )
            return without_evidence(document, evidence_kind, "denied", f"not asked for: {reason}")
        budget = self._warehouse.budget
        if not budget.take():
            return without_evidence(document, evidence_kind, "not_requested", budget.sentence())
        return None

    def _ask(self, document: TableDocument, way: str) -> tuple[TableDocument, bool]:
        """Return what the statement brings, and whether that was the last word."""
        description = _DESCRIPTIONS[way]
        settled, known_here = True, True

        def run(statement: Statement) -> Rows:
            nonlocal settled, known_here
            try:
                return self._warehouse.send(statement)
            except StatementError as error:
                settled = error.kind not in ("failed", "denied")
                known_here = not description.unknown_here(error)
                raise

        try:
            described = description.ask(document, run, self._now(), self._second_look)
        except StatementError as error:  # a fatal one; all others are reasons already
            self._warehouse.close(error)
            return self._warehouse.without(document, description.evidence_kind), False
        why = described.evidence.get(description.evidence_kind)
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


def _place(document: TableDocument, way: str) -> tuple[str, str, str]:
    return way, document.catalog_name, document.schema_name


def is_browsed(document: TableDocument) -> bool:
    """Return whether the listing showed this table only in part, because SELECT is missing."""
    why = document.evidence.get("properties")
    return why is not None and why.status == "denied"
