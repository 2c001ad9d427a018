"""Counts the violations of a diff, and the tables that have them."""

from __future__ import annotations

from collections import defaultdict

from lakewarden.model.diff import WORSE, ChangeCount, ChangeCounts, ViolationChange
from lakewarden.report.amounts import count
from lakewarden.report.old_report import TableSide
from lakewarden.report.summary import owner_group

_TOTAL = "total"
_POLICY = "policy"
_OWNER = "owner"
_APART = "apart"

_Key = tuple[str, str, str]
"""A kind of group, its name, and a change or a word for some of the violations."""


class DiffTally:
    """Adds up a diff, in all, by policy and by owner; the violations of a table come together."""

    def __init__(self) -> None:
        self._counts: dict[_Key, ChangeCount] = defaultdict(ChangeCount)
        self._seen: set[_Key] = set()

    def begin_table(self) -> None:
        """Say that what follows is about another table."""
        self._seen.clear()

    def add(
        self, change: ViolationChange, policy_id: str, side: TableSide, *, mandatory: bool
    ) -> None:
        """Count a violation."""
        owner = owner_group(side.owner)
        for kind, name in ((_TOTAL, ""), (_POLICY, policy_id), (_OWNER, owner)):
            self._add((kind, name, change), side, mandatory=mandatory)

    def add_apart(self, what: str, side: TableSide, *, mandatory: bool) -> None:
        """Count a violation among `what`, some of those that are counted already."""
        self._add((_APART, "", what), side, mandatory=mandatory)

    @property
    def total(self) -> ChangeCounts:
        """The counts of every change."""
        return {change: self._counts[_TOTAL, "", change] for change in ViolationChange}

    @property
    def by_policy(self) -> dict[str, ChangeCounts]:
        """The counts by policy id, those of the most new failures first."""
        return self._by(_POLICY)

    @property
    def by_owner(self) -> dict[str, ChangeCounts]:
        """The counts by owner, those of the most new failures first."""
        return self._by(_OWNER)

    def apart(self, what: str) -> ChangeCount:
        """Return the count of `what`."""
        return self._counts[_APART, "", what]

    def _add(self, key: _Key, side: TableSide, *, mandatory: bool) -> None:
        counts = self._counts[key]
        counts.violations += 1
        counts.mandatory += mandatory
        if key not in self._seen:
            self._seen.add(key)
            count(counts, side.size)

    def _by(self, kind: str) -> dict[str, ChangeCounts]:
        names = dict.fromkeys(name for each, name, _ in self._counts if each == kind)
        found = {
            name: {
                change: self._counts[kind, name, change]
                for change in ViolationChange
                if (kind, name, change) in self._counts
            }
            for name in names
        }
        return dict(sorted(found.items(), key=_most_new_first))


def _most_new_first(item: tuple[str, ChangeCounts]) -> tuple[int, int, str]:
    name, counts = item
    worse = [counts[each] for each in WORSE if each in counts]
    return -sum(each.mandatory for each in worse), -sum(each.violations for each in worse), name
