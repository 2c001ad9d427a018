"""A plausible history for a sample report, for what shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision, Outcome, PastFailure
from lakewarden.model.history import PastRun
from lakewarden.model.insight import Amount
from lakewarden.model.report import TableReport
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.history_tally import HistoryTally
from lakewarden.report.table_status import Status, status_of
from tests.support import reports

OTHER_SETTINGS: Final = "Its settings differ."


def with_history(sample: reports.Sample, *, runs: int = 5, not_listed: int = 2) -> reports.Sample:
    """Give a report the history of a run a day, of which the second had other settings."""
    clock = datetime.fromisoformat(sample.run.clock)
    days = [(clock - timedelta(days=day)).isoformat()[:19] + "Z" for day in range(runs)][::-1]
    sample.rows = [_with_past(row, number, days) for number, row in enumerate(sample.rows)]
    tally = HistoryTally(days[-1])
    for row in sample.rows:
        tally.add(row)
    sample.history = tally.history(
        tuple(_run(sample, number, days) for number in range(runs)),
        not_listed=not_listed,
        fixed=3,
        days_to_fix=2.5,
    )
    return sample


def _with_past(table: TableReport, number: int, days: list[str]) -> TableReport:
    def past(decision: Decision) -> Decision:
        keys = dict.fromkeys(each.key for each in decision.violations)
        if decision.outcome is not Outcome.FAIL:
            return decision
        since = days[number % len(days)]
        again = number % 4 == 1
        return structs.replace(
            decision,
            history=tuple(
                PastFailure(
                    key=key,
                    first_failed_at=days[0] if again else since,
                    failing_since=since,
                    reopened=int(again),
                    contradicted=again,
                )
                for key in keys
            ),
        )

    decisions = {name: past(each) for name, each in table.decisions.items()}
    return structs.replace(table, decisions=decisions)


def _run(sample: reports.Sample, number: int, days: list[str]) -> PastRun:
    """Return one run; each had one more failing table than the next."""
    index = {policy.policy_id: policy for policy in sample.policies}
    more = len(days) - 1 - number
    tables = {status.value: Amount() for status in Status}
    for row in sample.rows:
        count(tables[status_of(row, index).value], bytes_of(row))
    failing = tables[Status.NON_COMPLIANT.value]
    failing.tables, failing.bytes = failing.tables + more, failing.bytes + more * 2**30
    outcomes = sample.summary.total.outcomes
    return PastRun(
        run_id=f"{number:032x}",
        clock=days[number],
        complete=sample.completeness.complete or more > 0,
        tables=tables,
        failing=outcomes[Outcome.FAIL] + more,
        undecided=outcomes[Outcome.UNKNOWN] + outcomes[Outcome.ERROR],
        differences=(OTHER_SETTINGS,) if number == 1 and more else (),
    )
