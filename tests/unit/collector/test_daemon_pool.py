"""Threads for requests: as many as allowed, errors where results are asked for, let go."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial

import pytest

from lakewarden_collector.daemon_pool import Workers

SOON = 5
"""Seconds within which all that is waited for here comes to pass."""


def test_results_and_errors_come_where_they_are_asked_for() -> None:
    def invert(number: int) -> float:
        return 1 / number

    with Workers[float](3, "test") as workers:
        futures = [workers.submit(partial(invert, number)) for number in (1, 0, 4)]
        assert futures[0].result(SOON) == 1
        with pytest.raises(ZeroDivisionError):
            futures[1].result(SOON)
        assert futures[2].result(SOON) == 0.25


def test_as_many_run_at_once_as_are_allowed_and_no_more() -> None:
    together = threading.Barrier(3)
    running, most = 0, 0
    lock = threading.Lock()

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(SOON)  # nobody gets through if fewer run
        with lock:
            running -= 1

    with Workers[None](3, "test") as workers:
        for future in [workers.submit(task) for _ in range(9)]:
            future.result(SOON)
    assert most == 3


def test_no_more_threads_are_begun_than_there_is_work() -> None:
    names = set()

    def task() -> None:
        names.add(threading.current_thread().name)

    with Workers[None](50, "test") as workers:
        for _ in range(20):
            workers.submit(task).result(SOON)
    assert len(names) <= 3


def test_the_end_waits_for_nobody_and_begins_nothing_more() -> None:
    """A request that hangs would else keep the interrupted run for a minute."""
    hang, begun = threading.Event(), threading.Event()
    ran: list[int] = []

    def first() -> None:
        begun.set()
        hang.wait(SOON)

    with Workers[None](1, "test") as workers:
        under_way = workers.submit(first)
        never: Callable[[], None] = partial(ran.append, 1)
        waiting = workers.submit(never)
        begun.wait(SOON)
    assert not under_way.done()
    with pytest.raises(CancelledError):
        waiting.result(0)
    hang.set()
    under_way.result(SOON)
    assert ran == []


def test_the_process_ends_without_waiting() -> None:
    code = (
        "import threading\n"
        "from lakewarden_collector.daemon_pool import Workers\n"
        "begun = threading.Event()\n"
        "def task():\n"
        "    begun.set()\n"
        "    threading.Event().wait(600)\n"
        "with Workers(1, 'test') as workers:\n"
        "    workers.submit(task)\n"
        "    begun.wait()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert ended.returncode == 0
