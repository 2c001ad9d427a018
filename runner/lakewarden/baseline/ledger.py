"""A baseline in a run: which violations it knows, and what became of its entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.baseline.entries import Entry, read_entries, written
from lakewarden.model.baseline import Baseline, BaselineEntry
from lakewarden.model.decision import Decision, KnownViolation, Outcome
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.policy_set import digest
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.table_status import is_hidden
from lakewarden_collector.patterns import fold


class BaselineLedger:
    """Marks the violations that a baseline knows, and follows its entries through a run."""

    def __init__(self, file: str, entries: Sequence[Entry]) -> None:
        self._file = file
        self._entries = entries
        self._hidden = Amount()
        self._known: dict[tuple[str, str], dict[str | None, int]] = {}
        for number, entry in enumerate(entries):
            place = (fold(entry.table), entry.policy)
            self._known.setdefault(place, {})[entry.key] = number
        self._tables = {table for table, _ in self._known}
        self._states = bytearray(len(entries))

    @classmethod
    def read(cls, path: Path) -> BaselineLedger:
        """Open a baseline. Raises `ConfigurationError` as `read_entries` does."""
        return cls(str(path), read_entries(path))

    def mark(self, table: TableReport) -> TableReport:
        """Return a table whose failing decisions say which violations are known; each once."""
        name = fold(table.full_name)
        if name not in self._tables:
            return table
        changed = {}
        for policy_id, decision in table.decisions.items():
            entries = self._known.get((name, policy_id))
            if entries is not None and (found := self._marked(decision, entries)) is not decision:
                changed[policy_id] = found
        return structs.replace(table, decisions=table.decisions | changed) if changed else table

    def _marked(self, decision: Decision, entries: dict[str | None, int]) -> Decision:
        proven = decision.would_be or decision.outcome
        if proven in _SAYS_NOTHING:
            return decision
        keys = {each.key for each in decision.violations}
        known = []
        for key, number in entries.items():
            # A rule or a flag exempts without proving which violations there would be.
            failing = proven is Outcome.FAIL and (key in keys or not keys)
            self._states[number] = _FAILING if failing else _OVER
            if failing and decision.outcome is Outcome.FAIL:
                entry = self._entries[number]
                known.append(KnownViolation(key=key, since=entry.since, reason=entry.reason))
        return structs.replace(decision, baseline=tuple(known)) if known else decision

    def add(self, table: TableReport, policies: Mapping[str, Policy]) -> None:
        """Count a table that was marked, where the baseline alone keeps it from gating."""
        if is_hidden(table, policies):
            count(self._hidden, bytes_of(table))

    def baseline(self) -> Baseline:
        """Return the report's part, once every table was added."""
        failing, over = list(self._in(_FAILING)), list(self._in(_OVER))
        return Baseline(
            file=self._file,
            digest=digest([written(self._entries).encode()]),
            entries=len(self._entries),
            failing=len(failing),
            over=len(over),
            undecided=len(self._entries) - len(failing) - len(over),
            hidden=self._hidden,
            oldest=min((each.since for each in failing), default=None),
            slack=tuple(
                BaselineEntry(
                    policy_id=each.policy, full_name=each.table, key=each.key, since=each.since
                )
                for each in sorted(over, key=lambda each: each.place)[:MOST_SLACK]
            ),
        )

    def over(self) -> list[Entry]:
        """Return the entries that are slack, once every table was marked."""
        return list(self._in(_OVER))

    def _in(self, state: int) -> Iterator[Entry]:
        return (
            entry
            for entry, found in zip(self._entries, self._states, strict=True)
            if found == state
        )


MOST_SLACK: Final = 50
_UNDECIDED, _OVER, _FAILING = range(3)

_SAYS_NOTHING = frozenset({Outcome.UNKNOWN, Outcome.ERROR})
"""Outcomes that leave open whether a violation is still there, and that no baseline hides."""
