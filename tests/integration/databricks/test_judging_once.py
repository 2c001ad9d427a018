"""How often tables are judged: that is what a collection computes most at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Header, InventoryWriter
from lakewarden_collector.sources.databricks.collecting.gatherer import BATCH
from lakewarden_collector.sources.interface import Advice
from tests.workspace.collecting import NOW, collect, judge
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate


class _Counting:
    """An adviser that keeps the names of what it was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, documents: Sequence[TableDocument]) -> Sequence[Advice]:
        self.shown.extend(document.full_name for document in documents)
        return judge(documents)


def _saved(path: Path, documents: Sequence[TableDocument]) -> Path:
    header = Header(
        schema_version=1,
        source="databricks",
        scope="",
        started_at="2026-11-23T05:00:00Z",
        tool_version="0",
    )
    with path.open("wb") as stream:
        writer = InventoryWriter(stream, header)
        for document in documents:
            writer.write(document)
        writer.end()
    return path


def test_a_size_that_is_there_anyway_is_there_when_a_table_is_judged() -> None:
    """Else half of an estate is judged twice: without the size, and then with it."""
    counting = _Counting()
    estate = SyntheticEstate(4 * BATCH, 10, now=NOW)
    with Workspace(estate) as workspace:
        got = collect(workspace, adviser=counting)
        shown = counting.shown
        described = len(workspace.log.described())
    assert got.spent["metrics_history"] == 2
    assert set(shown) == {document.full_name for document in got.documents}
    assert len(shown) <= len(estate) + described + BATCH, "only the first batch knows no sizes yet"
    assert sum(document.size.origin == "metrics_history" for document in got.documents) > BATCH


def test_a_previous_size_that_is_not_exact_is_there_when_a_table_is_judged(tmp_path: Path) -> None:
    """Else half of an estate is judged twice: without the size, and then with it."""
    estate = SyntheticEstate(4 * BATCH, 10, now=NOW)
    counting = _Counting()
    with Workspace(estate) as workspace:
        first = collect(workspace)
        path = _saved(tmp_path / "first.ndjson", first.documents)
        workspace.log.statements.clear()
        second = collect(workspace, adviser=counting, reuse=path)
        described = len(workspace.log.described())
    exact = sum(document.size.exact is True for document in first.documents)
    again = 2 * exact + 2 * described  # a little more and a little less; metrics, then described
    assert len(counting.shown) <= len(estate) + again
    assert {d.full_name: d.size.bytes for d in second.documents} == {
        d.full_name: d.size.bytes for d in first.documents
    }
