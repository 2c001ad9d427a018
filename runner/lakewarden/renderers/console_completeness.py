"""What a run knew of and what it decided, on a terminal."""

from __future__ import annotations

from lakewarden.model.report import Report
from lakewarden.renderers import wording
from lakewarden.renderers.collected import evaluated, omissions, spending
from lakewarden.renderers.console_sheet import WORST, Sheet


def show_completeness(sheet: Sheet, report: Report) -> None:
    """Say how much was evaluated, then what was lost, left out and asked for."""
    state = report.completeness
    sheet.heading("Completeness")
    sheet.line(
        evaluated(state),
        style="" if state.complete else "yellow",
        indent=2,
    )
    for reason in state.reasons:
        sheet.line(wording.visible(reason), indent=2)
    for failure in state.failures[:WORST]:
        sheet.line(f"{wording.visible(failure.what)}: {wording.visible(failure.reason)}", indent=2)
        if failure.where != failure.what:
            sheet.line(f"at {wording.visible(failure.where)}", indent=4)
        sheet.line(f"Fix: {wording.visible(failure.remedy)}", indent=4)
    sheet.more(len(state.failures), "failure", indent=2)
    omitted = omissions(state.left_out)
    for each in omitted[:WORST]:
        sheet.line(f"left out: {wording.visible(str(each))}", indent=2)
    sheet.more(len(omitted), "omission", indent=2)
    if report.run.spent:
        sheet.line(f"asked: {spending(report.run.spent)}", indent=2)
