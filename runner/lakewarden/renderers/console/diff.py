"""What differs between two reports, on a terminal or as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from rich.text import Text

from lakewarden.model.decision import Enforcement
from lakewarden.model.diff import (
    WORSE,
    ChangeCounts,
    ChangedViolation,
    Diff,
    HeaviestViolations,
    ViolationChange,
)
from lakewarden.model.report import Gate
from lakewarden.renderers.console.fixing import SEVERITY_STYLES
from lakewarden.renderers.console.layout import WORST, Sheet, write_sheet
from lakewarden.renderers.words import diff as words
from lakewarden.renderers.words import insight, wording
from lakewarden.renderers.words.wording import shortened, visible

_LONGEST: Final = 500
"""Characters of a message."""

_STYLES: Final = {
    ViolationChange.NEW: "red",
    ViolationChange.REOPENED: "red",
    ViolationChange.UNDECIDED: "yellow",
}


def show_diff(
    diff: Diff,
    heaviest: HeaviestViolations,
    out: TextIO,
    gate: Gate | None = None,
) -> None:
    """Write a diff with the heaviest violations of each change; colours only on a screen."""
    write_sheet(out, lambda sheet: _fill(sheet, diff, heaviest, gate))


def _fill(
    sheet: Sheet,
    diff: Diff,
    heaviest: HeaviestViolations,
    gate: Gate | None,
) -> None:
    worse = any(diff.total[change].violations for change in WORSE)
    sheet.line(words.diff_headline(diff), style="bold red" if worse else "bold green")
    for note in words.notes(diff):
        sheet.line(visible(note), style="yellow")
    sheet.line()
    sheet.pairs([("old", words.side(diff.old)), ("new", words.side(diff.new))])
    sheet.line(words.differing(diff))
    if diff.differences:
        sheet.heading(insight.CAVEATS)
        for each in diff.differences:
            sheet.line(visible(each), indent=2)
    _totals(sheet, diff)
    heaviest_violations(sheet, diff, heaviest)
    groups(sheet, "By policy", words.with_changes(diff.by_policy), "policy")
    groups(sheet, "By owner", words.with_changes(diff.by_owner), "owner")
    _tables(sheet, diff)
    if gate is not None:
        sheet.line()
        for line in wording.gate_lines(gate):
            sheet.line(visible(line), style="bold")


def _totals(sheet: Sheet, diff: Diff) -> None:
    rows = [
        (
            Text(words.CHANGES[change], style=_STYLES.get(change, "")),
            (
                f"{count.violations:,}",
                f"{count.mandatory:,} mandatory",
                words.amount(count),
            ),
        )
        for change, count in diff.total.items()
        if count.violations
    ]
    if rows:
        sheet.heading("Violations")
        sheet.figures(rows)


def heaviest_violations(sheet: Sheet, diff: Diff, heaviest: HeaviestViolations) -> None:
    """Write the heaviest violations of each change, and count the others."""
    for change, title in words.TITLES.items():
        if heaviest[change]:
            sheet.heading(title)
            _violations(sheet, heaviest[change], diff.total[change].violations)


def _violations(sheet: Sheet, heaviest: Sequence[ChangedViolation], total: int) -> None:
    for each in heaviest:
        size = "size unknown" if each.bytes is None else wording.size(each.bytes)
        name = visible(each.full_name)
        about = f"  {size}, {wording.owner(each.owner)}"
        sheet.line(Text.assemble((name, "bold"), about), indent=2, hang=2, whole=len(name))
        advisory = ", advisory" if each.enforcement is not Enforcement.MANDATORY else ""
        key = f"  {each.key}" if each.key is not None else ""
        sheet.line(
            Text.assemble(
                (f"{each.severity}{advisory}", SEVERITY_STYLES[each.severity]),
                visible(f"  {each.policy_id}{key}"),
            ),
            indent=4,
        )
        if each.change in WORSE:
            if each.message:  # a run of the history has none
                sheet.line(shortened(visible(each.message), _LONGEST), indent=4)
            if each.contradicted:
                sheet.line("It was reported fixed, and fails again.", indent=4, style="red")
            stands = words.before(each)
        else:
            stands = words.now(each)
        sheet.line(shortened(visible(stands), _LONGEST), indent=4)
        sheet.line(words.cause(each), indent=4, style="dim")
    sheet.more(total, "violation", indent=2, shown=len(heaviest))


def groups(sheet: Sheet, title: str, found: Sequence[tuple[str, ChangeCounts]], thing: str) -> None:
    """Write what changed by a policy or for an owner."""
    if not found:
        return
    sheet.heading(title)
    for name, counts in found[:WORST]:
        sheet.line(visible(name), indent=2)
        sheet.line(", ".join(words.summed(counts)), indent=4)
    sheet.more(len(found), thing, indent=2)


def _tables(sheet: Sheet, diff: Diff) -> None:
    groups = words.tables(diff)
    if not groups:
        return
    sheet.heading("Tables")
    for label, group in groups:
        sheet.line(f"{label}: {insight.amount(group.amount)}", indent=2)
        for name in group.examples:
            sheet.line(visible(name), indent=4, whole=len(name))
        sheet.more(group.amount.tables, "table", indent=4, shown=len(group.examples))
