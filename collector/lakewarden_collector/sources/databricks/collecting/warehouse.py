"""One metastore's SQL warehouse as a collection uses it: within the budget, until it is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lakewarden_collector.document import EvidenceStatus, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.concurrency.budget import Budget
from lakewarden_collector.sources.databricks.evidence.lookup import without_evidence
from lakewarden_collector.sources.databricks.evidence.refusal import refusal_text
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

NO_WAREHOUSE: Final = (
    "no SQL warehouse is configured; name one with --warehouse-id, DATABRICKS_WAREHOUSE_ID or "
    "warehouse_id in the profile"
)


class Warehouse:
    """Sends statements as long as that is possible. Safe to use from threads.

    `run` sends one; None where no warehouse is configured. `note` hears, once, why no more
    statements are sent.
    """

    def __init__(self, run: Run | None, budget: Budget, note: Callable[[str], None]) -> None:
        self.budget = budget
        self.note = note
        self.closed = None if run else NO_WAREHOUSE
        """Why no statement can be sent any more."""
        self._run = run
        self._noted = False

    def send(self, statement: Statement) -> Rows:
        """Send a statement that was taken from the budget. Raises `StatementError`."""
        if self._run is None:
            raise StatementError(kind="failed", message=NO_WAREHOUSE)
        return self._run(statement)

    def send_within_budget(self, statement: Statement) -> Rows:
        """Take a statement from the budget and send it.

        Raises `StatementError`, also where the budget is spent.
        """
        if not self.budget.take():
            raise StatementError(kind="failed", message=self.budget.sentence())
        return self.send(statement)

    def close(self, error: StatementError) -> None:
        """Send nothing more after a fatal error, and say so."""
        if self.closed is None:
            remedy = f"; {error.remedy}" if error.remedy else ""
            self.closed = f"{refusal_text(error)}{remedy}"
            self.note(f"No further statement can be sent: {self.closed}")

    def without(self, document: TableDocument, evidence_kind: str) -> TableDocument:
        """Return the document with the reason why nothing can be asked about it."""
        if self._run is None and not self._noted:
            self._noted = True
            self.note(f"Sizes, reads and tags stay unknown: {NO_WAREHOUSE}")
        status: EvidenceStatus = "failed" if self._run else "not_requested"
        return without_evidence(document, evidence_kind, status, self.closed or NO_WAREHOUSE)
