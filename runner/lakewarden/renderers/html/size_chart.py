"""Figures of size against a fact, such as the strategy: how large the tables of each value are.

The chart is about the first policy that names settings of size to try (`what_if`), and about the
first fact of its domain that is text. Tables are counted by powers of two, so that the chart has a
bound whatever the estate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.words import insight, wording
from lakewarden.renderers.words.table_scan import facts
from lakewarden.report.amounts import bytes_of
from lakewarden.report.table_status import Status

VALUES: Final = 6
"""How many values of the fact have a row of their own, those of the most tables."""

COLUMNS: Final = 16
"""How many columns of sizes there are at most."""

_LEFT, _RIGHT = 13.0, 98.0  # the axis in per cent; tables of unknown size stand left of it
_UNSIZED: Final = 5.0
_ROW: Final = 58
_TOP: Final = 40
_LARGEST, _SMALLEST = 15.0, 3.0  # radii in pixels
_KIB: Final = 10  # a tick at every 2^10
_FEW_TICKS: Final = 2


class Count(Struct):
    """Tables of one value and one column."""

    tables: int = 0
    failing: int = 0


class Bubble(Struct, frozen=True):
    """Tables of like size; the inner circle's area is the share that fails."""

    x: str
    y: int
    radius: str
    failing_radius: str
    """Empty where none fails."""
    value: str | None
    """The fact's value, as a summary's key; None is the rest."""
    sizes: str
    count: Count


class Mark(Struct, frozen=True):
    """A text at a place of the axis, in per cent."""

    x: str
    label: str


class SizeChart(Struct, frozen=True):
    """`y` are pixels from the top, `x` per cent."""

    policy_id: str
    fact: str
    """`<domain>.<fact>`."""
    rows: list[tuple[int, str | None]]
    """Where the label of a value stands, and the value; None is the rest."""
    bubbles: list[Bubble]
    ticks: list[Mark]
    thresholds: list[Mark]
    unsized_x: str
    """Where the tables of unknown size stand; empty where there are none."""
    height: int
    top: int


_Cell = tuple[str | None, int | None, int]
"""Value of the fact, power of two or column, and how many thresholds the tables reach."""


@dataclass
class SizeTally:
    """Counts the tables by a fact's value, size and whether they fail a policy."""

    policy_id: str
    domain: str
    fact: str
    values: tuple[str, ...]
    thresholds: Mapping[str, Any]
    """Name of a setting to its bytes; empty where nobody tried other settings."""
    counts: dict[_Cell, Count] = field(default_factory=lambda: defaultdict(Count))

    def add(self, table: TableReport, status: Status) -> None:  # noqa: ARG002 -- a watcher's shape
        """Count a table that has the fact."""
        value = table.facts.get(self.domain, {}).get(self.fact)
        if not isinstance(value, str):
            return
        size = bytes_of(table)
        power = None if size is None else max(size, 1).bit_length() - 1
        reached = 0 if size is None else sum(size >= each for each in self.thresholds.values())
        count = self.counts[value if value in self.values else None, power, reached]
        count.tables += 1
        decision = table.decisions.get(self.policy_id)
        count.failing += decision is not None and decision.outcome is Outcome.FAIL

    def chart(self) -> SizeChart | None:
        """Return the chart; None where no table of known size has the fact."""
        powers = [power for _, power, _ in self.counts if power is not None]
        if not powers:
            return None
        limits = sorted(math.log2(each) for each in self.thresholds.values())
        axis = _Axis.around([*powers, *limits])
        cells: dict[_Cell, Count] = defaultdict(Count)
        for (value, power, reached), count in self.counts.items():
            into = cells[value, None if power is None else axis.column(power), reached]
            into.tables += count.tables
            into.failing += count.failing
        most = max(count.tables for count in cells.values())
        present = {value for value, _, _ in cells}
        rows = [value for value in (*self.values, None) if value in present]
        bubbles = []
        for cell in sorted(cells, key=lambda key: (rows.index(key[0]), key[1] or -1, key[2])):
            value, column, reached = cell
            count = cells[cell]
            radius = max(_LARGEST * math.sqrt(count.tables / most), _SMALLEST)
            failing = radius * math.sqrt(count.failing / count.tables)
            # No circle stands on both sides of a threshold.
            start, end = axis.span(column or 0)
            if reached:
                start = max(start, limits[reached - 1])
            if reached < len(limits):
                end = min(end, limits[reached])
            bubbles.append(
                Bubble(
                    x=f"{_UNSIZED if column is None else axis.place((start + end) / 2):.2f}",
                    y=_TOP + _ROW * rows.index(value) + _ROW - 20,
                    radius=f"{radius:.1f}",
                    failing_radius=f"{failing:.1f}" if failing else "",
                    value=value,
                    sizes="size unknown" if column is None else _sizes(start, end),
                    count=count,
                )
            )
        return SizeChart(
            policy_id=self.policy_id,
            fact=f"{self.domain}.{self.fact}",
            rows=[(_TOP + _ROW * number + 14, value) for number, value in enumerate(rows)],
            bubbles=bubbles,
            ticks=[Mark(f"{axis.place(power):.2f}", _size(power)) for power in axis.ticks()],
            thresholds=[
                Mark(
                    f"{axis.place(math.log2(value)):.2f}",
                    f"{insight.name(name)} {wording.size(value)}",
                )
                for name, value in self.thresholds.items()
            ],
            unsized_x=f"{_UNSIZED:.2f}" if any(column is None for _, column, _ in cells) else "",
            height=_TOP + _ROW * len(rows) + 26,
            top=_TOP,
        )


class _Axis(Struct, frozen=True):
    """Powers of two from `low` to `high`, in columns of `step`."""

    low: int
    high: int
    step: int

    @staticmethod
    def around(powers: Iterable[float]) -> _Axis:
        ordered = sorted(powers)
        low, high = math.floor(ordered[0]), math.floor(ordered[-1]) + 1
        step = math.ceil((high - low) / COLUMNS)
        return _Axis(low, low + step * math.ceil((high - low) / step), step)

    def column(self, power: int) -> int:
        return (power - self.low) // self.step

    def span(self, column: int) -> tuple[float, float]:
        start = self.low + self.step * column
        return start, start + self.step

    def place(self, power: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (power - self.low) / (self.high - self.low)

    def ticks(self) -> list[int]:
        """Return powers for the axis: each 2^10, or closer where these are few."""
        ticks: list[int] = []
        for apart in (_KIB, _KIB // 2, 2, 1):
            ticks = [power for power in range(self.low, self.high + 1) if power % apart == 0]
            if len(ticks) >= _FEW_TICKS:
                break
        return ticks


def size_tally(report: Report) -> SizeTally | None:
    """Return the tally for a report; None where no policy tries sizes, or no fact is text."""
    for policy in report.policies:
        if policy.what_if is None:
            continue
        domain = policy.policy_id.partition(".")[0]
        for name, values in facts(report.summary):
            if name.partition(".")[0] != domain or set(values) <= {"true", "false"}:
                continue
            ordered = sorted(values, key=lambda value: (-values[value].tables, value))
            return SizeTally(
                policy_id=policy.policy_id,
                domain=domain,
                fact=name.partition(".")[2],
                values=tuple(ordered[:VALUES]),
                thresholds=_thresholds(report, policy.policy_id),
            )
    return None


def _thresholds(report: Report, policy_id: str) -> dict[str, Any]:
    tried = report.insight.what_if if report.insight else ()
    now = next((each.now for each in tried if each.policy_id == policy_id), {})
    return {
        name: value
        for name, value in now.items()
        if name.endswith("_bytes") and isinstance(value, int | float) and value >= 1
    }


def _size(power: float) -> str:
    return wording.size(2**power).replace(".0 ", " ")


def _sizes(low: float, high: float) -> str:
    return f"{_size(low)} to {_size(high)}" if low else f"up to {_size(high)}"
