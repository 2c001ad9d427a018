"""What is not decided, not kept and not complete: as loud as failures, and with what to do."""

from __future__ import annotations

from rich.text import Text

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Report
from lakewarden.renderers.console.layout import WORST, Sheet
from lakewarden.renderers.words import baseline, waivers, wording
from lakewarden.renderers.words.completeness import evaluated, omissions, spending
from lakewarden.renderers.words.evidence import lacking_evidence, promised, promises_kept
from lakewarden.renderers.words.judged import broken_waivers, judged_line
from lakewarden.renderers.words.table_scan import Survey


def show_errors(sheet: Sheet, report: Report, found: Survey) -> None:
    """Name the decisions that ended in an error."""
    total = report.summary.total.outcomes.get(Outcome.ERROR, 0)
    if not total:
        return
    sheet.heading("Errors", style="magenta")
    for table, policy_id, decision in found.errors:
        why = wording.sentences(decision.reasons)
        sheet.line(
            Text.assemble(
                (wording.visible(table.full_name), "bold"), f"  {policy_id}: {wording.visible(why)}"
            ),
            indent=2,
        )
        if table.definition:
            sheet.line(f"declared: {wording.visible(wording.declared(table.definition))}", indent=4)
    sheet.line(f"Fix: {wording.ERROR_REMEDY}", indent=4)
    sheet.more(total, "error", indent=2)


def show_lacks(sheet: Sheet, found: Survey) -> None:
    """Say which evidence is missing, for how many tables and why, and how to get it."""
    if not found.lacks:
        return
    sheet.heading("Why decisions are unknown", style="yellow")
    for each in lacking_evidence(found):
        reason = f" ({each.reason})" if each.reason else ""
        sheet.line(wording.visible(each.line + reason), indent=2)
        for line in each.reasons:
            sheet.line(wording.visible(line), indent=4)
        for name, place in each.definitions:
            sheet.line(f"{wording.visible(name)}: {wording.visible(place)}", indent=4)
        sheet.line(f"Fix: {each.remedy}", indent=4)


def show_promises(sheet: Sheet, report: Report) -> None:
    """Say what became of what plans left unknown; the broken ones come first."""
    if report.promises is None:
        return
    sheet.heading("Promises")
    sheet.line(promises_kept(report.promises), indent=2)
    for each in report.promises.unkept[:WORST]:
        name = wording.visible(each.full_name)
        sheet.line(f"{each.status}: {name}  {wording.visible(each.policy_id)}", indent=2)
        sheet.line(wording.visible(promised(each)), indent=4)
    sheet.more(len(report.promises.unkept), "promise", indent=2)


def show_baseline(sheet: Sheet, report: Report) -> None:
    """Say what the baseline hides, and which of its entries are slack."""
    found = report.baseline
    if found is None:
        return
    sheet.heading("Baseline")
    for line in baseline.lines(found):
        sheet.line(wording.visible(line), indent=2)
    for each in found.slack[:WORST]:
        sheet.line(wording.visible(f"over: {baseline.entry(each)}"), indent=4)
    sheet.more(found.over, "entry", indent=4)


def show_waivers(sheet: Sheet, report: Report) -> None:
    """Count the waivers, and name those that somebody has to see to."""
    if not report.waivers:
        return
    sheet.heading("Waivers")
    sheet.line(waivers.counts(report.waivers), indent=2)
    shown = waivers.to_show(report.waivers)
    for each in shown[:WORST]:
        name = wording.visible(each.table or each.pattern or "")
        sheet.line(f"{name}  {each.policy}: {wording.visible(waivers.stands(each))}", indent=2)
        sheet.line(wording.visible(waivers.approval(each)), indent=4)
        for about, remedy in waivers.findings(each):
            if about:
                sheet.line(wording.visible(about), indent=4)
            sheet.line(f"Fix: {remedy}", indent=4)
    sheet.more(len(shown), "waiver", indent=2)


def show_judged(sheet: Sheet, report: Report) -> None:
    """Name the waivers that break a policy about waivers; where none does, say nothing."""
    if report.judged is None or not report.judged.broken:
        return
    sheet.heading("Policies about waivers")
    sheet.line(judged_line(report.judged), indent=2)
    broken = list(broken_waivers(report.judged))
    for each in broken[:WORST]:
        sheet.line(
            f"{each.outcome}: {each.policy_id} ({each.enforcement}, {each.severity})", indent=2
        )
        sheet.line(wording.visible(each.message), indent=4)
        sheet.line(f"Fix: {wording.visible(each.remediation)}", indent=4)
    sheet.more(len(broken), "violation", indent=2)


def show_completeness(sheet: Sheet, report: Report) -> None:
    """Say how much was evaluated, then what was lost, left out and asked for."""
    state = report.completeness
    sheet.heading("Completeness", style="" if state.complete else "yellow")
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
        sheet.line(f"requests: {spending(report.run.spent)}", indent=2)
