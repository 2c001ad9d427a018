"""Whatever a log is made of, the last action about a file stands, and nothing else counts."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.memory import MemoryBudget
from lakewarden_collector.sources.delta.snapshot import read_document
from lakewarden_collector.times import utc_now
from tests.unit.collector.delta.random_logs import RandomLog


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_log_comes_to_what_its_actions_come_to(chance: Random) -> None:
    """Commits and checkpoints of every kind, paths in every spelling, spoilt files, wrong hints."""
    with TemporaryDirectory(prefix="a%20b c") as name:
        folder = Path(name) / "t"
        model = RandomLog(folder, chance).write()
        document = read_document(
            Entry(parts=("c", "s", "t"), uri=str(folder)), utc_now(), MemoryBudget()
        )
    assert (document.size.bytes, document.size.files) == (
        sum(model.files.values()),
        len(model.files),
    )
    assert isinstance(document.properties, dict)
    keys = document.properties.get("clusteringColumns")
    assert (None if keys is None else json.loads(keys)) == model.keys
