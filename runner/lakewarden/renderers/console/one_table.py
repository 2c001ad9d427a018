"""All that a report says about one table."""

from __future__ import annotations

from typing import Final, TextIO

from rich.text import Text

from lakewarden.model.decision import Decision, Enforcement, Missing, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Report, TableReport
from lakewarden.model.waiver import WaiverStatus
from lakewarden.renderers.console.about_table import about_pairs, show_exemption, show_facts
from lakewarden.renderers.console.fixing import (
    OUTCOME_STYLES,
    SEVERITY_STYLES,
    show_remediation,
    show_ways,
)
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.words import baseline, waivers, wording
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.wording import visible
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    enforcement_of,
    severity_of,
    status_of,
)
from lakewarden_collector.counted import counted
from lakewarden_collector.patterns import Pattern, fold

_ORDER: Final = {outcome: place for place, outcome in enumerate(OUTCOME_STYLES)}


def show_table(report: Report, table: TableReport, out: TextIO) -> None:
    """Write everything about a table of the report, the worst first."""
    write_sheet(out, lambda sheet: _fill(sheet, report, table))


def _fill(sheet: Sheet, report: Report, table: TableReport) -> None:
    index = {policy.policy_id: policy for policy in report.policies}
    status = wording.STATUSES[status_of(table, index)]
    sheet.line(Text.assemble((visible(table.full_name), "bold"), f": {status}"))
    _about(sheet, table)
    show_facts(sheet, table, report.fact_labels)
    decisions = sorted(
        ((index[policy_id], decision) for policy_id, decision in table.decisions.items()),
        key=lambda each: _order(*each),
    )
    for outcome, style in OUTCOME_STYLES.items():
        some = [each for each in decisions if each[1].outcome is outcome]
        if some:
            number = counted(len(some), "decision")
            sheet.heading(f"{wording.OUTCOMES[outcome].capitalize()}: {number}", style=style)
        for policy, decision in some:
            _decision(sheet, table, policy, decision)
    _waivers(sheet, report, table)
    run = report.run
    sheet.line()
    sheet.line(
        f"Decided {wording.utc(run.clock)} by {run.engine.name} {run.engine.version}, from "
        f"{run.source}: {run.scope}"
    )


def _order(policy: Policy, decision: Decision) -> tuple[int, bool, int, str]:
    return (
        _ORDER[decision.outcome],
        enforcement_of(policy, decision) is not Enforcement.MANDATORY,
        SEVERITY_RANK[severity_of(policy, decision)],
        policy.policy_id,
    )


def _about(sheet: Sheet, table: TableReport) -> None:
    pairs = about_pairs(table)
    overrides = {each.override for each in table.decisions.values() if each.override}
    if overrides:
        pairs.append(("settings for", ", ".join(sorted(overrides))))
    sheet.line()
    sheet.pairs(pairs)


def _decision(sheet: Sheet, table: TableReport, policy: Policy, decision: Decision) -> None:
    severity, strictly = severity_of(policy, decision), enforcement(policy, decision)
    failing = decision.outcome is Outcome.FAIL
    sheet.line(
        Text.assemble(
            (policy.policy_id, "bold"),
            "  ",
            (f"{severity}, {strictly}", SEVERITY_STYLES[severity] if failing else ""),
        ),
        indent=2,
    )
    sheet.line(visible(policy.title), indent=4, style="dim")
    if decision.override:
        sheet.line(f"Settings for {visible(decision.override)} apply.", indent=4)
    for reason in decision.reasons:
        sheet.line(visible(reason), indent=4)
    if decision.outcome is Outcome.ERROR:
        sheet.line(f"Fix: {wording.ERROR_REMEDY}", indent=4)
    for missing in decision.missing:
        _missing(sheet, missing)
    for exemption in decision.exemptions:
        show_exemption(sheet, exemption, indent=4)
    if decision.would_be:
        sheet.line(f"Without exemptions: {wording.OUTCOMES[decision.would_be]}", indent=4)
    _violations(sheet, table, policy, decision)
    _past(sheet, decision)


def _past(sheet: Sheet, decision: Decision) -> None:
    """Say what the baseline and the history know of the violations."""
    for known in decision.baseline:
        about = f" ({visible(known.key)})" if known.key else ""
        sheet.line(f"{visible(baseline.known(known))}{about}", indent=4)
    for past in decision.history:
        about = f" ({visible(past.key)})" if past.key else ""
        first, since = (wording.utc(each) for each in (past.first_failed_at, past.failing_since))
        sheet.line(f"Fails since {visible(since)}, first {visible(first)}{about}", indent=4)
        if past.reopened:
            sheet.line(f"Failed again {counted(past.reopened, 'time')}", indent=4)
        if past.contradicted:
            sheet.line("It was reported fixed, and fails again.", indent=4, style="red")


def _violations(sheet: Sheet, table: TableReport, policy: Policy, decision: Decision) -> None:
    for violation in decision.violations:
        sheet.line(visible(violation.message), indent=4)
        for label, thing in (("Expected", violation.expected), ("Found", violation.actual)):
            if thing is not None:
                sheet.line(f"{label}: {visible(wording.value(thing))}", indent=6)
        show_ways(sheet, violation, indent=6)
    if decision.outcome is not Outcome.FAIL:
        return
    if not all(each.fixes for each in decision.violations):
        if table.definition:
            sheet.line(f"Fix: {visible(wording.change_definition(table.definition))}", indent=6)
        else:
            show_remediation(sheet, policy.remediation, indent=6)
    if policy.why:
        sheet.line(f"Why: {visible(policy.why)}", indent=4, style="dim")


def _missing(sheet: Sheet, missing: Missing) -> None:
    reason = f" ({missing.reason})" if missing.reason else ""
    sheet.line(visible(f"{wording.lack(missing.kind, missing.status)}{reason}"), indent=4)
    remedy = wording.EVIDENCE_REMEDIES.get(missing.status, "")
    if remedy:
        sheet.line(f"Fix: {remedy}", indent=6)


def _waivers(sheet: Sheet, report: Report, table: TableReport) -> None:
    """Name every waiver that is about this table, those without effect included."""
    about = [each for each in report.waivers if _is_about(each, table)]
    if not about:
        return
    sheet.heading("Waivers for this table")
    for each in about:
        pattern = f", for {each.pattern}" if each.pattern else ""
        sheet.line(visible(f"{each.policy}: {waivers.stands(each)}{pattern}"), indent=2)
        sheet.line(visible(each.reason), indent=4)
        sheet.line(visible(waivers.approval(each)), indent=4)
        for text in each.conditions.values():
            sheet.line(visible(text), indent=4)


def _is_about(waiver: WaiverStatus, table: TableReport) -> bool:
    if waiver.pattern:
        return Pattern(waiver.pattern).matches(table.full_name)
    return fold(waiver.table or "") == fold(table.full_name)
