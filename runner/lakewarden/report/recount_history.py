"""Counts again what a report says of the violations' past, as far as its tables tell.

What earlier runs found can't be counted again: their order and figures have to be possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.history import History, PastRun
from lakewarden.model.report import TableReport
from lakewarden.report.agreement import contradiction, require_equal, shown
from lakewarden.report.file import ReportFile
from lakewarden.report.history_tally import HistoryTally
from lakewarden.report.recount_table import time_fault
from lakewarden.report.table_status import Status


class HistoryRecount:
    """Follows a report's tables; memory doesn't grow with them."""

    def __init__(self, file: str, report: ReportFile) -> None:
        self._file = file
        self._report = report
        self._stated = report.history
        self._tally = HistoryTally(report.run.clock, report.policies)

    def add(self, where: str, table: TableReport) -> None:
        """Check and count one table."""
        stated = self._stated is not None
        for policy_id, decision in table.decisions.items():
            if not decision.history and not (stated and decision.outcome is Outcome.FAIL):
                continue
            for fault in self._faults(decision):
                raise contradiction(
                    f"{where}: {shown(table.full_name)}: decisions.{policy_id}.history", fault
                )
        if self._stated is not None:
            self._tally.add(table)

    def _faults(self, decision: Decision) -> Iterator[str]:
        if self._stated is None:
            if decision.history:
                yield "the report has no history"
            return
        found = [each.key for each in decision.history]
        failed = decision.outcome is Outcome.FAIL
        keys = {each.key for each in decision.violations} if failed else set()
        if len(set(found)) < len(found) or set(found) != keys:
            yield "its keys aren't those of the violations"
        for each in decision.history:
            for time in (each.first_failed_at, each.failing_since):
                if fault := time_fault(time):
                    yield fault
                    return
            times = [each.first_failed_at, each.failing_since]
            if not time_fault(self._report.run.clock):  # else the recount says so in its place
                times.append(self._report.run.clock)
            if not _is_ordered(*times):
                yield f"{shown(times)}: first failed, failing since and clock aren't in order"
            if each.reopened < 0 or (each.contradicted and not each.reopened):
                yield f"it can't be contradicted and reopened {each.reopened:,} times"

    def check(self) -> None:
        """Raise `ConfigurationError` where the history isn't what was counted, or can't be."""
        stated = self._stated
        if stated is None:
            return
        counted = self._tally.history(
            stated.runs,
            not_listed=stated.not_listed,
            apart=stated.apart,
            fixed=stated.fixed,
            days_to_fix=stated.days_to_fix,
        )
        require_equal(self._file, "$.history", stated, counted)
        for name in ("not_listed", "apart", "fixed", "days_to_fix"):
            value = getattr(stated, name)
            if value is not None and value < 0:
                raise self._wrong(name, f"{shown(value)} can't be negative")
        self._check_runs(stated)

    def _check_runs(self, stated: History) -> None:
        if not stated.runs:
            raise self._wrong("runs", "this run isn't there")
        seen: set[str] = set()
        for number, run in enumerate(stated.runs):
            path = f"runs[{number}]"
            if run.run_id in seen:
                raise self._wrong(path, "this run is listed twice")
            seen.add(run.run_id)
            if fault := time_fault(run.clock):
                raise self._wrong(f"{path}.clock", fault)
            self._check_figures(path, run)
        clocks = [run.clock for run in stated.runs]
        if not all(_is_ordered(*two) for two in pairwise(clocks)):
            raise self._wrong("runs", "the clocks aren't in order")
        self._check_own(f"runs[{len(stated.runs) - 1}]", stated.runs[-1])

    def _check_figures(self, path: str, run: PastRun) -> None:
        statuses = {status.value: "" for status in Status}
        place = f"$.history.{path}.tables"
        require_equal(self._file, place, dict.fromkeys(run.tables, ""), statuses)
        figures = [run.failing, run.undecided]
        for each in run.tables.values():
            figures += [each.tables, each.bytes, each.unsized, each.tables - each.unsized]
        if min(figures) < 0:
            raise self._wrong(path, "its figures can't be numbers of tables and decisions")

    def _check_own(self, path: str, own: PastRun) -> None:
        report = self._report
        counted = self._tally.run(own.run_id, report.completeness, report.summary)
        require_equal(self._file, f"$.history.{path}", own, counted)

    def _wrong(self, path: str, what: str) -> Exception:
        return contradiction(f"{self._file}: $.history.{path}", what)


def _is_ordered(*times: str) -> bool:
    parsed = [datetime.fromisoformat(each) for each in times]
    return all(first <= second for first, second in pairwise(parsed))
