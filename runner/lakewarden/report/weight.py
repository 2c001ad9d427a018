"""What a failed decision weighs, so that every format names the same one first.

The weight is the severity's factor times the table's bytes. What gates comes first: a mandatory
failure stands before every advisory one, whatever both weigh.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    enforcement_of,
    severity_of,
)

FACTORS: Final = {
    Severity.CRITICAL: 10_000,
    Severity.HIGH: 1_000,
    Severity.MEDIUM: 100,
    Severity.LOW: 10,
    Severity.INFO: 1,
}
"""One severity more outweighs ten times the data."""

UNSIZED_BYTES: Final = 2**30
"""What a table of unknown size counts as, 1 GiB: unknown isn't small, and isn't the largest."""


class FailedDecision(Struct, frozen=True, kw_only=True):
    """A decision with outcome fail; severity and enforcement are those in force for its table."""

    table: TableReport
    policy: Policy
    decision: Decision
    severity: Severity
    enforcement: Enforcement
    weight: int


def bytes_of(table: TableReport) -> int | None:
    """Return the table's size; None where nobody knows it."""
    size = table.size.get("bytes")
    return size if isinstance(size, int) else None


def weight_of(severity: Severity, size: int | None) -> int:
    """Return the severity's factor times the bytes; an empty table counts as one byte."""
    return FACTORS[severity] * (UNSIZED_BYTES if size is None else max(size, 1))


def failed_decisions(table: TableReport, policy_index: PolicyIndex) -> list[FailedDecision]:
    """Return the table's failed decisions, the heaviest first."""
    failed = []
    for policy_id, decision in table.decisions.items():
        if decision.outcome is Outcome.FAIL:
            policy = policy_index[policy_id]
            severity = severity_of(policy, decision)
            failed.append(
                FailedDecision(
                    table=table,
                    policy=policy,
                    decision=decision,
                    severity=severity,
                    enforcement=enforcement_of(policy, decision),
                    weight=weight_of(severity, bytes_of(table)),
                )
            )
    return sorted(failed, key=heaviest_first)


def heaviest_first(failed: FailedDecision) -> tuple[bool, int, int, str, str]:
    """Return a sort key: mandatory before advisory, then weight, severity, table and policy."""
    return (
        failed.enforcement is not Enforcement.MANDATORY,
        -failed.weight,
        SEVERITY_RANK[failed.severity],
        failed.table.full_name,
        failed.policy.policy_id,
    )


class Heaviest:
    """Keeps the `keep` heaviest of any number of failed decisions, whatever order they come in."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._kept: list[FailedDecision] = []

    def add(self, failed: Iterable[FailedDecision]) -> None:
        """Take some more."""
        self._kept.extend(failed)
        if len(self._kept) > 10 * self._keep:
            self._kept = self.ordered()

    def ordered(self) -> list[FailedDecision]:
        """Return them, the heaviest first."""
        return heapq.nsmallest(self._keep, self._kept, key=heaviest_first)
