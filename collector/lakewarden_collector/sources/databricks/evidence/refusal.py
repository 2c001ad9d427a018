"""What a statement's error means for the evidence that it should have brought."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.document import Absence, EvidenceStatus, TableDocument
from lakewarden_collector.errors import clause
from lakewarden_collector.sources.databricks.evidence.lookup import without_evidence
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.grants import grants_for
from lakewarden_collector.sources.databricks.statements.statement import Statement

_LONGEST: Final = 300
"""Characters of a server's message that are kept: it is written into every document."""


def first_line(message: str) -> str:
    """Return the first line of a server's message, cut where it is very long.

    A line that ends in a colon says nothing without the next one.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    line = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def refusal_text(error: StatementError) -> str:
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
            reason = f"{table} can't be read; see the grants: lakewarden doctor --source databricks"
        # assumes schema-not-enabled-is-not-found
        case "missing":
            status = "unsupported"
            reason = f"{table} doesn't exist; an account admin can enable its schema"
        case "unsupported":
            status, reason = "unsupported", f"{table} can't be read here"
        case _:
            status, reason = "failed", f"{table} could not be read"
    return Absence(status=status, reason=f"{reason} ({refusal_text(error)})")


def of_description(error: StatementError, statement: Statement, words: str) -> Absence:
    """Explain why describing a table gave no answer; `words` are what a message calls it."""
    error_text = refusal_text(error)
    match error.kind:
        case "denied":
            reason = f"{words} is not allowed; it needs {needed(statement)} ({error_text})"
            return Absence(status="denied", reason=reason)
        case "missing":
            return Absence(status="failed", reason=f"{words} can't find it ({error_text})")
        case "unsupported":
            reason = f"{words} doesn't support this type of table ({error_text})"
            return Absence(status="unsupported", reason=reason)
        case _:
            return Absence(status="failed", reason=f"{words} failed ({error_text})")


def of_name(document: TableDocument, evidence_kind: str, error: ValueError) -> TableDocument:
    """Return the document of a table whose name no statement can hold, with that reason."""
    return without_evidence(document, evidence_kind, "unsupported", f"its name: {error}")


def needed(statement: Statement) -> str:
    """Return the privileges that a statement needs, as a sentence names them."""
    return " and ".join(grant.privileges for grant in grants_for(statement))
