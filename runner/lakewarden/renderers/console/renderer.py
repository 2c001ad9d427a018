"""The report on a terminal, or plain text where it is piped or written to a file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final, TextIO

from rich.table import Table
from rich.text import Text

from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Group, PolicyCounts, Report, TableReport
from lakewarden.renderers.console.fixing import (
    OUTCOME_STYLES,
    SEVERITY_STYLES,
    show_failed,
    show_table_name,
)
from lakewarden.renderers.console.insight import show_change, show_history, show_insight
from lakewarden.renderers.console.layout import WORST, Sheet, write_sheet
from lakewarden.renderers.console.open_ends import (
    show_baseline,
    show_completeness,
    show_errors,
    show_judged,
    show_lacks,
    show_promises,
    show_waivers,
)
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.enforcement import advisory_until
from lakewarden.renderers.words.overview import (
    data_broken,
    not_known,
    policies_worst_first,
    who_exempts,
)
from lakewarden.renderers.words.table_scan import NAMED, Survey, facts, survey
from lakewarden.renderers.words.wording import gate_lines, headline, tone, visible
from lakewarden.report.table_status import Status, status_of
from lakewarden.report.weight import failed_decisions, heaviest_loads
from lakewarden_collector.counted import counted

TONES: Final = {"bad": "bold red", "unsure": "bold yellow", "good": "bold green"}
STATUS_STYLES: Final = {
    Status.NON_COMPLIANT: "red",
    Status.UNDECIDED: "yellow",
    Status.COMPLIANT: "green",
    Status.NOT_APPLICABLE: "dim",
}
_VALUES: Final = 5
"""How many values of a fact are shown; the rest is counted."""


class ConsoleRenderer:
    """Says what matters first and leaves the rest to the other formats."""

    format = "console"

    def __init__(self, json_path: Path | None = None) -> None:
        """Take the path of the report's JSON file, which other commands read."""
        self._json_path = json_path

    def render(self, report: Report, out: TextIO) -> None:
        """Write the report; with colours and wrapped to the screen only if `out` is one."""
        write_sheet(out, lambda sheet: _fill(sheet, report, self._json_path))


def _fill(sheet: Sheet, report: Report, json_path: Path | None) -> None:
    found = survey(report, keep=WORST + NAMED)
    sheet.line(headline(report), style=TONES[tone(report)])
    for sentence, style in (
        (data_broken(report, found), "red"),
        (not_known(report), "bold yellow"),
    ):
        if sentence:
            sheet.line(sentence, style=style)
    _statuses(sheet, report, found)
    change = report.insight.change if report.insight else None
    planned = change is not None and change.planned
    if planned:  # what the reviewer of a plan asks first
        show_change(sheet, report)
    _first(sheet, found, json_path)
    _next(sheet, report, found)
    _owners(sheet, found)
    _policies(sheet, report, found)
    show_errors(sheet, report, found)
    show_lacks(sheet, found)
    show_completeness(sheet, report)
    show_promises(sheet, report)
    show_baseline(sheet, report)
    show_waivers(sheet, report)
    show_judged(sheet, report)
    if not planned:
        show_change(sheet, report)
    show_history(sheet, report)
    show_insight(sheet, report)
    _facts(sheet, report)
    sheet.line()
    for notice in report.run.notices:
        sheet.line(f"Note: {visible(notice)}", style="yellow")
    for each in report.run.narrowed:
        sheet.line(f"Limited by {visible(each)}.", style="yellow")
    for each in gate_lines(report.gate):
        sheet.line(visible(each), style="bold")


def _statuses(sheet: Sheet, report: Report, found: Survey) -> None:
    total = report.summary.total
    sheet.line(f"{counted(total.tables, 'table')}, {wording.known_size(total)}")
    if not total.tables:
        return
    rows = [
        (
            Text(wording.STATUSES[status], style=style),
            (
                f"{number:,}",
                wording.share(number, total.tables),
                *([wording.size(found.bytes_by_status[status])] if total.bytes else ()),
            ),
        )
        for status, style in STATUS_STYLES.items()
        if (number := report.summary.tables_by_status.get(status, 0))
    ]
    sheet.line()
    sheet.figures(rows)
    if exempt := who_exempts(total):
        sheet.line()
        sheet.line(exempt)


def _first(sheet: Sheet, found: Survey, json_path: Path | None) -> None:
    """Show the failures that weigh most, how to fix them, and how to see more."""
    if not found.heaviest:
        return
    sheet.heading("Do this first", style="red")
    table: TableReport | None = None
    advised: set[str] = set()
    for number, failed in enumerate(found.heaviest, 1):
        if failed.table is not table:
            table = failed.table
            show_table_name(sheet, table, indent=2, before=f"{number}. ")
        show_failed(sheet, failed, indent=5, advised=advised)
    failures = sum(each.tables for each in found.failing.values())
    sheet.more(failures, "failure", indent=2, shown=len(found.heaviest))
    if json_path is None:
        sheet.line(
            "SQL for all, all about one table: run again with --report report.json",
            indent=2,
            style="dim",
        )
        return
    file = shlex.quote(str(json_path))
    for about, command in (
        ("SQL for all", f"lakewarden fix --report {file}"),
        ("All about one table", f"lakewarden report {file} --table NAME"),
    ):
        sheet.whole(f"{about}: {command}", indent=2, style="dim")


def _next(sheet: Sheet, report: Report, found: Survey) -> None:
    """Name the non-compliant tables that come after the first ones."""
    shown = {failed.table.full_name for failed in found.heaviest}
    index = found.policy_index
    failing = [table for table in found.worst if status_of(table, index) is Status.NON_COMPLIANT]
    rest = [table for table in failing if table.full_name not in shown]
    if not rest:
        return
    sheet.heading("Then these tables")
    for table in rest[:WORST]:
        show_table_name(sheet, table, indent=2)
        failed = [
            each
            for each in failed_decisions(table, index)
            if each.enforcement is Enforcement.MANDATORY
        ]
        names = ", ".join(f"{each.policy.policy_id} ({each.severity})" for each in failed)
        sheet.line(visible(names), indent=4)
    named = len({table.full_name for table in failing} & shown) + len(rest[:WORST])
    all_failing = report.summary.tables_by_status[Status.NON_COMPLIANT]
    sheet.more(all_failing, "non-compliant table", indent=2, shown=named)


def _owners(sheet: Sheet, found: Survey) -> None:
    """Say who owns what is broken."""
    loads = [each for each in heaviest_loads(found.loads_by_owner) if each[1].broken.tables]
    if not loads:
        return
    sheet.heading("Who owns what is broken")
    sheet.figures(
        [
            (
                Text(visible(owner)),
                (counted(load.broken.tables, "table"), wording.known_size(load.broken)),
            )
            for owner, load in loads[:WORST]
        ]
    )
    sheet.more(len(loads), "owner", indent=2)


def _policies(sheet: Sheet, report: Report, found: Survey) -> None:
    """List the policies, the worst first; a screen without room for the titles has the ids."""
    if not report.policies or not report.summary.total.tables:
        return
    ordered = policies_worst_first(report, found)
    sheet.heading("Policies, the worst first")
    for columns in (("title", "enforcement"), ("enforcement",), ()):
        table = _policy_table(sheet, report, ordered, columns)
        if sheet.fits(table):
            sheet.table(table)
            break
    else:  # too narrow for a table
        for policy in ordered:
            _policy_lines(sheet, policy, report.summary.by_policy[policy.policy_id])
    for line in advisory_until(report):
        sheet.line(visible(line), indent=2, style="yellow")


def _policy_lines(sheet: Sheet, policy: Policy, counts: PolicyCounts) -> None:
    sheet.line(f"{policy.policy_id}  {policy.severity}, {policy.enforcement}", indent=2)
    numbers = [
        (f"{number:,} {wording.OUTCOMES[outcome]}", style)
        for outcome, style in OUTCOME_STYLES.items()
        if (number := counts.outcomes.get(outcome, 0))
    ]
    sheet.line(Text(", ").join(Text(words, style=style) for words, style in numbers), indent=4)


def _policy_table(
    sheet: Sheet, report: Report, ordered: list[Policy], columns: tuple[str, ...]
) -> Table:
    counts = {each.policy_id: report.summary.by_policy[each.policy_id].outcomes for each in ordered}
    outcomes = [
        outcome
        for outcome in OUTCOME_STYLES
        if outcome is not Outcome.ERROR or any(each.get(outcome) for each in counts.values())
    ]
    table = sheet.grid("Policy")
    table.add_column("Policy", overflow="fold")
    if "title" in columns:
        table.add_column("Title", overflow="fold")
    table.add_column("Severity")
    if "enforcement" in columns:
        table.add_column("Enforcement")
    for outcome in outcomes:
        table.add_column(wording.column(outcome), justify="right")
    for policy in ordered:
        worth = counts[policy.policy_id]
        mandatory = policy.enforcement is Enforcement.MANDATORY
        failing = bool(worth.get(Outcome.FAIL))
        severity = Text(policy.severity, style=SEVERITY_STYLES[policy.severity] if failing else "")
        if not mandatory and "enforcement" not in columns:
            severity = Text("advisory", style="dim")
        table.add_row(
            Text(policy.policy_id),
            *([visible(policy.title)] if "title" in columns else ()),
            severity,
            *([policy.enforcement.value] if "enforcement" in columns else ()),
            *(
                Text(f"{number:,}", style=OUTCOME_STYLES[outcome] if number else "dim")
                for outcome in outcomes
                for number in [worth.get(outcome, 0)]
            ),
        )
    return table


def _facts(sheet: Sheet, report: Report) -> None:
    """Say of each fact on a line how many tables have which value."""
    if not report.summary.by_fact:
        return
    sheet.heading("Table facts")
    words = wording.FactWords(report.fact_labels)
    pairs = []
    for fact, values in facts(report.summary):
        ordered = sorted(values.items(), key=_biggest)
        shown = [f"{words.value(fact, text)} {group.tables:,}" for text, group in ordered[:_VALUES]]
        if len(ordered) > _VALUES:
            shown.append(f"{counted(len(ordered) - _VALUES, 'more value')}")
        pairs.append((words.title(fact), ", ".join(shown)))
    sheet.pairs(pairs)


def _biggest(item: tuple[str, Group]) -> tuple[int, int, str]:
    text, group = item
    return -group.tables, -group.bytes, text
