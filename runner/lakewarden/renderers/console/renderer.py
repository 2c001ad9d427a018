"""The report on a terminal, or plain text where it is piped or written to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.report import Group, Report, TableReport, WaiverState
from lakewarden.renderers.console.insight import show_insight
from lakewarden.renderers.console.layout import WORST, Sheet
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.completeness import evaluated, omissions, spending
from lakewarden.renderers.words.evidence import lacking_evidence, promised, promises_kept
from lakewarden.renderers.words.table_scan import (
    Survey,
    by_outcome,
    facts,
    survey,
    waivers_worst_first,
)
from lakewarden.renderers.words.wording import gate_lines, headline, tone
from lakewarden.report.table_status import (
    PolicyIndex,
    Status,
    enforcement_of,
    severity_of,
    status_of,
)
from lakewarden_collector.counted import counted


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
        sheet.line(f"requests: {spending(report.run.spent)}", indent=2)


_TONES: Final = {"bad": "bold red", "unsure": "bold yellow", "good": "bold green"}
_STATUS_STYLES: Final = {
    Status.NON_COMPLIANT: "red",
    Status.UNDECIDED: "yellow",
    Status.COMPLIANT: "green",
    Status.NOT_APPLICABLE: "dim",
}
_OUTCOME_STYLES: Final = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.EXEMPT: "blue",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.UNKNOWN: "yellow",
    Outcome.ERROR: "magenta",
}


class ConsoleRenderer:
    """Says what matters first and leaves the rest to the other formats."""

    format = "console"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the report; with colours and wrapped to the screen only if `out` is one."""
        isatty: Callable[[], bool] | None = getattr(out, "isatty", None)
        screen = isatty is not None and isatty()
        text = _render(report, screen=screen)
        encoding = getattr(out, "encoding", None) or "utf-8"
        out.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _render(report: Report, *, screen: bool) -> str:
    sheet = Sheet(screen=screen)
    found = survey(report, keep=WORST)
    sheet.line(headline(report), style=_TONES[tone(report)])
    _statuses(sheet, report, found)
    _policies(sheet, report)
    show_insight(sheet, report)
    _facts(sheet, report)
    _worst(sheet, report, found)
    _remedies(sheet, report, found)
    _errors(sheet, report, found)
    _lacks(sheet, found)
    _promises(sheet, report)
    _waivers(sheet, report)
    show_completeness(sheet, report)
    sheet.line()
    for notice in report.run.notices:
        sheet.line(f"Note: {wording.visible(notice)}", style="yellow")
    for each in report.run.narrowed:
        sheet.line(f"Limited by {wording.visible(each)}.", style="yellow")
    for each in gate_lines(report.gate):
        sheet.line(wording.visible(each), style="bold")
    return sheet.text()


def _grid(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD if any(columns) else None, pad_edge=False)
    table.show_header = any(columns)
    table.show_edge = False
    return table


def _statuses(sheet: Sheet, report: Report, found: Survey) -> None:
    total = report.summary.total
    sheet.line(f"{counted(total.tables, 'table')}, {wording.known_size(total)}")
    table = _grid()
    for justify in ("left", "right", "right", "right"):
        table.add_column(justify=justify)
    for status, style in _STATUS_STYLES.items():
        number = report.summary.tables_by_status.get(status, 0)
        table.add_row(
            Text(wording.STATUSES[status], style=style),
            f"{number:,}",
            wording.share(number, total.tables),
            wording.size(found.bytes_by_status[status]),
        )
    sheet.line()
    sheet.table(table)


def _policies(sheet: Sheet, report: Report) -> None:
    """List the policies; on a screen, severity and enforcement go below the title for room."""
    sheet.heading("Policies")
    table = _grid("Policy")
    table.add_column("Policy", overflow="fold")
    if not sheet.screen:
        table.add_column("Severity")
        table.add_column("Enforcement")
    for outcome in _OUTCOME_STYLES:
        table.add_column(wording.column(outcome), justify="right")
    for policy in report.policies:
        title = wording.visible(policy.title)
        below = f"\n{policy.severity}, {policy.enforcement}"
        about = (title, policy.severity.value, policy.enforcement.value)
        counts = report.summary.by_policy[policy.policy_id].outcomes
        table.add_row(
            *([Text.assemble(title, (below, "dim"))] if sheet.screen else about),
            *(
                Text(f"{number:,}", style=style if number else "dim")
                for outcome, style in _OUTCOME_STYLES.items()
                for number in [counts.get(outcome, 0)]
            ),
        )
    sheet.table(table)


def _facts(sheet: Sheet, report: Report) -> None:
    if not report.summary.by_fact:
        return
    sheet.heading("Table facts")
    words = wording.FactWords(report.fact_labels)
    for fact, values in facts(report.summary):
        sheet.line(wording.visible(words.title(fact)), indent=2)
        ordered = sorted(values.items(), key=_biggest)
        for text, group in ordered[:WORST]:
            shown = wording.visible(words.value(fact, text))
            sheet.line(
                f"{shown}: {counted(group.tables, 'table')}, {wording.known_size(group)}",
                indent=4,
            )
        sheet.more(len(ordered), "value", indent=4)


def _biggest(item: tuple[str, Group]) -> tuple[int, int, str]:
    text, group = item
    return -group.bytes, -group.tables, text


def _worst(sheet: Sheet, report: Report, found: Survey) -> None:
    failing = [
        table
        for table in found.worst
        if status_of(table, found.policy_index) is Status.NON_COMPLIANT
    ]
    if not failing:
        return
    sheet.heading("Worst tables")
    for table in failing:
        _failing_table(sheet, table, found.policy_index)
    all_failing = report.summary.tables_by_status[Status.NON_COMPLIANT]
    sheet.more(all_failing, "non-compliant table", indent=2)


def _failing_table(sheet: Sheet, table: TableReport, policy_index: PolicyIndex) -> None:
    known = table.size.get("bytes")
    about = [
        "size unknown" if known is None else wording.size(known),
        wording.owner(table.owner),
    ]
    sheet.line(
        Text.assemble((wording.visible(table.full_name), "bold"), f"  {', '.join(about)}"), indent=2
    )
    if table.definition:
        sheet.line(f"declared: {wording.visible(wording.declared(table.definition))}", indent=4)
    for policy_id, decision in by_outcome(table, Outcome.FAIL):
        policy = policy_index[policy_id]
        if enforcement_of(policy, decision) is not Enforcement.MANDATORY:
            continue
        severity = severity_of(policy, decision)
        by = f"  (settings for {wording.visible(decision.override)})" if decision.override else ""
        sheet.line(Text.assemble(("fail", "red"), f" ({severity})  {policy_id}{by}"), indent=4)
        for violation in decision.violations:
            sheet.line(wording.visible(violation.message), indent=6)
            if fix := wording.first_fix(violation):
                sheet.line(wording.visible(fix), indent=6)
        if table.definition:
            sheet.line(
                f"Fix: {wording.visible(wording.change_definition(table.definition))}", indent=6
            )


def _remedies(sheet: Sheet, report: Report, found: Survey) -> None:
    """Say once for each policy that fails which tables fail it, and what its author advises."""
    if not found.failing:
        return
    sheet.heading("What to do")
    for policy in report.policies:
        failing = found.failing.get(policy.policy_id)
        if failing is None:
            continue
        sheet.line(f"{policy.policy_id}: {wording.visible(policy.title)}", indent=2)
        names = ", ".join(map(wording.visible, failing.names()))
        more = f" and {failing.rest():,} more" if failing.rest() else ""
        sheet.line(f"Fails for {counted(failing.tables, 'table')}: {names}{more}", indent=4)
        if definitions := failing.definitions():
            sheet.line(wording.DEFINITION_FIRST, indent=4)
            for name, place in definitions:
                sheet.line(f"{wording.visible(name)}: {wording.visible(place)}", indent=6)
        for step in policy.remediation.strip().splitlines():
            sheet.line(wording.visible(step), indent=4)


def _errors(sheet: Sheet, report: Report, found: Survey) -> None:
    total = report.summary.total.outcomes.get(Outcome.ERROR, 0)
    if not total:
        return
    sheet.heading("Errors")
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


def _lacks(sheet: Sheet, found: Survey) -> None:
    if not found.lacks:
        return
    sheet.heading("Why decisions are unknown")
    for each in lacking_evidence(found):
        reason = f" ({each.reason})" if each.reason else ""
        sheet.line(wording.visible(each.line + reason), indent=2)
        for line in each.reasons:
            sheet.line(wording.visible(line), indent=4)
        for name, place in each.definitions:
            sheet.line(f"{wording.visible(name)}: {wording.visible(place)}", indent=4)
        sheet.line(f"Fix: {each.remedy}", indent=4)


def _promises(sheet: Sheet, report: Report) -> None:
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


def _waivers(sheet: Sheet, report: Report) -> None:
    """Name the waivers without effect; the active ones are counted."""
    if not report.waivers:
        return
    sheet.heading("Waivers")
    idle = [
        each
        for each in waivers_worst_first(report)
        if each.state in (WaiverState.EXPIRED, WaiverState.UNMATCHED)
    ]
    states = Counter(each.state for each in report.waivers)
    reported = [
        f"{states[state]:,} {words}"
        for state, words in wording.WAIVER_STATES.items()
        if states[state]
    ]
    sheet.line(", ".join(reported), indent=2)
    for each in idle[:WORST]:
        name = wording.visible(each.table or each.pattern or "")
        until = "expired on" if each.state is WaiverState.EXPIRED else "matches no table, expires"
        sheet.line(f"{name}  {each.policy}: {until} {wording.visible(each.expires)}", indent=2)
        who = f"owner {each.owner}, approved by {each.approved_by}"
        ticket = f", ticket {each.ticket}" if each.ticket else ""
        sheet.line(wording.visible(who + ticket), indent=4)
        sheet.line(f"Fix: {wording.WAIVER_REMEDIES[each.state]}", indent=4)
    sheet.more(len(idle), "waiver", indent=2)
