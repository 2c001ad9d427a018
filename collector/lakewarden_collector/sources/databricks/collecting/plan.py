"""What a collection would cost, before it costs anything: lists are free, statements are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import UNSET, Struct

from lakewarden_collector.counted import counted
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.collecting.gatherer import (
    BATCH,
    DESCRIPTIONS,
    LOOKUPS,
    METRICS,
    SIZE,
)
from lakewarden_collector.sources.databricks.collecting.table_describer import is_browsed
from lakewarden_collector.sources.databricks.evidence import describe_json
from lakewarden_collector.sources.databricks.evidence.describe import describable
from lakewarden_collector.sources.databricks.evidence.metrics_history import (
    MOST_ROWS,
    OPTIMIZATION,
)
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    PreviousInventory,
    previous_size,
    with_previous_optimization,
)
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.interface import Adviser

SECONDS: Final = 1.0
"""Assumed for one DESCRIBE DETAIL; what it takes depends on the table's log."""
AT_ONCE: Final = 10
"""Assumed statements at once: a vendor's rule of thumb for one cluster of a warehouse."""
_NAMED: Final = 10
"""Things that could not be listed and are told; the rest is counted."""
_MANAGED: Final = frozenset({"MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"})
_GATHERED: Final = frozenset({SIZE, OPTIMIZATION, *LOOKUPS})
"""Kinds of evidence that are asked for."""


_NAMES: Final = {
    DESCRIPTIONS[SIZE]: "sizes",
    DESCRIPTIONS[OPTIMIZATION]: "flags of predictive optimization",
}


class Plan(Struct, frozen=True, kw_only=True):
    """The tables, what they need, and how many statements that takes at least and at most."""

    tables: int
    schemas: int
    failures: tuple[Failure, ...]
    list_calls: dict[str, int]
    """Made already."""
    wants: dict[str, int]
    """Kind of evidence to the number of tables that need it."""
    reusable: int
    """Sizes that the previous inventory has, fresh enough."""
    lookups: dict[str, tuple[int, int]]
    """Kind of statement to how many at least and at most."""
    describe: dict[str, tuple[int, int]]
    """Kind of statement to the tables to be described, at least (the history has all managed ones)
    and at most."""
    budget: int | None

    @property
    def statements(self) -> tuple[int, int]:
        """How many statements at least and at most."""
        least, most = _sum([*self.lookups.values(), *self.describe.values()])
        if self.budget is not None:
            least, most = min(least, self.budget), min(most, self.budget)
        return least, most


def make_plan(
    journal: Journal,
    adviser: Adviser | None,
    previous: PreviousInventory,
    *,
    warehouses: Collection[str],
    list_calls: dict[str, int],
    budget: int | None,
    failures: Sequence[Failure],
) -> Plan:
    """Have every table judged by what the listing says, and count what is lacking.

    `warehouses` are the metastores that statements can be sent to.
    """
    wants: Counter[str] = Counter()
    needs = {metastore: _Needs() for metastore in warehouses}
    reusable = 0
    names = list(journal.names())
    for first in range(0, len(names), BATCH) if adviser else ():
        tables = [journal.table(name) for name in names[first : first + BATCH]]
        assert adviser is not None  # noqa: S101 -- the range is empty without one
        advices = adviser([table.document for table in tables])
        for table, advice in zip(tables, advices, strict=True):
            wants.update(advice.wants)
            known = SIZE in advice.wants and previous_size(previous, table.document) is not None
            reusable += known
            if table.metastore in needs:
                needs[table.metastore].add(
                    table.document, _open(advice.wants, table.document, previous), reusable=known
                )
    lookups = [need.lookups(budgeted=budget is not None) for need in needs.values()]
    return Plan(
        tables=len(names),
        schemas=len(journal.schemas),
        failures=tuple(failures),
        list_calls=list_calls,
        wants=dict(sorted(wants.items())),
        reusable=reusable,
        lookups={
            name: _sum(each.get(name, (0, 0)) for each in lookups)
            for name in dict.fromkeys(name for each in lookups for name in each)
        },
        describe={
            name: _sum(need.describe[name] for need in needs.values())
            for name in DESCRIPTIONS.values()
        },
        budget=budget,
    )


def _open(
    wants: Collection[str], document: TableDocument, previous: PreviousInventory
) -> Collection[str]:
    """Return what is wanted without what is known, or was in the previous inventory."""
    known = document.predictive_optimization.enabled is not UNSET
    if known or with_previous_optimization(previous, document) is not None:
        return frozenset(wants) - {OPTIMIZATION}
    return wants


class _Needs:
    """What the tables of one metastore need, counted."""

    def __init__(self) -> None:
        self.describe = dict.fromkeys(DESCRIPTIONS.values(), (0, 0))
        self._evidence_kinds: set[str] = set()
        self._catalogs: set[str] = set()
        self._sizes = (0, 0)
        """Tables that need a size, at least (those that can be reused are enough) and at most."""

    def add(self, document: TableDocument, wants: Collection[str], *, reusable: bool) -> None:
        """Count one table."""
        self._evidence_kinds.update(wants)
        if _GATHERED.isdisjoint(wants):
            return
        # What needs reads or tags may need the size once these are there.
        sized = SIZE in wants and not reusable
        self._catalogs.add(document.catalog_name)
        self._sizes = _sum([self._sizes, (int(sized), 1)])
        outside = document.table_type not in _MANAGED and not is_browsed(document)
        if describable(document):
            self._describe(SIZE, sure=sized and outside)
        if OPTIMIZATION in wants and describe_json.why_not(document) is None:
            self._describe(OPTIMIZATION, sure=outside)

    def _describe(self, evidence_kind: str, *, sure: bool) -> None:
        name = DESCRIPTIONS[evidence_kind]
        self.describe[name] = _sum([self.describe[name], (int(sure), 1)])

    def lookups(self, *, budgeted: bool) -> dict[str, tuple[int, int]]:
        """Count the statements that answer about many tables at once."""
        found: dict[str, tuple[int, int]] = {}
        least, most = self._sizes
        if most:
            # A probe, and one answer; where that would be large, up to one for each catalog.
            answers = 1 if most <= MOST_ROWS else len(self._catalogs)
            asked = least or self.describe[DESCRIPTIONS[OPTIMIZATION]][1]
            found[METRICS] = (min(asked, 1), 1 + answers)
        for evidence_kind, name in LOOKUPS.items():
            if evidence_kind in self._evidence_kinds:
                found[name] = (1, 1)
        if budgeted and any(
            most for _, most in self.describe.values()
        ):  # a budget that is scarce goes to the most read first
            found.setdefault(LOOKUPS["access"], (0, 1))
        return found


def _sum(ranges: Iterable[tuple[int, int]]) -> tuple[int, int]:
    least, most = 0, 0
    for low, high in ranges:
        least, most = least + low, most + high
    return least, most


def plan_lines(plan: Plan) -> Sequence[str]:
    """Say the plan to a person, a line each."""
    calls = sum(plan.list_calls.values())
    found = f"{counted(plan.tables, 'table')} in {counted(plan.schemas, 'schema')}"
    lines = [f"{found}; listed with {counted(calls, 'call')}"]
    for failure in plan.failures[:_NAMED]:
        lines += [f"  not listed: {failure.what}: {failure.reason}", f"    {failure.remedy}"]
    if len(plan.failures) > _NAMED:
        lines.append(f"  … and {len(plan.failures) - _NAMED:,} more that could not be listed")
    lines += [
        f"  {evidence_kind} is needed of {counted(number, 'table')}"
        for evidence_kind, number in plan.wants.items()
    ]
    if plan.reusable:
        lines.append(f"  {plan.reusable:,} sizes are in the previous inventory, fresh enough")
    least, most = plan.statements
    lines.append(f"statements: {_range(least, most)}")
    lines += [f"  {name}: {_range(*ends)}" for name, ends in plan.lookups.items()]
    for name, (low, high) in plan.describe.items():
        if high:
            depending = f", depending on how many {_NAMES[name]} the metrics history has"
            lines.append(f"  {name}: {_range(low, high)}{depending if low != high else ''}")
    if plan.budget is not None:
        lines.append(f"  of these no more than {plan.budget:,} (--max-statements)")
    ends = dict.fromkeys((_duration(least), _duration(most)))
    lines.append(
        f"warehouse time: {' to '.join(ends)}, if a statement takes {SECONDS:g} s and {AT_ONCE} "
        "run at once"
    )
    return lines


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _duration(statements: int) -> str:
    minutes = statements * SECONDS / AT_ONCE / 60
    if minutes < 1:
        return "under a minute" if statements else "none"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 -- an hour and a half
