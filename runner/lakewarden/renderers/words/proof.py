"""A decision's proof and fixes as plain text, for formats that have no structure for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakewarden.model.decision import Decision, Exemption, Missing, Outcome, Violation
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.renderers.words import waivers, wording
from lakewarden.renderers.words.insight import KINDS


def why(decision: Decision) -> str:
    """Say why a decision came out as it did, in one text; empty where nothing proves it."""
    return wording.sentences(
        (
            *map(_exempt, decision.exemptions),
            *(violation.message for violation in decision.violations),
            *map(missing_evidence, decision.missing),
            *decision.reasons,
        )
    )


def lines(table: TableReport, policy: Policy, decision: Decision) -> Iterator[str]:
    """Yield all that a decision says and what to do about it, a line or a paragraph each."""
    yield from map(_exempt, decision.exemptions)
    for violation in decision.violations:
        yield from _violation(violation)
    yield from map(missing_evidence, decision.missing)
    yield from decision.reasons
    if fixes := sql_fixes(table, decision):
        for violation in fixes:
            yield from _fixes(violation)
        if len(fixes) < len(decision.violations):
            yield policy.remediation.strip()
    else:
        yield from remedies(table, policy, decision)


def sql_fixes(table: TableReport, decision: Decision) -> list[Violation]:
    """Return the violations that SQL or a step on the table fixes.

    None of a planned table: the next apply would undo it.
    """
    if table.definition or decision.outcome is not Outcome.FAIL:
        return []
    return [violation for violation in decision.violations if violation.fixes]


def remedies(table: TableReport, policy: Policy, decision: Decision) -> Iterator[str]:
    """Yield what to do about a decision, in words: the best fix of each violation for a fail."""
    match decision.outcome:
        case Outcome.FAIL:
            best = [each.fixes[0] for each in decision.violations if each.fixes]
            if table.definition:
                yield wording.change_definition(table.definition)
                best = [fix for fix in best if not fix.sql]
            yield from [fix.title for fix in best] or [policy.remediation.strip()]
        case Outcome.UNKNOWN:
            yield from evidence_remedies(decision.missing)
        case Outcome.ERROR:
            yield wording.ERROR_REMEDY
        case _:
            pass


def missing_evidence(missing: Missing) -> str:
    """Say which evidence is missing and why: `access to the owner was denied: HTTP 403`."""
    lack = wording.lack(missing.kind, missing.status)
    return f"{lack}: {missing.reason}" if missing.reason else lack


def evidence_remedies(missing: Iterable[Missing]) -> Iterator[str]:
    """Yield how to get what is missing, each remedy once."""
    statuses = dict.fromkeys(each.status for each in missing)
    yield from filter(None, map(wording.EVIDENCE_REMEDIES.get, statuses))


def _fixes(violation: Violation) -> Iterator[str]:
    """Yield the ways to fix a violation, the best first, each with its SQL."""
    about = f" ({violation.key})" if violation.key else ""
    for number, fix in enumerate(violation.fixes):
        yield f"{'Or' if number else 'Fix'}{about}: {fix.title}"
        yield from (f"  needs {each}" for each in fix.requires)
        if fix.note:
            yield f"  {fix.note}"
        yield from (f"  {statement};" for statement in fix.sql)
        yield from (f"  undo: {statement};" for statement in fix.undo)


def _violation(violation: Violation) -> Iterator[str]:
    yield violation.message
    if violation.expected is not None:
        yield f"  expected: {wording.value(violation.expected)}"
    if violation.actual is not None:
        yield f"  actual: {wording.value(violation.actual)}"


def terms(exemption: Exemption) -> str:
    """Say what a waiver is, who answers for it, and how long it lasts; empty for all others."""
    own = (
        ("starts", exemption.starts),
        ("owner", exemption.owner),
        ("approved by", exemption.approved_by),
        ("ticket", exemption.ticket),
        ("expires", exemption.expires),
    )
    kind = waivers.KINDS[exemption.waiver_kind] if exemption.waiver_kind else ""
    return ", ".join(filter(None, (kind, *(f"{label} {text}" for label, text in own if text))))


def _exempt(exemption: Exemption) -> str:
    more = terms(exemption)
    reason = f"{KINDS.get(exemption.kind, exemption.kind)}: {exemption.reason}"
    return f"{reason} ({more})" if more else reason
