"""What the benchmark calls kept is kept: no figure may pass that breaks what the page promises."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.estate.measure import Measured
from benchmarks.estate.promises import Result, naive_result, promises, result
from benchmarks.estate.run import RequestLog, Run
from benchmarks.estate.truth import Least
from benchmarks.estate.watched import Taken, watched
from tests.support.commandline import environment

NAMES: Final = tuple(f"c.s.table_{n:06d}" for n in range(1_000))


def _run(described: tuple[str, ...], statements: int) -> Run:
    return Run(
        taken=Taken(
            seconds=130.0, peak_mb=499.0, cpu_seconds=10, children_cpu_seconds=20, output=""
        ),
        asked=RequestLog(
            list_calls=1_500,
            refused=7,
            statements=statements,
            described=described,
            most_running=16,
        ),
    )


def _measured(described: tuple[str, ...] = NAMES, wrong: int = 0) -> Measured:
    least = Least(
        list_calls=760,
        reconciling_calls=12,
        chain=4,
        metrics_statements=2,
        described=frozenset(NAMES),
    )
    return Measured(
        least=least, first=_run(described, len(described) + 2), second=_run((), 9), wrong=wrong
    )


def _result(**changes: Any) -> Result:  # noqa: ANN401 -- any figure
    return result(_measured(), tables=100_000, bound=100.0, speed=2.0) | changes


def _kept(found: Result) -> dict[str, bool | None]:
    return {promise.what: promise.kept for promise in promises(found)}


def test_all_promises_are_kept_at_their_very_limits() -> None:
    assert set(_kept(_result()).values()) == {True}


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("list calls", {"list_calls": 1_501}),
        ("described", {"described_unnecessarily": 1}),
        ("described", {"not_described": 1}),
        ("wrong in inventory", {"wrong_in_inventory": 1}),
        ("wall time", {"ratio": 1.31}),
        ("runner's peak memory", {"runner_peak_mb": 500}),
        ("second run", {"second_run": {"statements": 10, "share": 0.01}}),
    ],
)
def test_each_promise_can_be_broken(what: str, changes: Result) -> None:
    kept = _kept(_result(**changes))
    assert [name for name, kept in kept.items() if not kept] == [what]


def test_a_quick_look_says_nothing_about_what_depends_on_the_number() -> None:
    kept = _kept(_result(tables=99_999))
    unsaid = [what for what, kept in kept.items() if kept is None]
    assert unsaid == ["list calls", "wall time", "second run"]


def test_the_set_of_described_tables_counts_and_not_their_number() -> None:
    """One table too many and one too few must not make up for each other."""
    other = _measured(("c.s.table_999999", *NAMES[1:]))
    assert (other.described_unnecessarily, other.not_described) == (1, 1)
    twice = _measured((*NAMES, NAMES[0]))
    assert (twice.described_unnecessarily, twice.not_described) == (1, 0)


def test_the_naive_collector_is_extrapolated_in_proportion() -> None:
    naive = naive_result(_result(), sample=2_000, seconds=65.0)
    assert naive["seconds_extrapolated"] == 65 * 50
    assert naive["times_the_seconds"] == 25.0
    assert naive["times_the_statements"] == pytest.approx(100_000 / 1_002, abs=0.1)


def test_memory_is_that_of_the_process_itself(tmp_path: Path) -> None:
    """OPA is a child of the runner and must not count, nor hide what the runner needs."""
    child = "import time; x = bytearray(2**27); time.sleep(1)"
    parent = (
        "import subprocess, sys; x = bytearray(2**25);"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    taken = watched([sys.executable, "-c", parent], tmp_path, environment(tmp_path))
    assert 32 < taken.peak_mb < 128


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no workspace')"]
    with pytest.raises(RuntimeError, match="no workspace"):
        watched(command, tmp_path, environment(tmp_path))
