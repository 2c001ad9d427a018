"""A runner of statements, through the real SDK against the server on loopback."""

from __future__ import annotations

from typing import Final

import pytest

from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.polling import Deadlines
from lakewarden_collector.sources.databricks.statements.runner import StatementRunner
from lakewarden_collector.sources.databricks.statements.statement import Statement
from tests.unit.collector.databricks.statements.loopback import Loopback, client_of

POST: Final = r"POST .*/statements$"
ONE: Final = Statement(text="SELECT 1 AS n", kind="one")
LARGE: Final = Statement(text="SELECT 1 AS n", kind="many", large=True)


class Bench:
    """A runner and all that it works with; what it notes and tells of waiting is kept.

    Its clock runs a thousand times as fast as ours.
    """

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.pace = Pace.default(speed=0.001)
        self.spent = RequestCounts()
        self.notes: list[str] = []
        self.pending: list[float] = []
        self.run = StatementRunner(
            client_of(server, self.pace),
            "w1",
            pace=self.pace,
            spent=self.spent,
            note=self.notes.append,
            on_pending=self.pending.append,
            deadlines=Deadlines(pending=60, running=30, cancelling=10, leaving=10),
        )

    def refused(self, statement: Statement = ONE) -> StatementError:
        """Return the error that a statement ends with."""
        with pytest.raises(StatementError) as caught:
            self.run(statement)
        return caught.value

    def ways(self) -> list[str]:
        """Return how each statement that was sent wanted its answer."""
        return [each.body["disposition"] for each in self.server.of(POST)]
