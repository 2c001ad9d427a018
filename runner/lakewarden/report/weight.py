"""What a failed decision weighs, so that every format names the same one first.

The weight is the severity's factor times the table's bytes. What gates comes first: a mandatory
failure stands before every advisory one, whatever both weigh.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.report.amounts import bytes_of, count
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


_T = TypeVar("_T")


class FailedDecision(Struct, frozen=True, kw_only=True):
    """A decision with outcome fail; severity and enforcement are those in force for its table."""

    table: TableReport
    policy: Policy
    decision: Decision
    severity: Severity
    enforcement: Enforcement
    weight: int


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
        *load_order(failed.enforcement, failed.weight, failed.severity),
        failed.table.full_name,
        failed.policy.policy_id,
    )


def load_order(enforcement: Enforcement, weight: int, severity: Severity) -> tuple[bool, int, int]:
    """Return a sort key: mandatory before advisory, then weight and severity."""
    return enforcement is not Enforcement.MANDATORY, -weight, SEVERITY_RANK[severity]


class Heaviest(Generic[_T]):
    """Keeps the `keep` first of any number of failures by `order`, however they come in."""

    def __init__(self, keep: int, order: Callable[[_T], Any]) -> None:
        self._keep = keep
        self._order = order
        self._kept: list[_T] = []

    def add(self, failed: Iterable[_T]) -> None:
        """Take some more."""
        self._kept.extend(failed)
        if len(self._kept) > 10 * self._keep:
            self._kept = self.ordered()

    def ordered(self) -> list[_T]:
        """Return them, the heaviest first."""
        return heapq.nsmallest(self._keep, self._kept, key=self._order)


@dataclass
class Load:
    """What fails of an owner's tables, or by one policy."""

    weight: int = 0
    """Of the mandatory failures."""
    advisory_weight: int = 0
    failed: int = 0
    """Failed decisions, advisory ones included."""
    broken: Amount = field(default_factory=Amount)
    """The tables with a mandatory failure among them."""

    def add(self, failed: Sequence[FailedDecision]) -> None:
        """Take one table's failed decisions, or those of them that count here."""
        mandatory = [each for each in failed if each.enforcement is Enforcement.MANDATORY]
        weight = sum(each.weight for each in mandatory)
        self.weight += weight
        self.advisory_weight += sum(each.weight for each in failed) - weight
        self.failed += len(failed)
        if mandatory:
            count(self.broken, bytes_of(mandatory[0].table))


def heaviest_loads(loads: dict[str, Load]) -> list[tuple[str, Load]]:
    """Return those with failures, the heaviest first: mandatory weight, advisory weight, name."""
    some = [(name, load) for name, load in loads.items() if load.failed]
    return sorted(some, key=lambda item: (-item[1].weight, -item[1].advisory_weight, item[0]))
