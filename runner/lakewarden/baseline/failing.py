"""From what a run decided to entries of a baseline: the failures that gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from lakewarden.baseline.entries import Entry
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.report import Report, TableReport
from lakewarden.report.table_status import PolicyIndex, failure_gates
from lakewarden.report.violations import violation_keys
from lakewarden_collector.patterns import fold

_DAY: Final = len("2026-03-31")


def failing(report: Report, ledger: BaselineLedger | None = None) -> Iterator[Entry]:
    """Yield each violation of a report that gates; those without a key count once a decision.

    With the ledger of a baseline only those that it doesn't know.
    """
    index = {policy.policy_id: policy for policy in report.policies}
    if ledger is not None:
        ledger.see(names_of(report))
    for table in report.tables():
        known = set() if ledger is None else _known(ledger.mark(_unmarked(table)))
        for entry in failures_of(table, index, report.gate.fail_on, report.run.clock):
            if (entry.policy, entry.key) not in known:
                yield entry


def failures_of(
    table: TableReport, index: PolicyIndex, fail_on: Severity | None, clock: str
) -> Iterator[Entry]:
    """Yield each violation of a table that gates, known since the day of an RFC 3339 time."""
    for policy_id, decision in table.decisions.items():
        if decision.outcome is Outcome.FAIL and failure_gates(index[policy_id], decision, fail_on):
            for key in violation_keys(decision):
                yield Entry(
                    policy=policy_id,
                    table=table.full_name,
                    key=key,
                    table_id=table.table_id,
                    since=clock[:_DAY],
                )


def names_of(report: Report) -> frozenset[str]:
    """Return the names of a report's tables, case folded."""
    return frozenset(fold(each.full_name) for each in report.tables())


def _known(table: TableReport) -> set[tuple[str, str | None]]:
    return {
        (policy_id, each.key)
        for policy_id, decision in table.decisions.items()
        for each in decision.baseline
    }


def _unmarked(table: TableReport) -> TableReport:
    """Return a table without what another baseline knew of it."""
    decisions = {
        policy_id: structs.replace(each, baseline=()) if each.baseline else each
        for policy_id, each in table.decisions.items()
    }
    return structs.replace(table, decisions=decisions)
