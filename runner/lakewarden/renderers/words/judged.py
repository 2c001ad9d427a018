"""The words for what policies about waivers decide, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.report.table_status import SEVERITY_RANK
from lakewarden_collector.counted import counted


class BrokenWaiver(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a waiver."""

    policy_id: str
    enforcement: Enforcement
    severity: Severity
    outcome: Outcome
    message: str
    remediation: str


def judged_line(judged: JudgedWaivers) -> str:
    """Say in a sentence how many waivers were judged, and how it came out."""
    bad = len(judged.broken)
    policies = counted(len(judged.policies), "policy")
    verb = "breaks one" if bad == 1 else "break one"
    found = f"{bad:,} {verb}" if bad else "none breaks one"
    return f"{counted(judged.waivers, 'waiver')} judged by {policies} about waivers: {found}."


def broken_waivers(judged: JudgedWaivers) -> Iterator[BrokenWaiver]:
    """Yield what is wrong with each waiver: what gates first, then by severity."""
    index = {each.policy_id: each for each in judged.policies}
    found = [
        BrokenWaiver(
            policy_id=policy_id,
            enforcement=index[policy_id].enforcement,
            severity=index[policy_id].severity,
            outcome=decision.outcome,
            message=message,
            remediation=index[policy_id].remediation,
        )
        for waiver in judged.broken
        for policy_id, decision in waiver.decisions.items()
        for message in (
            *(each.message for each in decision.violations),
            *(decision.reasons if decision.outcome is not Outcome.FAIL else ()),
        )
    ]
    yield from sorted(
        found,
        key=lambda each: (
            each.outcome is not Outcome.ERROR,
            each.enforcement is not Enforcement.MANDATORY,
            SEVERITY_RANK[each.severity],
        ),
    )
