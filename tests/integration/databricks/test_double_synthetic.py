"""Synthetic estates: as large as promised, in the promised shares, and true to themselves."""

# ruff: noqa: S608 -- the names in these statements are constants
from __future__ import annotations

import pickle

import pytest

from tests.workspace.handmade import GIB
from tests.workspace.synthetic import Metrics, SyntheticEstate
from tests.workspace.system_catalog import METRICS
from tests.workspace.timing import Timing, bound


def test_shares_are_as_asked_for() -> None:
    estate = SyntheticEstate(20_000, 100)
    numbers = range(len(estate))
    unclustered = [i for i in numbers if not estate.is_clustered(i)]
    managed = [i for i in unclustered if estate.is_managed(i)]
    near = [i for i in managed if GIB / 2 <= estate.facts.metric_bytes[i] <= GIB * 2]
    assert len(unclustered) / len(estate) == pytest.approx(0.6, abs=0.02)
    assert len(managed) / len(unclustered) == pytest.approx(0.8, abs=0.02)
    assert len(near) / len(managed) == pytest.approx(0.02, abs=0.006)
    assert estate.facts.starts[-1] == 20_000
    assert any(estate.facts.bytes[i] == GIB for i in near)


def test_a_metric_outside_the_band_is_on_the_side_of_the_exact_size() -> None:
    estate = SyntheticEstate(20_000, 100)
    for i in range(len(estate)):
        exact, metric = estate.facts.bytes[i], estate.facts.metric_bytes[i]
        if not GIB / 2 <= metric <= GIB * 2:
            assert (exact < GIB) == (metric < GIB)


def test_listing_describing_and_metrics_agree_with_the_truth() -> None:
    estate = SyntheticEstate(300, 7, seed=3)
    listed = {
        row["full_name"]: row
        for catalog in estate.catalogs()
        for schema in estate.schemas(catalog["name"])
        for row in estate.tables(catalog["name"], schema["name"])
    }
    assert len(listed) == 300
    latest = "max_by(active_bytes, snapshot_date)"
    answer = estate.execute(f"SELECT table_id, {latest} b FROM {METRICS} GROUP BY table_id", {})
    metrics = {row[0]: row[1] for row in answer.rows}
    for i in range(300):
        name = ".".join(estate.parts_of(i))
        row = listed[name]
        described = estate.execute(f"DESCRIBE DETAIL {name}", {})
        detail = dict(zip([c.name for c in described.columns], described.rows[0], strict=True))
        assert detail["sizeInBytes"] == str(estate.size_of(name))
        assert ("clusteringColumns" in row["properties"]) == estate.is_clustered(i)
        assert (row["table_type"] == "MANAGED") == estate.is_managed(i)
        known = estate.metric_bytes_of(i)
        assert metrics.get(row["table_id"]) == (None if known is None else str(known))


@pytest.mark.parametrize(
    ("metrics", "rows", "known", "recent"),
    [("fresh", True, True, True), ("stale", True, True, False), ("null", True, False, True),
     ("empty", False, False, False)],
)  # fmt: skip
def test_metrics_may_be_fresh_stale_null_or_not_there(
    metrics: Metrics, *, rows: bool, known: bool, recent: bool
) -> None:
    estate = SyntheticEstate(50, 2, metrics=metrics)
    answer = estate.execute(
        f"SELECT count(*), count(active_bytes), max(snapshot_date) >= date_sub(current_date(), 7)"
        f" FROM {METRICS} WHERE table_dropped_time IS NULL",
        {},
    )
    found = [value not in (None, "0") for value in answer.rows[0]]
    assert found == [rows, known, recent]


def test_the_same_seed_makes_the_same_estate_also_in_another_process() -> None:
    estate = SyntheticEstate(200, 5, seed=7)
    again = pickle.loads(pickle.dumps(estate))  # noqa: S301 -- what was just pickled
    assert again.facts.bytes == estate.facts.bytes
    assert again.parts_of(123) == estate.parts_of(123)
    assert SyntheticEstate(200, 5, seed=8).facts.bytes != estate.facts.bytes


def test_the_bound_is_the_larger_of_latency_and_capacity() -> None:
    timing = Timing(list_seconds=2.0, describe_seconds=1.0, slots=10, cold_start=5.0)
    of = timing.statement_bound
    assert of({"describe": 100}) == 5.0 + 10.0
    assert of({}) == 0.0
    assert timing.list_bound(1_000, 0, depth=3) == 6.0
    limited = Timing(list_seconds=2.0, list_rate=10.0)
    assert limited.list_bound(1_010, 0, depth=3) == 100.0
    whole = bound(timing, calls=1_000, rows=0, depth=3, statements={"describe": 100})
    assert whole == 6.0 + 10.0


def test_statement_times_spread_about_their_mean() -> None:
    timing = Timing(describe_seconds=2.0, spread=0.5)
    times = [timing.statement_seconds(f"DESCRIBE DETAIL a.b.c{n}") for n in range(2_000)]
    assert sum(times) / len(times) == pytest.approx(2.0, rel=0.03)
    assert min(times) >= 1.0
    assert max(times) <= 3.0
    assert timing.statement_seconds("DESCRIBE DETAIL a.b.c0") == times[0]
