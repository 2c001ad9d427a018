"""A history in an object store: made, added to, and read again; and stores that don't answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakewarden.history import store
from lakewarden.history.keeper import shown
from lakewarden.model.errors import HistoryError
from tests.integration.object_store.s3_double import BUCKET, let_in, serve
from tests.support.past_runs import (
    PLAIN,
    begun,
    clock,
    failing,
    finished,
    kept,
    report,
    table,
)

PLACE = f"s3://{BUCKET}/my history/of runs"


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `tmp_path / "store"` as s3://lake; credentials come from the environment."""
    let_in(monkeypatch)
    (tmp_path / "store").mkdir()
    with serve(tmp_path / "store") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield url


@pytest.mark.usefixtures("endpoint")
def test_runs_are_kept_in_a_store(tmp_path: Path) -> None:
    found = None
    for day in range(3):
        sample = report(day, table("a", {PLAIN: failing()}))
        found = kept(PLACE, sample, tmp_path / "r.json").history
    assert found is not None
    assert [run.clock for run in found.runs] == [clock(day) for day in range(3)]
    assert [each.failing_since for each in found.oldest] == [clock(0)]
    assert shown(PLACE) == f"has 3 runs, the latest of {clock(2)}"


@pytest.mark.usefixtures("endpoint")
def test_a_writer_that_was_slower_gets_in(tmp_path: Path) -> None:
    """Both want to write the same version; the store refuses the second, which tries again."""
    slow = report(1, table("a", {PLAIN: failing()}))
    keeper = begun(PLACE, slow)
    kept(PLACE, report(0, table("a", {PLAIN: failing()})), tmp_path / "fast.json")
    written = finished(keeper, slow, tmp_path / "slow.json")
    (tmp_path / "pack").write_bytes(b"evidence")
    keeper.keep_evidence(written, {".zip": tmp_path / "pack"})
    assert keeper.add(written)
    (pack,) = (tmp_path / "store").rglob("_packs/*.zip")
    assert (pack.read_bytes(), pack.parents[1].name) == (b"evidence", "of runs")
    assert shown(PLACE) == f"has 2 runs, the latest of {clock(1)}"


def test_a_store_that_is_gone_at_the_end_fails_behind_the_reports(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "RETRY_SECONDS", 1)
    sample = report(0, table("a", {}))
    keeper = begun(PLACE, sample)
    written = finished(keeper, sample, tmp_path / "r.json")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert endpoint
    with pytest.raises(HistoryError, match="couldn't be added to the history"):
        keeper.add(written)
    with pytest.raises(HistoryError, match="its pack can't be kept"):
        keeper.keep_evidence(written, {".zip": tmp_path / "r.json"})
    with pytest.raises(HistoryError, match="can't be opened") as caught:
        begun(PLACE, sample)
    assert "\x1b" not in str(caught.value)
    assert "AWS_" in caught.value.remedy
