"""Counts how a run came out, and since when its violations are there, as its decisions say."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import Final

from lakewarden.model.decision import Outcome, PastFailure
from lakewarden.model.history import History, LastingFailure, PastRun
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Summary, TableReport
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.table_status import Status, status_of

OLDEST: Final = 10
CONTRADICTIONS: Final = 50

_Key = tuple[str, ...]


class HistoryTally:
    """Counts table by table; memory doesn't grow with tables."""

    def __init__(self, clock: str, policies: Iterable[Policy]) -> None:
        self._clock = clock
        self._policies = {policy.policy_id: policy for policy in policies}
        self._by_status = {status.value: Amount() for status in Status}
        self._failing = self._new = self._reopened = self._contradicted = 0
        self._oldest: list[tuple[_Key, LastingFailure]] = []
        self._contradictions: list[tuple[_Key, LastingFailure]] = []

    def add(self, table: TableReport) -> None:
        """Count one table and its violations."""
        count(self._by_status[status_of(table, self._policies).value], bytes_of(table))
        for policy_id, decision in table.decisions.items():
            for each in decision.history:
                self._count(table.full_name, policy_id, each)

    def _count(self, full_name: str, policy_id: str, failure: PastFailure) -> None:
        self._failing += 1
        self._new += failure.first_failed_at == self._clock
        self._reopened += failure.reopened > 0
        self._contradicted += failure.contradicted
        name = (full_name, policy_id, failure.key or "")
        by_age = (failure.failing_since, *name)
        oldest = len(self._oldest) < OLDEST or by_age < self._oldest[-1][0]
        if not oldest and not failure.contradicted:
            return
        lasting = LastingFailure(
            full_name=full_name,
            policy_id=policy_id,
            key=failure.key,
            first_failed_at=failure.first_failed_at,
            failing_since=failure.failing_since,
            reopened=failure.reopened,
            contradicted=failure.contradicted,
        )
        if oldest:
            _keep(self._oldest, by_age, lasting, OLDEST)
        if failure.contradicted:
            _keep(self._contradictions, name, lasting, CONTRADICTIONS)

    def run(self, run_id: str, completeness: Completeness, summary: Summary) -> PastRun:
        """Return the run in figures, as later runs will list it."""
        outcomes = summary.total.outcomes
        return PastRun(
            run_id=run_id,
            clock=self._clock,
            complete=completeness.complete,
            tables=self._by_status,
            failing=outcomes[Outcome.FAIL],
            undecided=outcomes[Outcome.UNKNOWN] + outcomes[Outcome.ERROR],
        )

    def history(
        self,
        runs: tuple[PastRun, ...],
        *,
        not_listed: int,
        apart: int,
        fixed: int,
        days_to_fix: float | None,
    ) -> History:
        """Return the report's part; the arguments are what the run's own decisions don't tell."""
        return History(
            runs=runs,
            not_listed=not_listed,
            apart=apart,
            failing=self._failing,
            new=self._new,
            reopened=self._reopened,
            contradicted=self._contradicted,
            fixed=fixed,
            days_to_fix=days_to_fix,
            oldest=tuple(each for _, each in self._oldest),
            contradictions=tuple(each for _, each in self._contradictions),
        )


def _keep(
    kept: list[tuple[_Key, LastingFailure]], key: _Key, failure: LastingFailure, most: int
) -> None:
    insort(kept, (key, failure), key=lambda each: each[0])
    del kept[most:]
