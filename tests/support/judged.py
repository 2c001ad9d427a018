"""Reports with what policies about waivers decide."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity, Violation
from lakewarden.model.judged_waivers import JudgedWaiver, JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.report.gate import judge
from lakewarden.report.summary import Tally
from tests.support.reports import Sample

_FAILED = Decision(
    outcome=Outcome.FAIL,
    violations=(Violation(message="Its owner approved <it>.", expected="another", actual="o"),),
)


def policy(
    policy_id: str = "approval.owner",
    enforcement: Enforcement = Enforcement.MANDATORY,
    severity: Severity = Severity.HIGH,
) -> Policy:
    """Return a policy about waivers."""
    return Policy(
        policy_id=policy_id,
        title="Someone else approves",
        description="d",
        severity=severity,
        enforcement=enforcement,
        remediation="Ask someone else.",
        path="lakewarden/waivers/approval/owner/owner.rego",
    )


def judged(*policies: Policy, failures: int = 1) -> JudgedWaivers:
    """Return three waivers of which the first ones fail every policy."""
    chosen = policies or (policy(),)
    counts = dict.fromkeys(map(str, Outcome), 0) | {"pass": 3 - failures, "fail": failures}
    return JudgedWaivers(
        policies=chosen,
        waivers=3,
        outcomes={each.policy_id: dict(counts) for each in chosen},
        broken=tuple(
            JudgedWaiver(
                policy="clustering.key_limit",
                expires="2027-01-31",
                owner="o",
                table=f"main.sales.t{number}",
                decisions={each.policy_id: _FAILED for each in chosen},
            )
            for number in range(failures)
        ),
    )


def with_judged(sample: Sample) -> Sample:
    """Return the sample of a run in which a waiver broke a mandatory policy about waivers."""
    tally = Tally(sample.policies)
    for table in sample.rows:
        tally.add(table)
    found = judged()
    gate = judge(
        tally.gating,
        sample.completeness,
        known=tally.known,
        advisory=tally.advisory,
        clock=sample.run.clock,
        judged=found,
    )
    return replace(sample, judged=found, gate=structs.replace(gate))
