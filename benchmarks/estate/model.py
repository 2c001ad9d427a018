"""The workspace that is collected from: how long it takes, and how much it does at once.

The figures are assumptions, not measurements of a workspace. What is known of their magnitude: a
workspace that refused more than 20 requests at once, one that refused more than 30 a second, a
rule of thumb of ten statements at once for one cluster of a warehouse.
"""

from __future__ import annotations

from typing import Final

from benchmarks.estate.shape import Name
from benchmarks.estate.truth import Least
from tests.workspace.timing import Timing, bound

SPEEDS: Final[dict[Name, float]] = {"A": 2.0, "B": 3.0}
"""Seconds of the model in one real second. What waits is shortened by it and what computes is not,
so that a run takes minutes and has less time to hide its own work in than at a real workspace."""


def model(speed: float) -> Timing:
    """Return the model: a small warehouse that is asleep at first, and limits on list calls."""
    return Timing(
        speed=speed,
        list_seconds=1.0,
        list_row_seconds=0.001,
        request_seconds=0.05,
        describe_seconds=0.6,
        select_seconds=4.0,
        spread=0.5,
        slots=16,
        cold_start=6.0,
        list_rate=30.0,
        concurrent_lists=20,
        statement_rate=60.0,
    )


def least_seconds(timing: Timing, least: Least, tables: int) -> float:
    """Return the real seconds below which no run can stay that lists first and then describes.

    The list calls' rate, concurrency and longest chain; the statements on the metrics history; the
    DESCRIBEs on all slots of the warehouse; and waking it, which may happen during the listing.
    """
    seconds = bound(
        timing,
        calls=least.list_calls,
        rows=tables,
        depth=least.chain,
        statements={"select": least.metrics_statements, "describe": len(least.described)},
    )
    return seconds / timing.speed
