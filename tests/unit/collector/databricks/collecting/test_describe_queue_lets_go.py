"""A request that hangs does not keep those who describe from being interrupted.

About `describe_queue.py`.
"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.collecting import describe_queue
from lakewarden_collector.sources.databricks.collecting.describe_queue import DescribeQueue
from lakewarden_collector.sources.databricks.journal.events import Listed, Table
from lakewarden_collector.sources.databricks.journal.journal import Journal


@pytest.mark.parametrize("hanging", [True, False])
def test_an_interrupt_waits_for_a_request_that_is_answered_soon_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, hanging: bool
) -> None:
    monkeypatch.setattr(describe_queue, "STOP_SECONDS", 0.05 if hanging else 10)
    begun, answer, stopped = threading.Event(), threading.Event(), threading.Event()
    journal = Journal(tmp_path / "journal", "test", "2026-11-23T05:10:00Z")
    table = TableDocument(full_name="c.s.t", catalog_name="c", schema_name="s", name="t")
    journal.add_schema("m", Listed(catalog_name="c", schema_name="s", documents=(table,)))

    def describe(given: Table) -> Table:
        begun.set()
        answer.wait(5)
        return given

    def stop() -> None:
        stopped.set()
        if not hanging:
            answer.set()

    queue = DescribeQueue(journal, lambda given, _: partial(describe, given), width=1, stop=stop)
    with pytest.raises(KeyboardInterrupt), queue:  # noqa: PT012 -- the block is what is left
        queue.add("c.s.t", "a way", (0, 0))
        queue.begin()
        assert begun.wait(5)
        raise KeyboardInterrupt
    assert stopped.is_set()
    assert queue.described == (0 if hanging else 1)
    answer.set()
