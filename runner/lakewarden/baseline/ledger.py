"""A baseline in a run: which violations it knows, and what became of its entries."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import Final

from msgspec import structs

from lakewarden.baseline.entries import Entry, read_entries, written
from lakewarden.model.baseline import Baseline, BaselineOrigin, Ratchet, RenamedTable
from lakewarden.model.clock import days_since
from lakewarden.model.decision import Decision, KnownViolation, Outcome
from lakewarden.model.insight import Amount
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.policy_set import digest
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.backlog_tally import BacklogTally
from lakewarden.report.table_status import is_hidden
from lakewarden_collector.patterns import fold


class BaselineLedger:
    """Marks the violations that a baseline knows, and follows its entries through a run.

    An entry is about the table of its name. Where the run has none, it's about the first table with
    its id: that is the same table under another name.
    """

    def __init__(
        self,
        called: str,
        entries: Sequence[Entry],
        origin: BaselineOrigin = BaselineOrigin.FILE,
    ) -> None:
        self._called = called
        self._origin = origin
        self.entries = tuple(entries)
        self._hidden = Amount()
        self._backlog = BacklogTally()
        self._known: dict[str, dict[str, dict[str | None, int]]] = {}
        """Folded name, policy, key: the entry's number."""
        self._names: dict[str, list[str]] = {}
        """Table id to the folded names under which entries know it."""
        for number, entry in enumerate(entries):
            name = fold(entry.table)
            self._known.setdefault(name, {}).setdefault(entry.policy, {})[entry.key] = number
            if entry.table_id is not None:
                names = self._names.setdefault(entry.table_id, [])
                if name not in names:
                    names.append(name)
        self._present: Container[str] = ()
        self._renamed: dict[str, str] = {}
        """Folded names that the baseline has, to the full name of today."""
        self._states = bytearray(len(self.entries))

    @classmethod
    def read(cls, path: Path) -> BaselineLedger:
        """Open a baseline. Raises `ConfigurationError` as `read_entries` does."""
        return cls(str(path), read_entries(path))

    def see(self, names: Container[str]) -> None:
        """Say which tables the run has, by their folded names, before the first is marked."""
        self._present = names

    def mark(self, table: TableReport) -> TableReport:
        """Return a table whose failing decisions say which violations are known; each once."""
        changed: dict[str, Decision] = {}
        for name in self._names_of(table):
            for policy_id, entries in self._known.get(name, {}).items():
                decision = changed.get(policy_id) or table.decisions.get(policy_id)
                if decision is not None:
                    changed[policy_id] = self._marked(decision, entries)
        return structs.replace(table, decisions=table.decisions | changed) if changed else table

    def _names_of(self, table: TableReport) -> Iterator[str]:
        """Yield the folded names under which the baseline knows a table."""
        own = fold(table.full_name)
        yield own
        for name in self._names.get(table.table_id, ()) if table.table_id is not None else ():
            if name == own or name in self._present:
                continue
            if self._renamed.setdefault(name, table.full_name) == table.full_name:
                yield name

    def _marked(self, decision: Decision, entries: dict[str | None, int]) -> Decision:
        proven = decision.would_be or decision.outcome
        if proven in _SAYS_NOTHING:
            return decision
        keys = {each.key for each in decision.violations}
        known = {each.key: each for each in decision.baseline}
        for key, number in entries.items():
            # A rule or a flag exempts without proving which violations there would be.
            failing = proven is Outcome.FAIL and (key in keys or not keys)
            self._states[number] = _FAILING if failing else _OVER
            if failing and decision.outcome is Outcome.FAIL:
                entry = self.entries[number]
                known.setdefault(
                    key, KnownViolation(key=key, since=entry.since, reason=entry.reason)
                )
        return structs.replace(decision, baseline=tuple(known.values())) if known else decision

    def add(self, table: TableReport, policies: Mapping[str, Policy]) -> None:
        """Count a table that was marked: what the baseline keeps from gating, and what is to do."""
        self._backlog.add(table)
        if is_hidden(table, policies):
            count(self._hidden, bytes_of(table))

    def baseline(self, clock: str, ratchet: Ratchet | None = None) -> Baseline:
        """Return the report's part at the run's clock, once every table was added."""
        failing, over = list(self._in(_FAILING)), list(self._in(_OVER))
        ages = [days_since(each.since, clock) for each in failing]
        renames = self._renames()
        return Baseline(
            file=self._called,
            origin=self._origin,
            digest=digest([written(self.entries).encode()]),
            entries=len(self.entries),
            failing=len(failing),
            over=len(over),
            undecided=len(self.entries) - len(failing) - len(over),
            hidden=self._hidden,
            oldest=min((each.since for each in failing), default=None),
            oldest_days=max(ages, default=None),
            median_days=median_low(ages) if ages else None,
            backlog=self._backlog.parts,
            slack=tuple(
                each.named for each in sorted(over, key=lambda each: each.place)[:MOST_SLACK]
            ),
            renamed=len(renames),
            renames=tuple(renames[:MOST_SLACK]),
            ratchet=ratchet,
        )

    def over(self) -> list[Entry]:
        """Return the entries that are slack, once every table was marked."""
        return list(self._in(_OVER))

    def _in(self, state: int) -> Iterator[Entry]:
        return (
            entry for entry, found in zip(self.entries, self._states, strict=True) if found == state
        )

    def _renames(self) -> list[RenamedTable]:
        spelt = {fold(each.table): each.table for each in self.entries} if self._renamed else {}
        found = [
            RenamedTable(full_name=now, known_as=spelt[name]) for name, now in self._renamed.items()
        ]
        return sorted(found, key=lambda each: (each.full_name, each.known_as))


MOST_SLACK: Final = 50
_UNDECIDED, _OVER, _FAILING = range(3)

_SAYS_NOTHING = frozenset({Outcome.UNKNOWN, Outcome.ERROR})
"""Outcomes that leave open whether a violation is still there, and that no baseline hides."""
