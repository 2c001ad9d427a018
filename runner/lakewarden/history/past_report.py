"""A run of a history as a comparison reads it: chosen by a day or an id, with what was kept of it.

The history keeps how each decision came out and which violations failed, not what was said of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from lakewarden.history.columns import DECISION, TABLE_ID
from lakewarden.history.failures import State
from lakewarden.history.store import FoundRun, HistoryTable, Snapshot
from lakewarden.history.tracked_rows import moment_text, tracked_tables
from lakewarden.model.clock import end_of_day, is_day
from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Outcome,
    PastFailure,
    Severity,
    Violation,
)
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden_collector.decoding import decoder
from lakewarden_collector.names import split_name

LATEST: Final = "latest"
PREVIOUS: Final = "previous"
_SHORTEST: Final = 4
"""Digits that an id has to be named by."""
_LISTED: Final = 5
_COLUMNS: Final = (
    *("full_name", "owner", "bytes", "policy_id", "severity", "enforcement", "outcome"),
)
_decode_completeness: Final = decoder(Completeness).decode
_decode_ids: Final = decoder(tuple[str, ...]).decode

_Key = tuple[str, str]
"""A table's full name and a policy."""


class PastReport(Struct, frozen=True, kw_only=True):
    """What the history has of one run."""

    run: Run
    completeness: Completeness
    policies: tuple[Policy, ...]
    rows: tuple[TableReport, ...]

    def tables(self) -> Iterator[TableReport]:
        """Yield the tables by their names."""
        return iter(self.rows)


class PastRuns:
    """The runs of a history.

    Raises `ConfigurationError` where it isn't there or can't be read.
    """

    def __init__(self, location: str) -> None:
        self._table = HistoryTable(location)
        self._where = f"--history {location}"
        snapshot = self._table.peek()
        if snapshot is None:
            raise ConfigurationError(
                "isn't there", where=self._where, remedy="`evaluate --history` makes it."
            )
        self._snapshot: Snapshot = snapshot
        with self._table.reading():
            self._runs = self._snapshot.runs()

    def find(self, text: str, before: FoundRun | None = None) -> FoundRun:
        """Return the run that a text names: `latest`, `previous`, a day, or the start of an id.

        Of a day it's the last run until its end. With the run that it's compared with, `before`,
        only runs about the same tables count, but for an id; `previous` is the one before it.
        Raises `ConfigurationError` for what names none, or several.
        """
        known = self._runs
        if before is not None:
            estate = before.values["estate_id"]
            known = [each for each in known if each.values["estate_id"] == estate]
        if text == PREVIOUS and before is not None:
            preceding = [each for each in known if each.clock < before.clock]
            return self._last(preceding, "has no run before that about the same tables")
        if text == LATEST:
            return self._last(known, "has no run")
        if is_day(text):
            end = end_of_day(text)
            until = [each for each in known if each.clock <= end]
            return self._last(until, f"has no run until the end of {text}")
        found = [each for each in self._runs if each.run_id.startswith(text)]
        if len(text) < _SHORTEST or not found:
            raise self._unknown(f"has no run {text}" if text else "no run is named")
        if len(found) > 1:
            raise self._unknown(f"has {len(found)} runs whose ids begin with {text}")
        return found[0]

    def until(self, end: datetime) -> list[FoundRun]:
        """Return the runs whose clock is at a moment or before it, by their clocks."""
        return [each for each in self._runs if each.clock <= end]

    def every(self) -> list[FoundRun]:
        """Return all runs by their clocks."""
        return list(self._runs)

    def outcomes(self, full_name: str) -> dict[str, dict[str, Outcome]]:
        """Return the outcomes of every decision about a table: run id to policy id to outcome."""
        found: dict[str, dict[str, Outcome]] = {}
        with self._table.reading():
            rows = self._snapshot.rows_about(full_name, ("run_id", "policy_id", "outcome"))
            for run_id, policy_id, outcome in rows:
                found.setdefault(run_id, {})[policy_id] = Outcome(outcome)
        return found

    def report(self, found: FoundRun) -> PastReport:
        """Return what is kept of a run."""
        with self._table.reading():
            failing = self._failing(found)
            tables = self._tables(found, failing)
            policies = _policies(_decode_ids(found.values["policy_ids"]))
            text = self._snapshot.completeness_of(found.run_id)
            return PastReport(
                run=found.run,
                completeness=_decode_completeness(text),
                policies=policies,
                rows=tuple(tables[name] for name in sorted(tables)),
            )

    def past_failures(self, found: FoundRun) -> dict[_Key, tuple[PastFailure, ...]]:
        """Return since when the violations of a run fail."""
        with self._table.reading():
            return {key: tuple(some) for key, some in self._failing(found).items()}

    def unpack(self, found: FoundRun, target: Path) -> bool:
        """Copy the evidence pack of a run into a file; return false where none was kept."""
        with self._table.reading():
            return self._table.fetch_packed(f"{found.run_id}.zip", target)

    def _failing(self, found: FoundRun) -> dict[_Key, list[PastFailure]]:
        result: dict[_Key, list[PastFailure]] = {}
        clock = moment_text(found.clock)
        for table in tracked_tables(self._snapshot, found):
            for each in table.failures:
                if each.state is State.FAILING and each.last_failed_at == clock:
                    result.setdefault((table.full_name, each.policy_id), []).append(each.past)
        return result

    def _tables(
        self, found: FoundRun, failing: dict[_Key, list[PastFailure]]
    ) -> dict[str, TableReport]:
        tables: dict[str, TableReport] = {}
        has_ids = self._snapshot.has_column(TABLE_ID)
        names = (*_COLUMNS, TABLE_ID) if has_ids else _COLUMNS
        for columns in self._snapshot.rows_of(DECISION, found.run_id, names):
            ids = columns.get(TABLE_ID) or [None] * len(columns["full_name"])
            for table_id, *row in zip(ids, *(columns[name] for name in _COLUMNS), strict=True):
                full_name, owner, size, policy_id, *decided = row
                if full_name not in tables:
                    tables[full_name] = _table(full_name, owner, size, table_id)
                past = failing.get((full_name, policy_id), ())
                tables[full_name].decisions[policy_id] = _decision(decided, past)
        return tables

    def _last(self, runs: Sequence[FoundRun], what: str) -> FoundRun:
        if not runs:
            raise self._unknown(what)
        return runs[-1]

    def _unknown(self, what: str) -> ConfigurationError:
        listed = ", ".join(
            f"{each.run_id[:12]} ({moment_text(each.clock)})" for each in self._runs[-_LISTED:]
        )
        return ConfigurationError(
            what,
            where=self._where,
            remedy="Name a day such as history:2026-03-31, history:latest, or a run's id by its "
            f"first digits. The latest runs are: {listed or 'none'}.",
        )


def _table(
    full_name: str, owner: str | None, size: int | None, table_id: str | None
) -> TableReport:
    catalog, schema, name = split_name(full_name)
    return TableReport(
        full_name=full_name,
        catalog_name=catalog,
        schema_name=schema,
        name=name,
        owner=owner,
        size={} if size is None else {"bytes": size},
        decisions={},
        table_id=table_id,
    )


def _decision(decided: Sequence[Any], past: Sequence[PastFailure]) -> Decision:
    severity, enforcement, outcome = decided
    return Decision(
        outcome=Outcome(outcome),
        violations=tuple(Violation(message="", key=each.key) for each in past),
        severity=Severity(severity),
        enforcement=Enforcement(enforcement),
        history=tuple(past),
    )


def _policies(ids: Sequence[str]) -> tuple[Policy, ...]:
    """Return the policies by their ids; severity and enforcement stand with each decision."""
    return tuple(
        Policy(
            policy_id=policy_id,
            title=policy_id,
            description="",
            severity=Severity.MEDIUM,
            enforcement=Enforcement.MANDATORY,
            remediation="",
        )
        for policy_id in ids
    )
