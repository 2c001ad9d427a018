"""What the page says of a table when it is opened, as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakewarden.model.decision import Decision, Enforcement, Exemption, Fix, Missing, Violation
from lakewarden.model.report import TableReport
from lakewarden.renderers.html.phrases import shown
from lakewarden.renderers.words import baseline, wording
from lakewarden.renderers.words.history import past
from lakewarden_collector.counted import counted

ABOUT: Final = "about"
"""The respect that isn't a policy's or a fact's: where the table comes from."""


def details_of(table: TableReport, facts: wording.FactWords) -> Iterator[tuple[str, Any]]:
    """Yield each respect, `about` or `fact:<domain>.<fact>`, and what is said in it."""
    yield ABOUT, [[label, shown(text)] for label, text in _about(table) if text]
    for domain, values in sorted(table.facts.items()):
        for name, value in sorted(values.items()):
            names = (
                isinstance(value, list) and value and all(isinstance(each, str) for each in value)
            )
            fact = f"{domain}.{name}"
            yield (
                f"fact:{fact}",
                [shown(each) for each in value] if names else shown(facts.of_table(fact, value)),
            )


def _about(table: TableReport) -> Iterator[tuple[str, str]]:
    if definition := table.definition:
        tool = wording.TOOLS.get(definition.tool or "", "")
        yield "Declared with", tool
        yield "Address", definition.address or ""
        yield "File and line", definition.file_line
        yield "Action of the plan", definition.action or ""
    yield "Type", ", ".join(filter(None, (table.table_type, table.data_source_format)))
    yield "Size", _size(table.size)


def _size(size: dict[str, Any]) -> str:
    """Say how large a table is, where that comes from and when it was so."""
    if not size:
        return ""
    words = f"{size['bytes']:,} bytes" if "bytes" in size else "unknown"
    if "files" in size:
        words += f" in {counted(size['files'], 'file')}"
    if "origin" in size:
        words += f", from {size['origin'].replace('_', ' ')}"
    if "as_of" in size:
        words += f", as of {wording.utc(size['as_of'])}"
    if "exact" in size:
        words += ", exact" if size["exact"] else ", not exact"
    return words


def proof_of(decision: Decision) -> dict[str, Any]:
    """Return all of a decision but its outcome, which is in the index."""
    parts: dict[str, Any] = {}
    if decision.reasons:
        parts["reasons"] = [shown(reason) for reason in decision.reasons]
    for name in ("would_be", "severity", "enforcement", "override"):
        if (value := getattr(decision, name)) is not None:
            parts[name] = shown(value)
    if decision.effective_on and decision.enforcement is Enforcement.ADVISORY:
        parts["enforcement"] += f" until {shown(decision.effective_on)}"
    if decision.violations:
        pasts = {each.key: past(each) for each in decision.history}
        known = {each.key: baseline.known(each) for each in decision.baseline}
        parts["violations"] = [_violation(each, pasts, known) for each in decision.violations]
    if decision.exemptions:
        parts["exemptions"] = [_exemption(each) for each in decision.exemptions]
    if decision.missing:
        parts["missing"] = [_missing(each) for each in decision.missing]
    return parts


def _violation(
    violation: Violation, pasts: dict[str | None, str], known: dict[str | None, str]
) -> dict[str, Any]:
    parts: dict[str, Any] = {"message": shown(violation.message)}
    if violation.key is not None:
        parts["key"] = shown(violation.key)
    for name in ("expected", "actual"):
        if (value := getattr(violation, name)) is not None:
            parts[name] = shown(wording.value(value))
    for name, found in (("past", pasts), ("known", known)):
        if violation.key in found:
            parts[name] = shown(found[violation.key])
    if violation.fixes:
        parts["fixes"] = [_fix(each) for each in violation.fixes]
    return parts


def _fix(fix: Fix) -> dict[str, Any]:
    parts: dict[str, Any] = {"title": shown(fix.title)}
    for name in ("sql", "requires", "undo"):
        if texts := getattr(fix, name):
            parts[name] = [shown(text) for text in texts]
    if fix.note:
        parts["note"] = shown(fix.note)
    return parts


def _exemption(exemption: Exemption) -> dict[str, str]:
    names = ("kind", "reason", "owner", "approved_by", "ticket", "expires")
    return {name: shown(value) for name in names if (value := getattr(exemption, name))}


def _missing(missing: Missing) -> dict[str, str]:
    parts = {
        "what": shown(wording.lack(missing.kind, missing.status)),
        "reason": shown(missing.reason),
        "remedy": wording.EVIDENCE_REMEDIES.get(missing.status, ""),
    }
    return {name: value for name, value in parts.items() if value}
