"""The one sentence that a report begins with, and what the gate makes of the run."""

from __future__ import annotations

from typing import Final

from lakewarden.model.errors import (
    EXIT_BROKEN,
    EXIT_FAILED,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_TERMINATED,
    EXIT_USAGE,
)
from lakewarden.model.report import Gate, Report
from lakewarden.model.standing import Status
from lakewarden_collector.counted import counted

EXITS: Final = {
    EXIT_OK: "passed",
    EXIT_FAILED: "failed",
    EXIT_USAGE: "not run: wrong usage or configuration",
    EXIT_INCOMPLETE: "incomplete",
    EXIT_BROKEN: "broken off: the collector or the engine failed",
    EXIT_INTERRUPTED: "interrupted",
    EXIT_TERMINATED: "terminated",
}


def tone(report: Report) -> str:
    """Return `bad`, `unsure` or `good`."""
    status = report.summary.tables_by_status
    if status.get(Status.NON_COMPLIANT):
        return "bad"
    if (
        status.get(Status.UNDECIDED)
        or not report.completeness.complete
        or not report.summary.total.tables
    ):
        return "unsure"
    return "good"


def verdict(report: Report) -> str:
    """Return the headline, a sentence."""
    status = report.summary.tables_by_status
    tables = report.summary.total.tables
    failing = status.get(Status.NON_COMPLIANT, 0)
    undecided = status.get(Status.UNDECIDED, 0)
    if not tables:
        return "Nothing was evaluated."
    if failing:
        verb = "breaks" if failing == 1 else "break"
        return f"{failing:,} of {counted(tables, 'table')} {verb} a mandatory policy."
    if undecided:
        return (
            "No table breaks a mandatory policy, but "
            f"{undecided:,} of {counted(tables, 'table')} could not be decided."
        )
    if not report.completeness.complete:
        return "No evaluated table breaks a mandatory policy, but the run is incomplete."
    return f"No table breaks a mandatory policy: {counted(tables, 'table')} evaluated."


def gate_lines(gate: Gate) -> list[str]:
    """Say what the gate decided, why, and what softened it."""
    code = gate.exit_code
    if gate.softened:
        what = "these violations" if code == EXIT_FAILED else "this"
        first = f"Gate: softened by --no-gate; on a real estate {what} would exit {code}"
    else:
        first = f"Gate: {EXITS.get(code, 'ended')} (exit {code})"
    lines = [f"{first}: {'; '.join(gate.reasons)}." if gate.reasons else f"{first}."]
    if gate.allowed:
        lines.append(f"Allowed by name, so not gated: {', '.join(gate.allowed)}.")
    return lines
