"""A failed decision: what is broken, and the SQL that fixes it, on lines that can be copied."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from lakewarden.model.decision import Enforcement, Fix, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.wording import shortened
from lakewarden.report.weight import FailedDecision

VIOLATIONS: Final = 3
"""How many violations of one decision are shown first; the rest is counted."""

STATEMENTS: Final = 3
"""How many statements of one fix are shown first; the rest is counted."""

_LONGEST: Final = 2_000
"""Characters of a message that are shown first; all of it stands with the table."""

SEVERITY_STYLES: Final = {
    "critical": "bold red",
    "high": "bold red",
    "medium": "red",
    "low": "yellow",
    "info": "dim",
}

OUTCOME_STYLES: Final = {
    Outcome.FAIL: "red",
    Outcome.ERROR: "magenta",
    Outcome.UNKNOWN: "yellow",
    Outcome.EXEMPT: "blue",
    Outcome.PASS: "green",
    Outcome.NOT_APPLICABLE: "dim",
}
"""In the order in which they are shown."""


def show_table_name(sheet: Sheet, table: TableReport, *, indent: int, before: str = "") -> None:
    """Say which table, how large, whose, and where it is declared."""
    about = f"{wording.table_size(table)}, {wording.owner(table.owner)}"
    name = wording.visible(table.full_name)
    sheet.line(
        Text.assemble(before, (name, "bold"), f"  {about}"),
        indent=indent,
        hang=len(before) or 2,
        whole=len(before + name),
    )
    if table.definition:
        declared = wording.visible(wording.declared(table.definition))
        sheet.line(f"declared: {declared}", indent=indent + (len(before) or 2))


def show_failed(sheet: Sheet, failed: FailedDecision, *, indent: int, advised: set[str]) -> None:
    """Say what is broken and the best fix of it.

    `advised` are the policies without fixes whose advice stands above already.
    """
    policy, decision = failed.policy, failed.decision
    advisory = ""
    if failed.enforcement is not Enforcement.MANDATORY:
        advisory = f", {enforcement(policy, decision)}"
    by = f"  (settings for {wording.visible(decision.override)})" if decision.override else ""
    sheet.line(
        Text.assemble(
            (f"{failed.severity}{advisory}", SEVERITY_STYLES[failed.severity]),
            f"  {policy.policy_id}{by}",
        ),
        indent=indent,
    )
    definition = failed.table.definition
    for violation in decision.violations[:VIOLATIONS]:
        sheet.line(shortened(wording.visible(violation.message), _LONGEST), indent=indent)
        if violation.fixes:
            show_fix(sheet, violation.fixes[0], "Fix", indent=indent, most=STATEMENTS)
    sheet.more(len(decision.violations), "violation", indent=indent, shown=VIOLATIONS)
    if any(each.fixes for each in decision.violations):
        return
    if definition:
        sheet.line(f"Fix: {wording.visible(wording.change_definition(definition))}", indent=indent)
    else:
        if policy.policy_id not in advised:
            show_remediation(sheet, policy.remediation, indent=indent)
        advised.add(policy.policy_id)


def show_remediation(sheet: Sheet, remediation: str, *, indent: int) -> None:
    """Say what a policy advises that names no fix."""
    first, *others = remediation.strip().splitlines() or [""]
    sheet.line(f"Fix: {wording.visible(first)}", indent=indent)
    for each in others:
        sheet.line(wording.visible(each), indent=indent + 5)


def show_fix(sheet: Sheet, fix: Fix, label: str, *, indent: int, most: int | None = None) -> None:
    """Name a fix; its statements stand below it, or the first `most` of them."""
    sheet.line(f"{label}: {wording.visible(fix.title)}", indent=indent)
    for statement in fix.sql[:most]:
        sheet.sql(statement, indent=indent + 2)
    if most is not None:
        sheet.more(len(fix.sql), "statement", indent=indent + 2, shown=most)


def show_ways(sheet: Sheet, violation: Violation, *, indent: int) -> None:
    """Show every fix of a violation, with what it needs, what it does and what takes it back."""
    for number, fix in enumerate(violation.fixes):
        show_fix(sheet, fix, "Or" if number else "Fix", indent=indent)
        for each in fix.requires:
            sheet.line(f"Needs: {wording.visible(each)}", indent=indent + 2)
        if fix.note:
            sheet.line(f"Effect: {wording.visible(fix.note)}", indent=indent + 2)
        if fix.undo:
            sheet.line("Undo:", indent=indent + 2)
        for statement in fix.undo:
            sheet.sql(statement, indent=indent + 4)
