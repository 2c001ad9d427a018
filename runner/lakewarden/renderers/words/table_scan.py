"""What a page for people needs from the tables: one pass, and memory for the worst alone."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, Protocol

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.report import Group, Report, Summary, TableReport
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import PolicyIndex, Status, status_of, worst_first
from lakewarden.report.weight import (
    FailedDecision,
    Heaviest,
    Load,
    failed_decisions,
    heaviest_first,
)

NAMED: Final = 5
"""How many tables, and how many reasons, are named in one place; the rest is counted."""

_REASONS_HELD: Final = 10_000
"""Different reasons that are kept apart: where each names its table, memory is to have an end."""

_TELLING: Final = 2  # a fact of one value says the same of every table


@dataclass
class Lack:
    """One kind of evidence that is missing in one way, for whatever reasons."""

    tables: int = 0
    policies: set[str] = field(default_factory=set)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    """The first planned tables that lack it: name, and the place of the definition."""
    _reasons: Counter[str] = field(default_factory=Counter)

    def add(self, reason: str, table: TableReport) -> None:
        """Count a table."""
        self.tables += 1
        if len(self.definitions) < NAMED and (place := place_of(table)):
            self.definitions.append((table.full_name, place))
        if reason in self._reasons or len(self._reasons) < _REASONS_HELD:
            self._reasons[reason] += 1

    def reasons(self) -> list[tuple[str, int]]:
        """Return the most frequent reasons, each with its number of tables; "" is none given."""
        ordered = sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))
        return ordered[:NAMED]

    def rest(self) -> int:
        """Return how many tables lack it for reasons that `reasons` leaves out."""
        return self.tables - sum(number for _, number in self.reasons())


class Failing:
    """The tables that fail one policy: how many, and the names of the worst."""

    def __init__(self) -> None:
        self.tables = 0
        self._worst: list[tuple[Any, str, str]] = []

    def add(self, key: Any, table: TableReport) -> None:  # noqa: ANN401 -- a key to sort by
        """Count a table."""
        self.tables += 1
        self._worst.append((key, table.full_name, place_of(table)))
        if len(self._worst) > 10 * NAMED:
            self._worst = heapq.nsmallest(NAMED, self._worst)

    def names(self) -> list[str]:
        """Return the names of the worst tables, the worst first."""
        return [full_name for _, full_name, _ in heapq.nsmallest(NAMED, self._worst)]

    def definitions(self) -> list[tuple[str, str]]:
        """Return those of the worst that are planned: name, and the place of the definition."""
        worst = heapq.nsmallest(NAMED, self._worst)
        return [(full_name, place) for _, full_name, place in worst if place]

    def rest(self) -> int:
        """Return how many tables `names` leaves out."""
        return self.tables - len(self.names())


@dataclass(frozen=True)
class Survey:
    """`worst` are the worst tables, in order.

    `lacks` is keyed by evidence kind and status, `failing` by policy id.
    """

    policy_index: PolicyIndex
    worst: list[TableReport]
    lacks: dict[tuple[str, str], Lack]
    failing: dict[str, Failing]
    bytes_by_status: dict[Status, int]
    """Known bytes of the tables of each status."""
    errors: list[tuple[TableReport, str, Decision]]
    """The first `keep` decisions that ended in an error: table, policy id, decision."""
    heaviest: list[FailedDecision]
    """What to do first: the heaviest failures of all tables."""
    loads_by_owner: dict[str, Load]
    """The owner, or the summary's word for none, to what fails of theirs."""
    loads_by_policy: dict[str, Load]


class Watcher(Protocol):
    """What else is to be learned from the tables in the same pass."""

    def add(self, table: TableReport, status: Status) -> None:
        """Look at a table."""
        ...


def survey(
    report: Report, *, keep: int, heaviest: int = NAMED, watchers: Sequence[Watcher] = ()
) -> Survey:
    """Go through the report's tables once; keep the worst tables and the heaviest failures."""
    policy_index = {policy.policy_id: policy for policy in report.policies}
    lacks: dict[tuple[str, str], Lack] = {}
    failing: dict[str, Failing] = {}
    bytes_by_status = dict.fromkeys(Status, 0)
    errors: list[tuple[TableReport, str, Decision]] = []
    failures = Heaviest(heaviest, heaviest_first)
    by_owner: dict[str, Load] = defaultdict(Load)
    by_policy: dict[str, Load] = defaultdict(Load)

    def passing() -> Iterator[tuple[Any, TableReport]]:
        for table in report.tables():
            key = worst_first(table, policy_index)
            _note_lacks(table, lacks)
            for policy_id, decision in table.decisions.items():
                if decision.outcome is Outcome.FAIL:
                    failing.setdefault(policy_id, Failing()).add(key, table)
            if failed := failed_decisions(table, policy_index):
                failures.add(failed)
                by_owner[owner_group(table.owner)].add(failed)
                for each in failed:
                    by_policy[each.policy.policy_id].add([each])
            status = status_of(table, policy_index)
            bytes_by_status[status] += table.size.get("bytes", 0)
            for watcher in watchers:
                watcher.add(table, status)
            if len(errors) < keep:
                errors.extend((table, *each) for each in by_outcome(table, Outcome.ERROR))
            yield key, table

    worst = heapq.nsmallest(keep, passing(), key=itemgetter(0))
    ordered = dict(sorted(lacks.items(), key=lambda item: (-item[1].tables, item[0])))
    return Survey(
        policy_index=policy_index,
        worst=[table for _, table in worst],
        lacks=ordered,
        failing=failing,
        bytes_by_status=bytes_by_status,
        errors=errors[:keep],
        heaviest=failures.ordered(),
        loads_by_owner=dict(by_owner),
        loads_by_policy=dict(by_policy),
    )


def place_of(table: TableReport) -> str:
    """Return where a planned table is declared, so far as known; empty for others."""
    return table.definition.place if table.definition else ""


def by_outcome(table: TableReport, *outcomes: Outcome) -> list[tuple[str, Decision]]:
    """Return the table's decisions of the given outcomes, by policy id."""
    return [
        (policy_id, decision)
        for policy_id, decision in sorted(table.decisions.items())
        if decision.outcome in outcomes
    ]


def facts(summary: Summary) -> list[tuple[str, dict[str, Group]]]:
    """Return the facts that tell tables apart first, and among them text before true or false."""

    def order(item: tuple[str, dict[str, Group]]) -> tuple[bool, bool, str]:
        fact, values = item
        return len(values) < _TELLING, set(values) <= {"true", "false"}, fact

    return sorted(summary.by_fact.items(), key=order)


def _note_lacks(table: TableReport, lacks: dict[tuple[str, str], Lack]) -> None:
    seen: set[tuple[str, str]] = set()
    for policy_id, decision in table.decisions.items():
        if decision.outcome is not Outcome.UNKNOWN:
            continue
        for missing in decision.missing:
            key = missing.kind, missing.status
            lack = lacks.setdefault(key, Lack())
            lack.policies.add(policy_id)
            if key not in seen:
                seen.add(key)
                lack.add(missing.reason, table)
