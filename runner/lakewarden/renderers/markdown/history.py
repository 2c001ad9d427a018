"""A report's history in Markdown: the trend, what came back, and what fails longest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakewarden.model.history import History, LastingFailure
from lakewarden.model.insight import Amount
from lakewarden.model.report import Report
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.layout import MarkdownSheet
from lakewarden.renderers.words import insight as words
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.history import apart, notes, past
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted

_LASTING: Final = 3
"""How many violations are named in a list; the JSON report has more."""

_RUNS: Final = 5
_SHOWN: Final = (Status.NON_COMPLIANT, Status.UNDECIDED, Status.COMPLIANT)


def show_history(sheet: MarkdownSheet, report: Report) -> None:
    """Write the section, where the report has a history."""
    history = report.history
    if history is None:
        return
    sheet.heading(2, "Trend")
    sheet.line(_counts(history))
    newest_first = history.runs[::-1]
    sheet.table(
        ("Run", *(f"{wording.STATUSES[status]}>" for status in _SHOWN), "Failing>", "Note"),
        (
            (
                prose(wording.utc(run.clock)),
                *(_figures(run.tables.get(status, Amount()), status) for status in _SHOWN),
                f"{run.failing:,}",
                prose(" ".join(notes(run))),
            )
            for run in newest_first
        ),
        len(newest_first) + history.not_listed,
        "run",
        rows=_RUNS,
    )
    if others := apart(history):
        sheet.line(others)
    _lasting(
        sheet,
        "Reported fixed, and failing again:",
        history.contradictions,
        history.contradicted,
    )
    _lasting(sheet, "Failing for longest:", history.oldest[:_LASTING], 0)


def _counts(history: History) -> str:
    parts = [
        f"{history.new:,} new",
        f"{history.reopened:,} reopened",
        f"{history.contradicted:,} of these reported fixed before",
        f"{history.fixed:,} fixed",
    ]
    median = ""
    if history.days_to_fix is not None:
        median = f" The median time to fix is {history.days_to_fix:,.1f} days."
    return f"{counted(history.failing, 'violation')}: {', '.join(parts)}.{median}"


def _lasting(
    sheet: MarkdownSheet, title: str, failures: Sequence[LastingFailure], total: int
) -> None:
    if failures:
        sheet.line(title)
    sheet.items(
        (
            f"{code(each.full_name)}, {code(each.policy_id)}{_key(each)}: {prose(past(each))}"
            for each in failures
        ),
        total or len(failures),
        "violation",
        rows=_LASTING,
    )


def _key(failure: LastingFailure) -> str:
    return "" if failure.key is None else f", {code(failure.key)}"


def _figures(number: Amount, status: Status) -> str:
    data = words.in_brackets(number) if status is Status.NON_COMPLIANT else ""
    return f"{number.tables:,}{data}"
