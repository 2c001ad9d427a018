"""What a collection would cost, before it costs anything: lists are free, statements are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.evidence.describe import describable
from lakewarden_collector.sources.databricks.gather import BATCH, LOOKUPS, SIZE
from lakewarden_collector.sources.databricks.journal import Journal
from lakewarden_collector.sources.databricks.reuse import Earlier, earlier_size
from lakewarden_collector.sources.interface import Adviser

SECONDS: Final = 1.0
"""Assumed for one DESCRIBE DETAIL; what it takes depends on the table's log."""
AT_ONCE: Final = 10
"""Assumed statements at once: a vendor's rule of thumb for one cluster of a warehouse."""
_NAMED: Final = 10
"""Things that could not be listed and are told; the rest is counted."""
_MANAGED: Final = frozenset({"MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"})


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
    """Sizes that the earlier inventory has, fresh enough."""
    lookups: dict[str, tuple[int, int]]
    """Kind of statement to how many at least and at most."""
    describe: tuple[int, int]
    """Tables to be described, at least (the history has all managed ones) and at most."""
    budget: int | None

    @property
    def statements(self) -> tuple[int, int]:
        """How many statements at least and at most."""
        ranges = [*self.lookups.values(), self.describe]
        least, most = (sum(each[end] for each in ranges) for end in (0, 1))
        if self.budget is not None:
            least, most = min(least, self.budget), min(most, self.budget)
        return least, most


def make_plan(
    journal: Journal,
    adviser: Adviser | None,
    earlier: Earlier,
    *,
    warehouses: int,
    list_calls: dict[str, int],
    budget: int | None,
    failures: Sequence[Failure],
) -> Plan:
    """Have every table judged by what the listing says, and count what is lacking."""
    wants: Counter[str] = Counter()
    sized: Counter[bool] = Counter()
    reusable = 0
    names = list(journal.names())
    for first in range(0, len(names), BATCH) if adviser else ():
        documents = [journal.table(name).document for name in names[first : first + BATCH]]
        assert adviser is not None  # noqa: S101 -- the range is empty without one
        for document, advice in zip(documents, adviser(documents), strict=True):
            wants.update(advice.wants)
            if SIZE not in advice.wants:
                continue
            if earlier_size(earlier, document) is not None:
                reusable += 1
            elif describable(document):
                sized[document.table_type in _MANAGED] += 1
    return Plan(
        tables=len(names),
        schemas=len(journal.schemas),
        failures=tuple(failures),
        list_calls=list_calls,
        wants=dict(sorted(wants.items())),
        reusable=reusable,
        lookups=_lookups(wants, managed=sized[True], warehouses=warehouses),
        describe=(sized[False], sized.total()) if warehouses else (0, 0),
        budget=budget,
    )


def _lookups(wants: Counter[str], *, managed: int, warehouses: int) -> dict[str, tuple[int, int]]:
    """Count the statements that answer about many tables at once, for each warehouse."""
    found: dict[str, tuple[int, int]] = {}
    if managed:
        # A probe, and one answer; where that would be large, one for each 50,000 tables.
        found["metrics_history"] = (warehouses, warehouses * (2 + managed // 50_000))
    for kind, name in LOOKUPS.items():
        if wants[kind]:
            found[name] = (warehouses, warehouses)
    return found if warehouses else {}


def plan_lines(plan: Plan) -> Sequence[str]:
    """Say the plan to a person, a line each."""
    calls = sum(plan.list_calls.values())
    found = f"{_counted(plan.tables, 'table')} in {_counted(plan.schemas, 'schema')}"
    lines = [f"{found}; listed with {_counted(calls, 'call')}"]
    for failure in plan.failures[:_NAMED]:
        lines += [f"  not listed: {failure.what}: {failure.reason}", f"    {failure.remedy}"]
    if len(plan.failures) > _NAMED:
        lines.append(f"  … and {len(plan.failures) - _NAMED:,} more that could not be listed")
    lines += [
        f"  {kind} is needed of {_counted(number, 'table')}" for kind, number in plan.wants.items()
    ]
    if plan.reusable:
        lines.append(f"  {plan.reusable:,} sizes are in the earlier inventory, fresh enough")
    least, most = plan.statements
    lines.append(f"statements: {_range(least, most)}")
    lines += [f"  {name}: {_range(*ends)}" for name, ends in plan.lookups.items()]
    if plan.describe[1]:
        told = ""
        if plan.describe[0] != plan.describe[1]:
            told = ", depending on how many sizes the metrics history has"
        lines.append(f"  describe_detail: {_range(*plan.describe)}{told}")
    if plan.budget is not None:
        lines.append(f"  of these no more than {plan.budget:,} (--max-statements)")
    ends = dict.fromkeys((_duration(least), _duration(most)))
    lines.append(
        f"warehouse time: {' to '.join(ends)}, if a statement takes {SECONDS:g} s and {AT_ONCE} "
        "run at once"
    )
    return lines


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _duration(statements: int) -> str:
    minutes = statements * SECONDS / AT_ONCE / 60
    if minutes < 1:
        return "under a minute" if statements else "none"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 -- an hour and a half
