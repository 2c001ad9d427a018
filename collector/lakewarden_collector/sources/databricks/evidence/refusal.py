"""What a statement's error means for the evidence that it should have brought."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.document import Absence, EvidenceStatus
from lakewarden_collector.errors import clause
from lakewarden_collector.sources.databricks.statements.errors import StatementError

_LONGEST: Final = 300
"""Characters of a server's message that are kept: it is written into every document."""


def first_line(message: str) -> str:
    """Return the first line of a server's message, cut where it is very long.

    A line that ends in a colon says nothing without the next one.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    line = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def told(error: StatementError) -> str:
    """Return the error class or SQL state, then what the server said, without its full stop."""
    message = clause(first_line(error.message))
    code = error.error_class or error.sql_state
    return message if not code or code in message else f"{code}: {message}"


def of_system_table(error: StatementError, table: str) -> Absence:
    """Explain why a system table gave no answer, `table` being its full name.

    A system table that is missing belongs to a system schema that is not enabled.
    """
    status: EvidenceStatus
    match error.kind:
        case "denied":
            status = "denied"
            reason = f"{table} may not be read; the grants: lakewarden doctor --source databricks"
        # assumes schema-not-enabled-is-not-found
        case "missing":
            status = "unsupported"
            reason = f"{table} is not there; an account admin can enable its schema"
        case "unsupported":
            status, reason = "unsupported", f"{table} cannot be read here"
        case _:
            status, reason = "failed", f"{table} could not be read"
    return Absence(status=status, reason=f"{reason} ({told(error)})")
