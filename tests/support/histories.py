"""A plausible history for a sample report, for what shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision, Outcome, PastFailure
from lakewarden.model.history import PastRun
from lakewarden.model.report import TableReport
from lakewarden.report.history_tally import HistoryTally
from lakewarden.report.table_status import Status
from tests.support import reports

OTHER_SETTINGS: Final = "Its settings differ."


def with_history(sample: reports.Sample, *, runs: int = 5, not_listed: int = 2) -> reports.Sample:
    """Give a report the history of a run a day, of which the second had other settings."""
    clock = datetime.fromisoformat(sample.run.clock)
    days = [(clock - timedelta(days=day)).isoformat()[:19] + "Z" for day in range(runs)][::-1]
    sample.rows = [_with_past(row, number, days) for number, row in enumerate(sample.rows)]
    tally = HistoryTally(days[-1], sample.policies)
    for row in sample.rows:
        tally.add(row)
    own = tally.run("", sample.completeness, sample.summary)
    sample.history = tally.history(
        tuple(_run(own, number, days) for number in range(runs)),
        not_listed=not_listed,
        apart=3,
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


def _run(own: PastRun, number: int, days: list[str]) -> PastRun:
    """Return one run, the last of them `own`; each had one more failing table than the next."""
    more = len(days) - 1 - number
    failing = own.tables[Status.NON_COMPLIANT]
    worse = structs.replace(
        failing, tables=failing.tables + more, bytes=failing.bytes + more * 2**30
    )
    return structs.replace(
        own,
        run_id=f"{number:032x}",
        clock=days[number],
        complete=own.complete or more > 0,
        tables=own.tables | {Status.NON_COMPLIANT.value: worse},
        failing=own.failing + more,
        differences=(OTHER_SETTINGS,) if number == 1 and more else (),
    )
