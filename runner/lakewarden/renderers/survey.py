"""What a page for people needs from the tables: one pass, and memory for the worst alone."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.report import Group, Report, Summary, TableReport
from lakewarden.model.standing import Catalogue, Status, status_of, worst_first

_TELLING: Final = 2  # a fact of one value says the same of every table


@dataclass
class Lack:
    """One kind of missing evidence, for one reason."""

    tables: int = 0
    policies: set[str] = field(default_factory=set)
    reason: str = ""
    """As the first of these tables has it."""


@dataclass(frozen=True)
class Survey:
    """`worst` are the worst tables, in order; `lacks` is keyed by evidence kind and status."""

    catalogue: Catalogue
    worst: list[TableReport]
    lacks: dict[tuple[str, str], Lack]
    bytes_by_status: dict[Status, int]
    """Known bytes of the tables of each status."""
    errors: list[tuple[str, str, Decision]]
    """The first `keep` decisions that ended in an error: table, policy id, decision."""


def survey(report: Report, *, keep: int) -> Survey:
    """Go through the report's tables once and keep the `keep` worst of them."""
    catalogue = {policy.policy_id: policy for policy in report.policies}
    lacks: dict[tuple[str, str], Lack] = {}
    held = dict.fromkeys(Status, 0)
    errors: list[tuple[str, str, Decision]] = []

    def passing() -> Iterator[TableReport]:
        for table in report.tables():
            _note_lacks(table, lacks)
            held[status_of(table, catalogue)] += table.size.get("bytes", 0)
            if len(errors) < keep:
                errors.extend((table.full_name, *each) for each in by_outcome(table, Outcome.ERROR))
            yield table

    worst = heapq.nsmallest(keep, passing(), key=lambda table: worst_first(table, catalogue))
    ordered = dict(sorted(lacks.items(), key=lambda item: (-item[1].tables, item[0])))
    return Survey(
        catalogue=catalogue,
        worst=worst,
        lacks=ordered,
        bytes_by_status=held,
        errors=errors[:keep],
    )


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
    seen = set()
    for policy_id, decision in table.decisions.items():
        if decision.outcome is not Outcome.UNKNOWN:
            continue
        for missing in decision.missing:
            key = missing.kind, missing.status
            lack = lacks.setdefault(key, Lack(reason=missing.reason))
            lack.policies.add(policy_id)
            if key not in seen:
                seen.add(key)
                lack.tables += 1
