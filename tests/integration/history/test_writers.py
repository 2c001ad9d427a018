"""Writers at once, and one that is killed: no run is lost, half there, or there twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.integration.history.writer import TABLES
from tests.support.duckdb import rows
from tests.support.past_runs import POLICIES, START, clock
from tests.support.processes import started, wait_until
from tests.support.rego import CHECKOUT

WHOLE: Final = (TABLES * len(POLICIES), TABLES * 3, 1)
"""Decisions, violations and runs that one run has."""


def writer(place: Path, *arguments: str | int | Path) -> list[str]:
    module = "tests.integration.history.writer"
    return [sys.executable, "-m", module, str(place), *map(str, arguments)]


def kept_days(place: Path) -> list[int]:
    """Return the days of the runs that are there, each of which has to be whole."""
    query = (
        "SELECT clock, count(*) FILTER (kind = 'decision'), count(*) FILTER (kind = 'failure'), "
        "count(*) FILTER (kind = 'run') FROM history GROUP BY clock, run_id ORDER BY clock"
    )
    found = rows(str(place), query)
    assert {tuple(counts) for _, *counts in found} <= {WHOLE}
    return [(time - START).days for time, *_ in found]


def run(place: Path, *arguments: str | int) -> None:
    subprocess.run(writer(place, *arguments), check=True, cwd=CHECKOUT, timeout=120)


def all_at_once(place: Path, days: Sequence[Sequence[int]]) -> None:
    """Start a writer for each list of days, and wait for all of them."""
    with ExitStack() as stack:
        writers = [
            stack.enter_context(started(writer(place, *each), cwd=CHECKOUT, env=os.environ))
            for each in days
        ]
        assert [each.wait(timeout=120) for each in writers] == [0] * len(days)


def test_writers_at_once_lose_nothing_and_add_nothing_twice(tmp_path: Path) -> None:
    """Neither has a history to begin with; both want to add day 4."""
    all_at_once(tmp_path / "h", [[0, 2, 4], [1, 3, 4]])
    assert kept_days(tmp_path / "h") == [0, 1, 2, 3, 4]


def test_a_killed_writer_leaves_its_run_out_and_nothing_else(tmp_path: Path) -> None:
    place, flag = tmp_path / "h", tmp_path / "flag"
    run(place, 0)
    with started(writer(place, 1, "--stop-at", flag), cwd=CHECKOUT, env=os.environ) as killed:
        wait_until(killed, flag.exists)
    assert killed.returncode == -9
    assert kept_days(place) == [0]
    run(place, 1, 2)
    assert kept_days(place) == [0, 1, 2]
    query = "SELECT DISTINCT first_failed_at FROM history WHERE kind = 'failure'"
    assert [f"{first:%Y-%m-%dT%H:%M:%SZ}" for (first,) in rows(str(place), query)] == [clock(0)]


@pytest.mark.nightly
def test_killed_at_any_moment(tmp_path: Path) -> None:
    place, chance = tmp_path / "h", random.Random(15)  # noqa: S311 -- no secret
    run(place, 0)
    for _ in range(12):
        before = kept_days(place)
        with started(writer(place, *range(1, 400)), cwd=CHECKOUT, env=os.environ) as killed:
            log = place / "_delta_log"
            commits = len(list(log.iterdir()))
            wait_until(killed, lambda: len(list(log.iterdir())) > commits)  # noqa: B023 -- of this turn
            time.sleep(chance.random())
        after = kept_days(place)
        assert after[: len(before)] == before
        assert after == list(range(len(after)))
