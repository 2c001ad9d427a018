"""What is promised about collecting a large estate, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from benchmarks.estate.measure import Measured

FULL: Final = 100_000
"""Tables that the promises are about. With fewer, a run is mostly what it takes to begin."""
LIST_CALLS: Final = 1_500
"""For `FULL` tables in 500 schemas."""
RATIO: Final = 1.3
"""Wall time to the bound."""
PEAK_MB: Final = 500
SECOND_SHARE: Final = 0.01
"""Statements of the second run to those of the first."""

Result = dict[str, Any]


class Promise(Struct, frozen=True, kw_only=True):
    """One promise: what it is about, the measured figure, what is promised, whether it is kept.

    `kept` is None where so few tables tell nothing about it.
    """

    what: str
    measured: str
    promised: str
    kept: bool | None


def result(measured: Measured, *, tables: int, bound: float, speed: float) -> Result:
    """Return the figures of one estate as they are stored."""
    first, second = measured.first, measured.second
    return {
        "tables": tables,
        "list_calls": first.asked.list_calls,
        "list_calls_at_least": measured.least.list_calls,
        "refused": first.asked.refused,
        "statements": first.asked.statements,
        "described": len(first.asked.described),
        "had_to_be_described": len(measured.least.described),
        "described_unnecessarily": measured.described_unnecessarily,
        "not_described": measured.not_described,
        "wrong_in_inventory": measured.wrong,
        "speed": speed,
        "seconds": round(first.taken.seconds, 1),
        "bound_seconds": round(bound, 1),
        "ratio": round(first.taken.seconds / bound, 2),
        "runner_peak_mb": round(first.taken.peak_mb),
        "runner_cpu_seconds": round(first.taken.cpu_seconds, 1),
        "opa_cpu_seconds": round(first.taken.children_cpu_seconds, 1),
        "second_run": {
            "statements": second.asked.statements,
            "described": len(second.asked.described),
            "share": round(second.asked.statements / first.asked.statements, 4),
            "seconds": round(second.taken.seconds, 1),
        },
    }


def naive_result(collected: Result, *, sample: int, seconds: float) -> Result:
    """Return the figures of the naive collector beside those of one estate."""
    extrapolated = seconds * collected["tables"] / sample
    return {
        "sample": sample,
        "sample_seconds": round(seconds, 1),
        "seconds_extrapolated": round(extrapolated),
        "statements": collected["tables"],
        "times_the_seconds": round(extrapolated / collected["seconds"], 1),
        "times_the_statements": round(collected["tables"] / collected["statements"], 1),
    }


def promises(found: Result) -> Iterator[Promise]:
    """Yield each promise about one estate."""
    tables, full = found["tables"], found["tables"] >= FULL
    most = LIST_CALLS * tables // FULL
    yield Promise(
        what="list calls",
        measured=f"{found['list_calls']:,}",
        promised=f"at most {most:,}",
        kept=found["list_calls"] <= most if full else None,
    )
    yield Promise(
        what="described",
        measured=f"{found['described']:,} ({found['described'] / tables:.1%}), "
        f"{found['described_unnecessarily']:,} unnecessarily, {found['not_described']:,} missing",
        promised=f"the {found['had_to_be_described']:,} tables that nothing else decides",
        kept=not found["described_unnecessarily"] and not found["not_described"],
    )
    yield Promise(
        what="wrong in inventory",
        measured=f"{found['wrong_in_inventory']:,}",
        promised="none",
        kept=not found["wrong_in_inventory"],
    )
    yield Promise(
        what="wall time",
        measured=f"{found['seconds']:,.0f} s, {found['ratio']:.2f} of the bound",
        promised=f"at most {RATIO} of the bound of {found['bound_seconds']:,.0f} s",
        kept=found["ratio"] <= RATIO if full else None,
    )
    yield Promise(
        what="runner's peak memory",
        measured=f"{found['runner_peak_mb']:,} MB",
        promised=f"under {PEAK_MB} MB",
        kept=found["runner_peak_mb"] < PEAK_MB,
    )
    second = found["second_run"]
    yield Promise(
        what="second run",
        measured=f"{second['statements']:,} statements, {second['share']:.2%} of the first run's",
        promised=f"under {SECOND_SHARE:.0%}",
        kept=second["share"] < SECOND_SHARE if full else None,
    )
