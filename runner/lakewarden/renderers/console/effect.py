"""What changed rules do to the same tables, on a terminal or as plain text."""

from __future__ import annotations

from typing import TextIO

from rich.text import Text

from lakewarden.model.diff import WORSE, HeaviestViolations
from lakewarden.model.effect import Effect
from lakewarden.model.report import Gate
from lakewarden.renderers.console.diff import groups, heaviest_violations
from lakewarden.renderers.console.layout import Sheet, write_sheet
from lakewarden.renderers.words import diff as diff_words
from lakewarden.renderers.words import effect as words
from lakewarden.renderers.words import insight
from lakewarden.renderers.words.wording import visible


def show_effect(
    effect: Effect, heaviest: HeaviestViolations, out: TextIO, gate: Gate | None = None
) -> None:
    """Write an effect with the heaviest violations of each change; colours only on a screen."""
    write_sheet(out, lambda sheet: _fill(sheet, effect, heaviest, gate))


def _fill(sheet: Sheet, effect: Effect, heaviest: HeaviestViolations, gate: Gate | None) -> None:
    worse = any(effect.diff.total[change].violations for change in WORSE)
    sheet.line(words.effect_headline(effect), style="bold red" if worse else "bold green")
    for note in diff_words.notes(effect.diff):
        sheet.line(visible(note), style="yellow")
    for line in words.gates(effect):
        sheet.line(visible(line), style="bold")
    sheet.heading("What is different")
    for line in words.changes(effect.changes):
        sheet.line(sheet.own(visible(line)), indent=2, hang=2)
    if not any(words.changes(effect.changes)):
        sheet.line(words.NO_CHANGE, indent=2)
    if effect.changes.notes:
        sheet.heading(insight.CAVEATS)
        for note in effect.changes.notes:
            sheet.line(visible(note), indent=2, hang=2)
    _policies(sheet, effect)
    heaviest_violations(sheet, effect.diff, heaviest)
    groups(sheet, "By owner", diff_words.with_changes(effect.diff.by_owner), "owner")
    sheet.line()
    sheet.line(words.effort(effect), style="dim")
    if gate is not None:
        sheet.line(visible(words.fail_on_new(gate)), style="bold")


def _policies(sheet: Sheet, effect: Effect) -> None:
    sheet.heading("By policy")
    for policy_id, each in words.affected(effect):
        sheet.line(
            Text.assemble((visible(policy_id), "bold"), visible(f"  {each.title}")), indent=2
        )
        found = [f"{title} {words.amount(amount)}" for title, amount in words.numbers(each).items()]
        found.append(f"{words.SAME} {words.same(each):,}")
        if still := words.still_undecided(each):
            found.append(f"{words.UNDECIDED} {still:,}")
        sheet.line(", ".join(found), indent=4)
    if rest := words.untouched(effect):
        sheet.line(rest, indent=2)
    sheet.line(words.stays(effect), indent=2)
