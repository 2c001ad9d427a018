"""Words for how strictly policies apply, and for those that become mandatory on a later day."""

from __future__ import annotations

from lakewarden.model.decision import Decision, Enforcement
from lakewarden.model.policy import Policy
from lakewarden.model.report import Gate, Report
from lakewarden.report.table_status import effective_on_of, enforcement_of
from lakewarden_collector.counted import counted


def enforcement(policy: Policy, decision: Decision | None = None) -> str:
    """Say how strictly a policy applies, for a table or by itself: `advisory until 2027-01-31`."""
    hard = enforcement_of(policy, decision) if decision else policy.enforcement
    day = effective_on_of(policy, decision) if decision else policy.effective_on
    return f"{hard} until {day}" if hard is Enforcement.ADVISORY and day else str(hard)


def advisory_until(report: Report) -> list[str]:
    """Say which policies become mandatory on a later day, and how many days are left."""
    lines = []
    for each in report.gate.upcoming:
        some = each.tables < report.summary.total.tables
        about = f" for {counted(each.tables, 'table')}" if some else ""
        lines.append(
            f"{each.policy_id} is advisory{about} until {each.effective_on}, then mandatory: "
            f"{counted(each.days_left, 'day')} left."
        )
    return lines


def upcoming_lines(gate: Gate) -> list[str]:
    """Say what would gate once the policies that are advisory until a day are mandatory."""
    lines = []
    for each in gate.upcoming:
        numbers = [
            counted(number, word)
            for number, word in ((each.failing, "failure"), (each.unknown, "unknown decision"))
            if number
        ]
        lines.append(
            f"From {each.effective_on} on ({counted(each.days_left, 'day')} left), "
            f"{' and '.join(numbers) or 'no decision'} of {each.policy_id} would gate."
        )
    return lines
