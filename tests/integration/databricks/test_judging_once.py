"""How often tables are judged: that is what a collection computes most at."""

from __future__ import annotations

from collections.abc import Sequence

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.gather import BATCH
from lakewarden_collector.sources.interface import Advice
from tests.workspace.collecting import NOW, collect, judge
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate


def test_a_size_that_is_there_anyway_is_there_when_a_table_is_judged() -> None:
    """Else half of an estate is judged twice: without the size, and then with it."""
    shown: list[str] = []

    def counting(documents: Sequence[TableDocument]) -> Sequence[Advice]:
        shown.extend(document.full_name for document in documents)
        return judge(documents)

    estate = SyntheticEstate(4 * BATCH, 10, now=NOW)
    with Workspace(estate) as workspace:
        got = collect(workspace, adviser=counting)
        described = len(workspace.log.described())
    assert got.spent["metrics_history"] == 2
    assert set(shown) == {document.full_name for document in got.documents}
    assert len(shown) <= len(estate) + described + BATCH, "only the first batch knows no sizes yet"
    assert sum(document.size.origin == "metrics_history" for document in got.documents) > BATCH
