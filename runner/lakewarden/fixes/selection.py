"""Which of a report's failed decisions are to be fixed, and what stays out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from lakewarden.evaluation.name_patterns import TablePatterns, there_is
from lakewarden.evaluation.policy_index import select
from lakewarden.model.decision import Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report, TableReport
from lakewarden.report.summary import owner_group
from lakewarden.report.weight import FailedDecision, failed_decisions
from lakewarden_collector.patterns import Pattern

_UNDECIDED: Final = (Outcome.UNKNOWN, Outcome.ERROR)


class Filters(Struct, frozen=True, kw_only=True):
    """Patterns that narrow what is fixed; where there are none of a kind, all is meant."""

    owners: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = (("--owner", self.owners), ("--policy", self.policies), ("--table", self.tables))
        return ", ".join(f"{name} {each}" for name, patterns in named for each in patterns)


class Selection:
    """Goes through a report's tables once.

    Raises `ConfigurationError` for a pattern that matches nothing the report knows: at once for a
    policy, after the tables for an owner or a table.
    """

    def __init__(self, report: Report, filters: Filters) -> None:
        self._report = report
        self._policies = {each.policy_id for each in select(report.policies, filters.policies)}
        self._tables = TablePatterns(filters.tables)
        self._owners = tuple(map(Pattern, filters.owners))
        self._met: set[str] = set()
        """Owners that were seen, as they are and as reports count their tables."""
        self.exempt: Counter[str] = Counter()
        """How many decisions would fail if they weren't exempt, by the kind of exemption."""
        self.undecided = 0
        """How many decisions nobody can fix before they're made."""

    def failures(self) -> Iterator[tuple[TableReport, list[FailedDecision]]]:
        """Yield each table that has to be fixed, with what it fails, the heaviest first."""
        index = {policy.policy_id: policy for policy in self._report.policies}
        for table in self._report.tables():
            named, theirs = self._tables.choose(table.full_name), self._is_theirs(table.owner)
            if not (named and theirs):
                continue
            self._count_others(table)
            failed = failed_decisions(table, index)
            if wanted := [each for each in failed if each.policy.policy_id in self._policies]:
                yield table, wanted
        self._require_met()

    def _is_theirs(self, owner: str | None) -> bool:
        if not self._owners:
            return True
        names = {owner_group(owner)} if owner is None else {owner, owner_group(owner)}
        self._met |= names
        return any(pattern.matches(name) for pattern in self._owners for name in names)

    def _count_others(self, table: TableReport) -> None:
        for policy_id, decision in table.decisions.items():
            if policy_id not in self._policies:
                continue
            if decision.would_be is Outcome.FAIL and decision.outcome is Outcome.EXEMPT:
                self.exempt[decision.exemptions[0].kind if decision.exemptions else ""] += 1
            self.undecided += decision.outcome in _UNDECIDED

    def _require_met(self) -> None:
        for failure in self._report.completeness.failures:
            self._tables.note(failure)
        self._tables.require_met()
        unmet = [each.text for each in self._owners if not any(map(each.matches, self._met))]
        if unmet:
            raise ConfigurationError(
                f"no table's owner matches {', '.join(unmet)}",
                where="--owner",
                remedy=there_is(unmet[0], sorted(filter(None, self._met)), "owner"),
            )
