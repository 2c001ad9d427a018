"""The report as GitHub-flavoured Markdown, for a pull request or the summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import TextIO

from lakewarden.model.decision import Enforcement, Outcome, Violation
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.history import show_history
from lakewarden.renderers.markdown.insight import show_insight
from lakewarden.renderers.markdown.layout import ROWS, MarkdownSheet, fitting
from lakewarden.renderers.words import baseline, waivers, wording
from lakewarden.renderers.words.completeness import evaluated, omissions, spending
from lakewarden.renderers.words.enforcement import advisory_until, enforcement
from lakewarden.renderers.words.evidence import lacking_evidence, promised, promises_kept
from lakewarden.renderers.words.judged import broken_waivers, judged_line
from lakewarden.renderers.words.overview import policies_worst_first, who_exempts
from lakewarden.renderers.words.table_scan import (
    Survey,
    by_outcome,
    place_of,
    survey,
)
from lakewarden.renderers.words.wording import gate_lines, headline
from lakewarden.report.table_status import (
    PolicyIndex,
    Status,
    enforcement_of,
    severity_of,
    status_of,
)

_POLICIES = 100
"""Rows of the table of policies."""


class MarkdownRenderer:
    """Sums up the whole, names the worst and counts the rest; its length has a bound."""

    format = "markdown"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the report."""
        found = survey(report, keep=ROWS)
        out.write(fitting(lambda rows: _page(report, found, rows)))


def _page(report: Report, found: Survey, rows: int) -> str:
    """Return the page with blocks of `rows` rows where `ROWS` is the most."""
    out = StringIO()
    sheet = MarkdownSheet(out, rows=rows)
    sheet.heading(1, headline(report))
    _overview(sheet, report, found)
    show_insight(sheet, report)
    show_history(sheet, report)
    _policies(sheet, report, found)
    _worst(sheet, report, found)
    _errors(sheet, report, found)
    _unknown(sheet, found)
    _promises(sheet, report)
    _baseline(sheet, report)
    _waivers(sheet, report)
    _judged(sheet, report)
    _completeness(sheet, report)
    _provenance(sheet, report)
    return out.getvalue()


def _overview(sheet: MarkdownSheet, report: Report, found: Survey) -> None:
    run, total = report.run, report.summary.total
    sheet.line(f"Tables from {prose(run.scope)}, as of {prose(wording.utc(run.clock))}")
    for line in gate_lines(report.gate):
        sheet.line(f"**{prose(line)}**")
    notes = [*run.notices, *(f"Limited by {each}." for each in run.narrowed)]
    sheet.items(map(prose, notes), len(notes), "note")
    sheet.table(
        ("Status", "Tables>", "Share>", "Data>"),
        (
            (
                wording.STATUSES[status],
                f"{number:,}",
                wording.share(number, total.tables),
                wording.size(found.bytes_by_status[status]),
            )
            for status in Status
            for number in [report.summary.tables_by_status.get(status, 0)]
        ),
        len(Status),
        "status",
        rows=None,
    )
    if exempt := who_exempts(total):
        sheet.line(exempt)


def _policies(sheet: MarkdownSheet, report: Report, found: Survey) -> None:
    sheet.heading(2, "Policies")
    outcomes = [wording.column(each) for each in Outcome]
    sheet.table(
        ("Policy", "Severity", "Enforcement", *(f"{name}>" for name in outcomes)),
        (
            (
                prose(policy.title),
                policy.severity,
                enforcement(policy),
                *(f"{counts.get(outcome, 0):,}" for outcome in Outcome),
            )
            for policy in policies_worst_first(report, found)
            for counts in [report.summary.by_policy[policy.policy_id].outcomes]
        ),
        len(report.policies),
        "policy",
        rows=_POLICIES,
    )
    later = advisory_until(report)
    sheet.items(map(prose, later), len(later), "policy")


def _worst(sheet: MarkdownSheet, report: Report, found: Survey) -> None:
    failing = [
        table
        for table in found.worst
        if status_of(table, found.policy_index) is Status.NON_COMPLIANT
    ]
    if not failing:
        return
    sheet.heading(2, "Worst tables")
    sheet.items(
        (_failing_table(table, found.policy_index) for table in failing),
        report.summary.tables_by_status[Status.NON_COMPLIANT],
        "non-compliant table",
    )


def _failing_table(table: TableReport, policy_index: PolicyIndex) -> str:
    size = wording.table_size(table)
    owner = f"owner {code(table.owner)}" if table.owner else wording.owner(table.owner)
    lines = [f"{code(table.full_name)}, {size}, {owner}{_declared(table)}"]
    lines += _violations(table, policy_index)
    return "\n".join(lines)


def _declared(table: TableReport) -> str:
    return f", declared: {code(wording.declared(table.definition))}" if table.definition else ""


def _violations(table: TableReport, policy_index: PolicyIndex) -> Iterator[str]:
    place = place_of(table)
    for policy_id, decision in by_outcome(table, Outcome.FAIL):
        policy = policy_index[policy_id]
        if enforcement_of(policy, decision) is not Enforcement.MANDATORY:
            continue
        messages = " ".join(map(_violation, decision.violations))
        severity = severity_of(policy, decision)
        fix = f"Change the definition: {code(place)}. " if place else ""
        yield f"  - {severity}: {prose(policy.title)}. {fix}{messages}".rstrip()


def _violation(violation: Violation) -> str:
    return f"{prose(violation.message)} {wording.first_fix(violation, prose, code)}".rstrip()


def _errors(sheet: MarkdownSheet, report: Report, found: Survey) -> None:
    total = report.summary.total.outcomes.get(Outcome.ERROR, 0)
    if not total:
        return
    sheet.heading(2, "Errors")
    sheet.line(wording.ERROR_REMEDY)
    sheet.items(
        (
            f"{code(table.full_name)}, {code(policy_id)}{_declared(table)}: "
            f"{prose(wording.sentences(decision.reasons))}"
            for table, policy_id, decision in found.errors
        ),
        total,
        "error",
    )


def _unknown(sheet: MarkdownSheet, found: Survey) -> None:
    if not found.lacks:
        return
    sheet.heading(2, "Why decisions are unknown")
    sheet.items(
        (
            "\n  - ".join(
                (
                    prose(each.line + (f": {each.reason}" if each.reason else "")),
                    *map(prose, each.reasons),
                    *(f"{code(name)}: {code(place)}" for name, place in each.definitions),
                    *([f"Fix: {each.remedy}"] if each.remedy else ()),
                )
            )
            for each in lacking_evidence(found)
        ),
        len(found.lacks),
        "kind of evidence",
    )


def _promises(sheet: MarkdownSheet, report: Report) -> None:
    if report.promises is None:
        return
    unkept = report.promises.unkept
    sheet.heading(2, "Promises")
    sheet.line(f"{promises_kept(report.promises)}.")
    sheet.items(
        (
            f"{each.status}: {code(each.full_name)}, {code(each.policy_id)}: "
            f"{prose(promised(each))}"
            for each in unkept
        ),
        len(unkept),
        "promise",
    )


def _baseline(sheet: MarkdownSheet, report: Report) -> None:
    found = report.baseline
    if found is None:
        return
    sheet.heading(2, "Baseline")
    for line in baseline.lines(found):
        sheet.line(f"{prose(line)}.")
    sheet.items((prose(baseline.entry(each)) for each in found.slack), found.over, "entry")


def _judged(sheet: MarkdownSheet, report: Report) -> None:
    if report.judged is None:
        return
    sheet.heading(2, "Policies about waivers")
    sheet.line(prose(judged_line(report.judged)))
    broken = list(broken_waivers(report.judged))
    sheet.items(
        (
            f"{code(each.policy_id)} ({each.enforcement}, {each.severity}): {prose(each.message)}"
            for each in broken
        ),
        len(broken),
        "violation",
    )


def _waivers(sheet: MarkdownSheet, report: Report) -> None:
    if not report.waivers:
        return
    sheet.heading(2, "Waivers")
    sheet.line(f"{waivers.counts(report.waivers)}.")
    shown = waivers.to_show(report.waivers)
    if not shown:
        return
    sheet.table(
        ("Table", "Policy", "State", "Owner", "Expires", "What to do"),
        (
            (
                code(each.table or each.pattern or ""),
                code(each.policy),
                ", ".join(waivers.WORDS[label] for label in waivers.labels(each)),
                code(each.owner),
                prose(each.expires),
                prose(waivers.advice(each)),
            )
            for each in shown
        ),
        len(shown),
        "waiver",
    )


def _completeness(sheet: MarkdownSheet, report: Report) -> None:
    state = report.completeness
    sheet.heading(2, "Completeness")
    sheet.line(f"{evaluated(state)}.")
    sheet.items(map(prose, state.reasons), len(state.reasons), "reason")
    sheet.items(
        (
            f"{code(each.what)}: {prose(each.reason)}"
            + (f"\n  - Fix: {prose(each.remedy)}" if each.remedy else "")
            for each in state.failures
        ),
        len(state.failures),
        "failure",
    )
    omitted = omissions(state.left_out)
    sheet.items((f"left out: {prose(str(each))}" for each in omitted), len(omitted), "omission")
    if report.run.spent:
        sheet.line(f"Requests to the source: {prose(spending(report.run.spent))}.")


def _provenance(sheet: MarkdownSheet, report: Report) -> None:
    run = report.run
    sheet.heading(2, "About this report")
    rows = (
        ("Engine", prose(f"{run.engine.name} {run.engine.version}")),
        ("Tool", prose(f"{run.tool} {run.tool_version}")),
        ("Source", code(run.source)),
        ("Finished", prose(wording.utc(run.finished_at))),
        ("Policies", code(run.digests.policies)),
        ("Settings", code(run.digests.settings)),
        ("Waivers", code(run.digests.waivers)),
        ("Inventory", code(run.digests.inventory)),
        *(("Policies from", " ".join(map(code, each.parts))) for each in run.policy_sources or ()),
    )
    sheet.table(("Item", "Value"), rows, len(rows), "line", rows=None)
