"""What --plan promises holds: the run sends at least, and at most, so many statements of a kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Header, InventoryWriter
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.databricks.source import DatabricksSource
from lakewarden_collector.sources.interface import Advice, Adviser
from tests.workspace.collecting import NOW, SPEED, Collected, Heard, collect, judge, signed_in
from tests.workspace.server import Workspace
from tests.workspace.synthetic import Metrics, SyntheticEstate

RANGE = re.compile(r"^ *(\w+): ([\d,]+)(?: to ([\d,]+))?", re.MULTILINE)
KINDS = ("metrics_history", "table_lineage", "tags", "describe_detail")


def _everything(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    return [Advice(frozenset({"size", "access", "tags"}))] * len(documents)


def _reads_first(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Want the size of tables that are read, which is known only when the reads are."""
    return [
        Advice(
            frozenset({"access"})
            if not document.access.reads and "access" not in document.evidence
            else judge([document])[0].wants
        )
        for document in documents
    ]


def _planned(
    workspace: Workspace,
    adviser: Adviser,
    **options: Any,  # noqa: ANN401 -- those of DatabricksOptions
) -> dict[str, tuple[int, int]]:
    """Return what --plan says, by kind of statement."""
    source = DatabricksSource(
        DatabricksOptions(**options),
        Heard(),
        pace=lambda: Pace.default(speed=SPEED),
        now=lambda: NOW,
    )
    source.adviser = adviser
    with signed_in(workspace):
        lines = "\n".join(source.plan())
    assert workspace.log.statements == []
    return {
        name: (int(least.replace(",", "")), int((most or least).replace(",", "")))
        for name, least, most in RANGE.findall(lines)
    }


def _check(planned: dict[str, tuple[int, int]], got: Collected) -> None:
    sent = {kind: got.spent.get(kind, 0) for kind in KINDS}
    for kind, number in sent.items():
        least, most = planned.get(kind, (0, 0))
        assert least <= number <= most, f"{kind}: {number} of {least} to {most}"
    least, most = planned["statements"]
    assert least <= sum(sent.values()) <= most


@pytest.mark.parametrize("adviser", [judge, _everything, _reads_first])
@pytest.mark.parametrize("metrics", ["fresh", "stale", "null", "empty"])
def test_a_run_keeps_within_its_plan(metrics: Metrics, adviser: Adviser) -> None:
    estate = SyntheticEstate(
        150, 6, catalogs=3, metrics=metrics, band_share=0.2, columns=2, now=NOW
    )
    with Workspace(estate) as w:
        planned = _planned(w, adviser)
        _check(planned, collect(w, adviser=adviser))


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=24)])
def test_a_run_that_reuses_keeps_within_its_plan(tmp_path: Path, age: timedelta) -> None:
    """What is close to a threshold is asked for again, which nobody knows beforehand."""
    estate = SyntheticEstate(150, 6, metrics="empty", band_share=0.5, columns=2, now=NOW)
    old = tmp_path / "old.ndjson"
    with Workspace(estate) as w, old.open("wb") as stream:
        header = Header(
            schema_version=1,
            source="",
            scope="",
            started_at="2026-11-23T05:00:00Z",
            tool_version="",
        )
        writer = InventoryWriter(stream, header)
        for document in collect(w).documents:
            writer.write(document)
        writer.end()
    with Workspace(estate) as w:
        planned = _planned(w, judge, reuse=old, max_age=age)
        _check(planned, collect(w, reuse=old, max_age=age, now=NOW + timedelta(minutes=1)))


def test_a_run_within_a_budget_keeps_within_its_plan() -> None:
    estate = SyntheticEstate(100, 4, metrics="empty", columns=2, now=NOW)
    with Workspace(estate) as w:
        planned = _planned(w, judge, max_statements=20)
        got = collect(w, max_statements=20)
    assert planned["statements"][1] == sum(got.spent.get(kind, 0) for kind in KINDS) == 20
    _check(planned, got)
