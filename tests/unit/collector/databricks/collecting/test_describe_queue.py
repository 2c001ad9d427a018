"""The threads that describe: in order of rank, stopped at once, no error swallowed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.collecting.describe_queue import DescribeQueue
from lakewarden_collector.sources.databricks.journal.events import Listed, Table
from lakewarden_collector.sources.databricks.journal.journal import Journal


def _journal(tmp_path: Path, names: str) -> Journal:
    journal = Journal(tmp_path / "journal", "test", "2026-11-23T05:10:00Z")
    documents = [
        TableDocument(full_name=f"c.s.{n}", catalog_name="c", schema_name="s", name=n)
        for n in names
    ]
    journal.add_schema("m", Listed(catalog_name="c", schema_name="s", documents=tuple(documents)))
    return journal


def _describers(
    tmp_path: Path, describe: Callable[[Table], Table], stop: Callable[[], None] = lambda: None
) -> DescribeQueue:
    return DescribeQueue(
        _journal(tmp_path, "abcde"), lambda table, _: partial(describe, table), width=1, stop=stop
    )


def test_the_most_read_and_then_the_largest_come_first(tmp_path: Path) -> None:
    order: list[str] = []

    def describe(table: Table) -> Table:
        order.append(table.document.name)
        return table

    with _describers(tmp_path, describe) as queue:
        for name, rank in {"a": (0, 9), "b": (2, 1), "c": (0, 1), "d": (2, 5)}.items():
            queue.add(f"c.s.{name}", "a way", rank)
        queue.begin()
        assert queue.finished(4, 5) == ["c.s.d", "c.s.b", "c.s.a", "c.s.c"]
        assert queue.idle
    assert order == ["d", "b", "a", "c"]


def test_the_first_ones_are_admitted_first_however_slow_their_threads_are(tmp_path: Path) -> None:
    """Else the last statement of a budget may go to a table that hardly anybody reads."""
    admitted: list[str] = []
    side_by_side = threading.Barrier(3)

    def admit(table: Table, way: str) -> Callable[[], Table]:
        time.sleep({"a": 0.2, "b": 0.1}.get(table.document.name, 0))
        assert way == "a way"
        admitted.append(table.document.name)
        return partial(describe, table)

    def describe(table: Table) -> Table:
        side_by_side.wait(5)
        return table

    with DescribeQueue(_journal(tmp_path, "abc"), admit, width=3, stop=lambda: None) as queue:
        for name, reads in {"c": 1, "a": 3, "b": 2}.items():
            queue.add(f"c.s.{name}", "a way", (reads, 0))
        queue.begin()
        assert len(queue.finished(3, 5)) == 3
    assert admitted == ["a", "b", "c"]


def test_an_error_of_a_thread_is_raised_where_it_is_waited_for(tmp_path: Path) -> None:
    """Else the collection would wait for ever for a table that nobody describes."""

    def describe(table: Table) -> Table:
        raise ZeroDivisionError(table.document.name)

    def run() -> None:
        with _describers(tmp_path, describe) as queue:
            queue.begin()
            queue.add("c.s.a", "a way", (0, 0))
            queue.finished(1, 5)

    with pytest.raises(ZeroDivisionError):
        run()


def test_an_error_of_the_caller_stops_what_is_under_way_before_it_is_waited_for(
    tmp_path: Path,
) -> None:
    """Else Ctrl-C would wait for a warehouse that takes minutes to start."""
    stopped = threading.Event()
    begun = threading.Event()

    def describe(table: Table) -> Table:
        begun.set()
        assert stopped.wait(10)
        return table

    def run() -> None:
        with _describers(tmp_path, describe, stopped.set) as queue:
            queue.begin()
            queue.add("c.s.a", "a way", (0, 0))
            assert begun.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()


def test_a_few_are_not_waited_for_longer_than_they_take(tmp_path: Path) -> None:
    with _describers(tmp_path, lambda table: table) as queue:
        queue.begin()
        queue.add("c.s.a", "a way", (0, 0))
        assert queue.finished(100, 60) == ["c.s.a"]
