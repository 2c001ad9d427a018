"""Counts again what a report says of its baseline, as far as its tables tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lakewarden.model.baseline import Baseline, Ratchet
from lakewarden.model.clock import days_since, is_day
from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import Report, TableReport
from lakewarden.report.agreement import contradiction, require_equal, shown
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.backlog_tally import BacklogTally
from lakewarden.report.table_status import is_hidden


def _can_be(ratchet: Ratchet, entries: int) -> bool:
    """Whether the numbers of a ratchet fit each other, and a baseline of so many entries."""
    named = (
        ratchet.swapped - len(ratchet.swaps),
        (ratchet.added - ratchet.swapped - len(ratchet.growth)),
    )
    return (
        min(ratchet.added, ratchet.removed, ratchet.younger, *named) >= 0
        and ratchet.swapped == min(ratchet.added, ratchet.removed)
        and ratchet.added + ratchet.younger <= entries
        and (ratchet.is_there or ratchet.added == entries)
    )


class BaselineRecount:
    """Follows a report's tables; memory doesn't grow with them."""

    def __init__(self, file: str, report: Report, policies: Mapping[str, Policy]) -> None:
        self._file = file
        self._stated = report.baseline
        self._clock = report.run.clock
        self._policies = policies
        self._hidden = Amount()
        self._backlog = BacklogTally()
        self._known = 0
        self._oldest: str | None = None

    def add(self, where: str, table: TableReport) -> None:
        """Check and count one table."""
        for policy_id, decision in table.decisions.items():
            if not decision.baseline:
                continue
            for fault in self._faults(decision):
                place = f"{where}: {shown(table.full_name)}: decisions.{policy_id}.baseline"
                raise contradiction(place, fault)
            self._known += len(decision.baseline)
            days = [each.since for each in decision.baseline]
            self._oldest = min(filter(None, (self._oldest, *days)))
        self._backlog.add(table)
        if is_hidden(table, self._policies):
            count(self._hidden, bytes_of(table))

    def _faults(self, decision: Decision) -> Iterator[str]:
        if self._stated is None:
            yield "the report has no baseline"
        found = [each.key for each in decision.baseline]
        failed = decision.outcome is Outcome.FAIL
        keys = {each.key for each in decision.violations} if failed else set()
        if len(set(found)) < len(found) or not keys.issuperset(found):
            yield "its keys aren't those of violations"
        for each in decision.baseline:
            if not is_day(each.since):
                yield f"{shown(each.since)} isn't a day"

    def check(self) -> None:
        """Raise `ConfigurationError` where the part about the baseline can't be true."""
        stated, path = self._stated, f"{self._file}: $.baseline"
        if stated is None:
            return
        require_equal(self._file, "$.baseline.hidden", stated.hidden, self._hidden)
        require_equal(self._file, "$.baseline.backlog", stated.backlog, self._backlog.parts)
        numbers = (stated.failing, stated.over, stated.undecided)
        if min(numbers) < 0 or sum(numbers) != stated.entries:
            raise contradiction(path, "entries aren't failing + over + undecided")
        if stated.failing < self._known:  # those of exempt tables aren't marked
            raise contradiction(f"{path}.failing", f"{self._known:,} violations are known")
        if len(stated.slack) > stated.over:
            raise contradiction(f"{path}.slack", "it lists more than are over")
        if len(stated.renames) > stated.renamed:
            raise contradiction(f"{path}.renames", "it lists more than are renamed")
        self._check_ages(stated, path)
        if stated.ratchet is not None and not _can_be(stated.ratchet, stated.entries):
            raise contradiction(f"{path}.ratchet", "its numbers can't be true together")

    def _check_ages(self, stated: Baseline, path: str) -> None:
        if (stated.oldest is None) != (not stated.failing):
            raise contradiction(f"{path}.oldest", "it's there where an entry still fails")
        if stated.oldest is not None and not is_day(stated.oldest):
            raise contradiction(f"{path}.oldest", f"{shown(stated.oldest)} isn't a day")
        age = days_since(stated.oldest, self._clock) if stated.oldest else None
        if stated.oldest_days != age:
            raise contradiction(f"{path}.oldest_days", f"it is {age} by the clock")
        median = stated.median_days
        if (median is None) != (age is None) or (median or 0) > (age or 0):
            raise contradiction(f"{path}.median_days", "it's none of the ages")
        if stated.oldest and self._oldest and stated.oldest > self._oldest:
            raise contradiction(f"{path}.oldest", f"{self._oldest} is older")
