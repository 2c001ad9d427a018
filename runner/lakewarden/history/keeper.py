"""One run and its history: what earlier runs say of it while it decides, and adding it at the end.

keeper = HistoryKeeper("s3://lake/history")   # exit 2 where it can't be opened
keeper.begin(...)                             # once it is known what the run is about
keeper.previous                               # the latest run that it can be compared with
keeper.with_past(table)                       # for each table that is decided
keeper.history(...)                           # the report's part
keeper.add(report)                            # once the reports are written
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from lakewarden.history import identity
from lakewarden.history.columns import (
    DECISION,
    READ_OF_DECISIONS,
)
from lakewarden.history.failures import (
    FailureLedger,
    RunFailures,
    with_past,
)
from lakewarden.history.identity import About
from lakewarden.history.lines import Line, line_of
from lakewarden.history.rows import RunKey, batches
from lakewarden.history.store import BrokenHistoryError, FoundRun, HistoryTable, Snapshot
from lakewarden.history.tracked_rows import moment_text, tracked_tables
from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.history import History, PastRun
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Report, Run, Summary, TableReport
from lakewarden.report.history_tally import HistoryTally
from lakewarden.report.previous import PreviousReport, outcome_code, pack_table, previous_of
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted
from lakewarden_collector.decoding import decoder

LISTED: Final = 100
"""How many runs of its line a report lists, and how many that the line took up: the latest."""

_decode_completeness: Final = decoder(Completeness).decode
_decode_ids: Final = decoder(tuple[str, ...]).decode


class HistoryKeeper:
    """Reads the history for one run, and adds the run to it.

    Raises `ConfigurationError` where the history can't be used, and `HistoryError` where it is
    broken: then the run goes on without it, and can't be added.
    """

    def __init__(self, location: str) -> None:
        self._table = HistoryTable(location)
        try:
            self._snapshot = self._table.open()
            with self._table.reading():
                self._all = self._snapshot.runs()
        except BrokenHistoryError as problem:
            raise self._table.lost(problem) from problem

    def begin(
        self,
        *,
        policies: Sequence[Policy],
        about: About,
        clock: str,
        compared: bool = True,
        names: Container[str] = (),
    ) -> None:
        """Read what earlier runs found, once it is known what this one is about.

        With `compared` also the latest run to compare with; `names` are those of the run's tables,
        without case. Raises `HistoryError` where the
        history can't be read: then the run goes on without it, and can't be added.
        """
        self._about, self._clock, self._names = about, clock, names
        self._runs = self._preceding(self._all)
        self._line = line_of(self._runs, about)
        same = self._line.same
        try:
            with self._table.reading():
                self._ledger = _ledger(self._snapshot, self._line)
                self.previous = _previous(self._snapshot, same[-1]) if same and compared else None
        except BrokenHistoryError as problem:
            raise self._table.lost(problem) from problem
        self._failures = self._follow(self._ledger)
        self._tally = HistoryTally(clock, policies)

    def with_past(self, table: TableReport) -> TableReport:
        """Return a table whose failing decisions say since when they fail; each table once."""
        known = with_past(table, self._failures.follow(table))
        self._tally.add(known)
        return known

    def history(self, run: Run, completeness: Completeness, summary: Summary) -> History:
        """Return the report's part, once every table has been seen."""
        for _ in self._failures.rest(complete=completeness.complete):
            pass  # what was fixed earlier counts for the median, too
        trend = [*self._line.before, *self._line.same]
        listed = [*self._line.before[-LISTED:], *self._line.same[-LISTED:]]
        run_id = identity.run_id(self._about, run, completeness, summary)
        past = (self._past_run(each, run) for each in listed)
        return self._tally.history(
            (*past, self._tally.run(run_id, completeness, summary)),
            not_listed=len(trend) - len(listed),
            apart=len(self._runs) - len(trend),
            fixed=self._failures.fixed,
            days_to_fix=self._failures.days_to_fix,
        )

    def notices(self) -> Iterator[str]:
        """Yield what the reader should know: which runs don't count, or that none does."""
        clock = datetime.fromisoformat(self._clock)
        if later := sum(each.clock > clock for each in self._all):
            yield f"Not counted for their later clock: {counted(later, 'run')} of the history."
        if not self._runs or self._line.same:
            return
        latest = self._line.base or self._runs[-1]
        why = " ".join(identity.differences(_about(latest), self._about))
        ages = " What fails keeps its age, where it is known." if self._line.sources else ""
        yield f"The history has no earlier run to compare with. Of the latest: {why}{ages}"

    def keep_evidence(self, report: Report, files: Mapping[str, Path]) -> None:
        """Keep files of a run beside the decisions, such as its pack, by their names' endings.

        Raises `HistoryError` where they can't be kept.
        """
        run_id = self._run_id(report)
        self._table.keep_packed({f"{run_id}{ending}": file for ending, file in files.items()})

    def _run_id(self, report: Report) -> str:
        return identity.run_id(self._about, report.run, report.completeness, report.summary)

    def add(self, report: Report) -> bool:
        """Add the run to the history; return false where it is there already.

        Raises `HistoryError` where it can't be added.
        """
        run_id = self._run_id(report)
        key = RunKey(run_id=run_id, clock=report.run.clock, about=self._about)

        def rows(snapshot: Snapshot) -> Iterator[pa.RecordBatch] | None:
            unchanged = snapshot.version == self._snapshot.version
            runs = self._all if unchanged else snapshot.runs()
            if any(each.run_id == run_id for each in runs):
                return None
            line, ledger = line_of(self._preceding(runs), self._about), self._ledger
            if line.sources != self._line.sources:  # another writer was faster
                ledger = _ledger(snapshot, line)
            return batches(report, key, self._follow(ledger))

        return self._table.append(f"lakewarden-run-{run_id}", rows)

    def _past_run(self, found: FoundRun, now: Run) -> PastRun:
        values, run = found.values, found.run
        return PastRun(
            run_id=found.run_id,
            clock=run.clock,
            complete=values["complete"],
            tables={
                status.value: Amount(
                    tables=values[f"tables_{status}"],
                    bytes=values[f"bytes_{status}"],
                    unsized=values[f"unsized_{status}"],
                )
                for status in Status
            },
            failing=values["decisions_fail"],
            undecided=values["decisions_unknown"] + values["decisions_error"],
            differences=tuple(identity.differences(_about(found), self._about)),
            notes=tuple(identity.notes(run, now)),
        )

    def _follow(self, ledger: FailureLedger) -> RunFailures:
        return RunFailures(
            ledger, clock=self._clock, rules_id=self._about.rules_id, present=self._names
        )

    def _preceding(self, runs: Sequence[FoundRun]) -> list[FoundRun]:
        """Return the runs until this one's clock, without an earlier try of this very run."""
        clock = datetime.fromisoformat(self._clock)
        return [each for each in runs if each.clock <= clock and not self._is_replayed(each, clock)]

    def _is_replayed(self, run: FoundRun, clock: datetime) -> bool:
        digests = (self._about.digests.waivers, self._about.digests.inventory)
        return (
            run.clock == clock
            and self._is_comparable(run)
            and (run.values["waivers_digest"], run.values["inventory_digest"]) == digests
        )

    def _is_comparable(self, run: FoundRun) -> bool:
        ids = (run.values["estate_id"], run.values["rules_id"])
        return ids == (self._about.estate_id, self._about.rules_id)


def shown(location: str) -> str:
    """Say what is at a history's place, without making one there.

    Raises `ConfigurationError` where it can't be opened or read.
    """
    table = HistoryTable(location)
    snapshot = table.peek()
    if snapshot is None:
        return "isn't there yet, and is made by the first run"
    with table.reading():
        runs = snapshot.runs()
    latest = f", the latest of {moment_text(runs[-1].clock)}" if runs else ""
    return f"has {counted(len(runs), 'run')}{latest}"


def _about(found: FoundRun) -> About:
    run = found.run
    source, scope = found.values["source"], found.values["scope"]
    return About(source=source, scope=scope, narrowed=run.narrowed, digests=run.digests)


def _ledger(snapshot: Snapshot, line: Line) -> FailureLedger:
    own = tracked_tables(snapshot, line.base) if line.base else ()
    return FailureLedger(
        own, (each for run in line.elsewhere for each in tracked_tables(snapshot, run))
    )


def _previous(snapshot: Snapshot, found: FoundRun) -> PreviousReport:
    policies = _decode_ids(found.values["policy_ids"])
    numbers = {policy_id: number for number, policy_id in enumerate(policies)}
    codes: dict[str, bytearray] = {}
    about: dict[str, tuple[str, int | None]] = {}
    for columns in snapshot.rows_of(DECISION, found.run_id, READ_OF_DECISIONS):
        for name, policy_id, outcome, enforcement, status, size in zip(
            *(columns[each] for each in READ_OF_DECISIONS), strict=True
        ):
            if name not in codes:
                codes[name], about[name] = bytearray(len(policies)), (status, size)
            codes[name][numbers[policy_id]] = outcome_code(
                Outcome(outcome), Enforcement(enforcement)
            )
    return previous_of(
        found.run,
        _decode_completeness(snapshot.completeness_of(found.run_id)),
        policies,
        {
            name: pack_table(Status(status), bytes(codes[name]), size)
            for name, (status, size) in about.items()
        },
    )
