"""Where one table stands, all its decisions taken together."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport


class Status(StrEnum):
    """A table's place in the summary; exactly one for each table."""

    NON_COMPLIANT = "non_compliant"
    UNDECIDED = "undecided"
    COMPLIANT = "compliant"
    NOT_APPLICABLE = "not_applicable"


SEVERITY_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}
"""0 is the worst."""

STATUS_RANK: Final = {status: rank for rank, status in enumerate(Status)}
"""0 is the worst."""

PolicyIndex = Mapping[str, Policy]
"""Policy id to policy."""


def enforcement_of(policy: Policy, decision: Decision) -> Enforcement:
    """Return the enforcement in force for this table: an override's, else the policy's."""
    return decision.enforcement or policy.enforcement


def effective_on_of(policy: Policy, decision: Decision) -> str | None:
    """Return the day from which the policy is mandatory for this table, if there is one."""
    return policy.effective_on if decision.enforcement is None else decision.effective_on


def failure_gates(policy: Policy, decision: Decision, fail_on: Severity | None) -> bool:
    """Whether the decision gates if it is a failure, `--allow` aside."""
    mandatory = enforcement_of(policy, decision) is Enforcement.MANDATORY
    return mandatory or reaches(severity_of(policy, decision), fail_on)


def reaches(severity: Severity, fail_on: Severity | None) -> bool:
    """Whether advisory failures of a severity gate: `fail_on` is the mildest that does."""
    return fail_on is not None and SEVERITY_RANK[severity] <= SEVERITY_RANK[fail_on]


def severity_of(policy: Policy, decision: Decision) -> Severity:
    """Return the severity in force for this table: an override's, else the policy's."""
    return decision.severity or policy.severity


def status_of(table: TableReport, policy_index: PolicyIndex) -> Status:
    """Return the table's status.

    non_compliant: a mandatory fail. undecided: none, but a mandatory unknown or any error.
    not_applicable: no policy is about it at all. compliant: the rest.
    """
    undecided = False
    applies = False
    for policy_id, decision in table.decisions.items():
        mandatory = enforcement_of(policy_index[policy_id], decision) is Enforcement.MANDATORY
        if decision.outcome is Outcome.FAIL and mandatory:
            return Status.NON_COMPLIANT
        if decision.outcome is Outcome.ERROR or (decision.outcome is Outcome.UNKNOWN and mandatory):
            undecided = True
        applies = applies or decision.outcome is not Outcome.NOT_APPLICABLE
    if undecided:
        return Status.UNDECIDED
    return Status.COMPLIANT if applies else Status.NOT_APPLICABLE


def is_hidden(table: TableReport, policy_index: PolicyIndex) -> bool:
    """Whether a mandatory policy fails and doesn't gate, since the baseline knows all of it."""
    return any(
        decision.is_known
        and enforcement_of(policy_index[policy_id], decision) is Enforcement.MANDATORY
        for policy_id, decision in table.decisions.items()
        if decision.baseline
    )


def worst_first(table: TableReport, policy_index: PolicyIndex) -> tuple[int, int, int, int, str]:
    """Return a sort key: status, then worst severity of a fail, then size, then name.

    A mandatory fail outranks an advisory one of the same severity. A table of unknown size comes
    after the sized ones.
    """
    fails = [
        (
            SEVERITY_RANK[severity_of(policy_index[policy_id], decision)],
            enforcement_of(policy_index[policy_id], decision) is not Enforcement.MANDATORY,
        )
        for policy_id, decision in table.decisions.items()
        if decision.outcome is Outcome.FAIL
    ]
    status = status_of(table, policy_index)
    if status is Status.NON_COMPLIANT:  # only what makes it so counts
        fails = [fail for fail in fails if not fail[1]]
    severity, advisory = min(fails, default=(len(SEVERITY_RANK), True))
    size = table.size.get("bytes")
    known = size if isinstance(size, int) else -1
    return STATUS_RANK[status], severity, int(advisory), -known, table.full_name
