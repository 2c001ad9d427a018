"""What differs between two reports as Markdown, for a pull request: at most 12 KB."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Final, TextIO

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
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.layout import MarkdownSheet, fitting
from lakewarden.renderers.words import diff as words
from lakewarden.renderers.words import insight, wording
from lakewarden_collector.counted import counted

_NAME: Final = 200
"""Characters of a name."""

_TEXT: Final = 300
"""Characters of a message or a reason."""

_COLUMNS: Final = (
    ViolationChange.NEW,
    ViolationChange.REOPENED,
    ViolationChange.FIXED,
    ViolationChange.EXEMPT,
    ViolationChange.STILL_FAILING,
)
"""Changes with a column of their own; the others are counted together."""


def write_diff(
    diff: Diff,
    heaviest: HeaviestViolations,
    out: TextIO,
    gate: Gate | None = None,
) -> None:
    """Write a diff with the heaviest violations of each change; what has no room is counted."""
    out.write(fitting(lambda rows: _page(diff, heaviest, gate, rows), least=0))


def _page(
    diff: Diff,
    heaviest: HeaviestViolations,
    gate: Gate | None,
    rows: int,
) -> str:
    """Return the page with blocks of so many rows; of 0, without what strangers wrote at length."""
    out = StringIO()
    sheet = MarkdownSheet(out, rows=max(rows, 1))
    sheet.heading(1, prose(words.diff_headline(diff)))
    for line in wording.gate_lines(gate) if gate else ():
        sheet.line(f"**{prose(line)}**")
    sides = (("Old", diff.old), ("New", diff.new))
    sheet.items(
        (f"{label}: {prose(words.side(each), longest=_TEXT)}" for label, each in sides),
        len(sides),
        "report",
    )
    sheet.line(words.differing(diff))
    notes = list(words.notes(diff))
    sheet.items((prose(each, longest=_TEXT) for each in notes), len(notes), "note")
    if diff.differences:
        sheet.line(f"{insight.CAVEATS}:")
    sheet.items(
        (prose(each, longest=_TEXT) for each in diff.differences),
        len(diff.differences),
        "difference",
    )
    _totals(sheet, diff)
    if not rows:
        sheet.line("The JSON of the diff has the rest.")
        return out.getvalue()
    heaviest_violations(sheet, diff, heaviest)
    groups(sheet, "Policy", words.with_changes(diff.by_policy))
    groups(sheet, "Owner", words.with_changes(diff.by_owner))
    _tables(sheet, diff)
    return out.getvalue()


def _totals(sheet: MarkdownSheet, diff: Diff) -> None:
    found = [(change, count) for change, count in diff.total.items() if count.violations]
    sheet.table(
        ("Violations", "Number>", "Mandatory>", "Tables>", "Data>"),
        (
            (
                words.CHANGES[change],
                f"{count.violations:,}",
                f"{count.mandatory:,}",
                f"{count.tables:,}",
                wording.known_size(count),
            )
            for change, count in found
        ),
        len(found),
        "change",
        rows=None,
    )


def heaviest_violations(sheet: MarkdownSheet, diff: Diff, heaviest: HeaviestViolations) -> None:
    """Write the heaviest violations of each change, and count the others."""
    for change, title in words.TITLES.items():
        if heaviest[change]:
            sheet.heading(2, title)
            sheet.items(
                map(_violation, heaviest[change]), diff.total[change].violations, "violation"
            )


def _violation(each: ChangedViolation) -> str:
    size = "size unknown" if each.bytes is None else wording.size(each.bytes)
    owner = f"owner {code(each.owner, longest=_NAME)}" if each.owner else wording.owner(each.owner)
    advisory = ", advisory" if each.enforcement is not Enforcement.MANDATORY else ""
    key = f", {code(each.key, longest=_NAME)}" if each.key is not None else ""
    first = (
        f"{code(each.full_name, longest=_NAME)}, {size}, {owner}: "
        f"{code(each.policy_id, longest=_NAME)}{key}, {each.severity}{advisory}"
    )
    lines = [each.message, words.before(each)] if each.change in WORSE else [words.now(each)]
    if each.contradicted:
        lines.append("It was reported fixed, and fails again.")
    lines.append(words.cause(each))
    return "\n  - ".join([first, *(prose(line, longest=_TEXT) for line in lines if line)])


def groups(sheet: MarkdownSheet, thing: str, found: Sequence[tuple[str, ChangeCounts]]) -> None:
    """Write what changed by a policy or for an owner, as a table."""
    if not found:
        return
    sheet.heading(2, f"By {thing.lower()}")
    others = [change for change in ViolationChange if change not in _COLUMNS]
    sheet.table(
        (
            thing,
            *(f"{words.CHANGES[change].capitalize()}>" for change in _COLUMNS),
            "Other>",
            "Newly failing data>",
        ),
        (
            (
                code(name, longest=_NAME),
                *(_number(counts, [change]) for change in _COLUMNS),
                _number(counts, others),
                _data(counts),
            )
            for name, counts in found
        ),
        len(found),
        thing.lower(),
    )


def _data(counts: ChangeCounts) -> str:
    new = counts.get(ViolationChange.NEW)
    return wording.known_size(new) if new else ""


def _number(counts: ChangeCounts, changes: Sequence[ViolationChange]) -> str:
    return f"{sum(counts[each].violations for each in changes if each in counts):,}"


def _tables(sheet: MarkdownSheet, diff: Diff) -> None:
    groups = words.tables(diff)
    if not groups:
        return
    sheet.heading(2, "Tables")
    lines = []
    for label, group in groups:
        rest = group.amount.tables - len(group.examples)
        names = ", ".join(code(name, longest=_NAME) for name in group.examples)
        more = f" and {counted(rest, 'more table')}" if rest else ""
        lines.append(f"{label}: {prose(insight.amount(group.amount))}: {names}{more}")
    sheet.items(lines, len(lines), "group")
