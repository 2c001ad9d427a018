"""What changed rules do to the same tables as Markdown, for a pull request: at most 12 KB."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Final, TextIO

from lakewarden.model.diff import HeaviestViolations
from lakewarden.model.effect import Effect, PolicyEffect
from lakewarden.model.insight import Amount
from lakewarden.model.report import Gate
from lakewarden.renderers.markdown.diff import groups, heaviest_violations
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.layout import MarkdownSheet, fitting
from lakewarden.renderers.words import diff as diff_words
from lakewarden.renderers.words import effect as words
from lakewarden.renderers.words import insight

_NAME: Final = 200
"""Characters of a name."""

_TEXT: Final = 300
"""Characters of a line about a change."""


def write_effect(
    effect: Effect, heaviest: HeaviestViolations, out: TextIO, gate: Gate | None = None
) -> None:
    """Write an effect with the heaviest violations of each change; the others are counted."""
    out.write(fitting(lambda rows: _page(effect, heaviest, gate, rows), least=0))


def _page(effect: Effect, heaviest: HeaviestViolations, gate: Gate | None, rows: int) -> str:
    """Return the page with blocks of so many rows; of 0, without what strangers wrote at length."""
    out = StringIO()
    sheet = MarkdownSheet(out, rows=max(rows, 1))
    sheet.heading(1, prose(words.effect_headline(effect)))
    for line in (*([words.fail_on_new(gate)] if gate else ()), *words.gates(effect)):
        sheet.line(f"**{prose(line)}**")
    for title, lines in (
        ("What is different", list(words.changes(effect.changes)) or [words.NO_CHANGE]),
        (insight.CAVEATS, [*effect.changes.notes, *diff_words.notes(effect.diff)]),
    ):
        if lines:
            sheet.line(f"{title}:")
            sheet.items((prose(each, longest=_TEXT) for each in lines), len(lines), "line")
    _policies(sheet, effect)
    if not rows:
        sheet.line("The JSON of the what-if has the rest.")
        return out.getvalue()
    heaviest_violations(sheet, effect.diff, heaviest)
    groups(sheet, "Owner", diff_words.with_changes(effect.diff.by_owner))
    sheet.line(words.effort(effect))
    return out.getvalue()


def _policies(sheet: MarkdownSheet, effect: Effect) -> None:
    found = words.affected(effect)
    sheet.heading(2, "By policy")
    columns = [title for title in words.TITLES.values() if _is_there(found, title)]
    undecided = any(words.still_undecided(each) for _, each in found)
    sheet.table(
        (
            "Policy",
            *(f"{title.capitalize()}>" for title in columns),
            f"{words.SAME.capitalize()}>",
            *([f"{words.UNDECIDED.capitalize()}>"] if undecided else ()),
        ),
        (
            (
                code(policy_id, longest=_NAME),
                *(words.amount(words.numbers(each).get(title, Amount())) for title in columns),
                f"{words.same(each):,}",
                *([f"{words.still_undecided(each):,}"] if undecided else ()),
            )
            for policy_id, each in found
        ),
        len(found),
        "policy",
    )
    sheet.line(" ".join(filter(None, (words.untouched(effect), words.stays(effect)))))


def _is_there(found: Sequence[tuple[str, PolicyEffect]], title: str) -> bool:
    return any(title in words.numbers(each) for _, each in found)
