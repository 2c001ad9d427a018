"""The promises about large estates, on small ones: the benchmark's own code, real OPA, no clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.estate.measure import measure, naive_seconds
from benchmarks.estate.shape import Name, make_estate
from benchmarks.estate.truth import near_a_limit, shipped_limits
from lakewarden_collector.sources.databricks.evidence.previous_sizes import MARGIN
from tests.workspace.timing import Timing

TABLES = 1_600


@pytest.mark.nightly
@pytest.mark.opa
@pytest.mark.parametrize("name", ["A", "B"])
def test_only_what_nothing_cheaper_decides_is_described(name: Name, tmp_path: Path) -> None:
    """Else a hundred thousand tables cost more statements than they have to, or miss sizes."""
    estate = make_estate(name, TABLES)
    measured = measure(estate, Timing(), tmp_path)
    least, first, second = measured.least, measured.first.asked, measured.second.asked
    assert set(first.described) == least.described
    assert measured.described_unnecessarily == measured.not_described == measured.wrong == 0
    assert first.list_calls == least.list_calls + least.reconciling_calls
    assert first.list_calls <= 1_500 * TABLES / 100_000
    assert first.statements == len(first.described) + least.metrics_statements

    assert set(second.described) == near_a_limit(estate, shipped_limits(), MARGIN)
    assert second.statements <= len(second.described) + least.metrics_statements
    if name == "B":  # in A, the statements on the metrics history are 1 % of so few
        assert second.statements < first.statements / 100


@pytest.mark.nightly
def test_the_naive_collector_describes_every_table_of_its_sample(tmp_path: Path) -> None:
    """If it stopped working, its time would flatter ours."""
    assert naive_seconds(make_estate("B", 400), Timing(), tmp_path, 250) > 0
