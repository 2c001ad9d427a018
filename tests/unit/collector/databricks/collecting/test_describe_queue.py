"""The tables to describe: in order of rank, stopped at once, no error swallowed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.collecting import describe_queue
from lakewarden_collector.sources.databricks.collecting.describe_queue import DescribeQueue
from lakewarden_collector.sources.databricks.collecting.table_describer import Taken
from lakewarden_collector.sources.databricks.journal.events import Table

SOON = 5
"""Seconds within which all that is waited for here happens."""


class _Describer:
    """Describes tables by calling `describe` with their names; keeps the order of both steps."""

    def __init__(self, describe: Callable[[str], object] = lambda _: None) -> None:
        self.taken: list[str] = []
        self.described: list[str] = []
        self.slow: dict[str, float] = {}
        """Seconds that taking a table takes."""
        self._describe = describe

    def take(self, full_name: str, way: str) -> Taken:
        name = full_name.rpartition(".")[2]
        time.sleep(self.slow.get(name, 0))
        self.taken.append(name)
        document = TableDocument(full_name=full_name, catalog_name="c", schema_name="s", name=name)
        return Taken(Table(document=document, metastore="m"), way, None)

    def describe(self, taken: Taken) -> None:
        name = taken.table.document.name
        self.described.append(name)
        self._describe(name)


def _queue(width: int = 1, stop: Callable[[], None] = lambda: None) -> DescribeQueue:
    return DescribeQueue(width=width, stop=stop)


def test_the_most_read_and_then_the_largest_come_first() -> None:
    describer = _Describer()
    with _queue() as queue:
        for name, rank in {"a": (0, 9), "b": (2, 1), "c": (0, 1), "d": (2, 5)}.items():
            queue.add(describer, f"c.s.{name}", "a way", rank)
        queue.begin()
        assert queue.finished(4, SOON) == ["c.s.d", "c.s.b", "c.s.a", "c.s.c"]
        assert queue.idle
    assert describer.described == ["d", "b", "a", "c"]


def test_the_first_ones_are_taken_first_however_slow_their_threads_are() -> None:
    """Else the last statement of a budget may go to a table that hardly anybody reads."""
    side_by_side = threading.Barrier(3)
    describer = _Describer(lambda _: side_by_side.wait(SOON))
    describer.slow = {"a": 0.1, "b": 0.05}
    with _queue(width=3) as queue:
        for name, reads in {"c": 1, "a": 3, "b": 2}.items():
            queue.add(describer, f"c.s.{name}", "a way", (reads, 0))
        queue.begin()
        assert len(queue.finished(3, SOON)) == 3
    assert describer.taken == ["a", "b", "c"]


def test_an_error_of_a_thread_is_raised_where_it_is_waited_for() -> None:
    """Else the collection would wait for ever for a table that nobody describes."""

    def describe(name: str) -> None:
        raise ZeroDivisionError(name)

    describer = _Describer(describe)

    def run() -> None:
        with _queue() as queue:
            queue.begin()
            for name in ("a", "b", "c"):
                queue.add(describer, f"c.s.{name}", "a way", (0, 0))
            queue.finished(3, SOON)

    with pytest.raises(ZeroDivisionError):
        run()
    assert describer.described == ["a"], "what follows an error is not begun"


def test_a_few_are_not_waited_for_longer_than_they_take() -> None:
    with _queue() as queue:
        queue.begin()
        queue.add(_Describer(), "c.s.a", "a way", (0, 0))
        assert queue.finished(100, 60) == ["c.s.a"]


@pytest.mark.parametrize("hanging", [True, False])
def test_an_interrupt_waits_for_a_request_that_is_answered_soon_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, *, hanging: bool
) -> None:
    """Else Ctrl-C would wait for a warehouse that takes minutes to start."""
    monkeypatch.setattr(describe_queue, "STOP_SECONDS", 0.05 if hanging else 10)
    begun, answer, stopped = threading.Event(), threading.Event(), threading.Event()

    def describe(_: str) -> None:
        begun.set()
        answer.wait(SOON)

    def stop() -> None:
        stopped.set()
        if not hanging:
            answer.set()

    queue = _queue(stop=stop)
    with pytest.raises(KeyboardInterrupt), queue:  # noqa: PT012 -- the block is what is left
        queue.add(_Describer(describe), "c.s.t", "a way", (0, 0))
        queue.begin()
        assert begun.wait(SOON)
        raise KeyboardInterrupt
    assert stopped.is_set()
    assert queue.described == (0 if hanging else 1)
    answer.set()
