"""The lower bound that collections are held against: were it too high, waste would look needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import pytest

from benchmarks.estate.model import SPEEDS, least_seconds, model
from benchmarks.estate.shape import Estate, Name, make_estate
from benchmarks.estate.truth import Least, Limits, least, near_a_limit, shipped_limits
from tests.workspace.synthetic_facts import CLUSTERED, GIB, MANAGED, PARTITIONED

TIB: Final = 1024 * GIB
LIMITS: Final = Limits(small=GIB, partitioned=TIB, review=100 * GIB, guard=(0.5, 2.0))
NOW: Final = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)


def _estate(name: Name = "A", tables: int = 4_000) -> Estate:
    return make_estate(name, tables, now=NOW)


def _plain(estate: Estate) -> int:
    """Return a table without any flag, for a test to give it some."""
    return next(
        i
        for i in range(len(estate))
        if not estate.is_excluded(i) and not estate.is_auto_optimized(i)
    )


def _needed(estate: Estate, i: int) -> bool:
    return ".".join(estate.parts_of(i)) in least(estate, LIMITS).described


CASES: Final = [
    # flags, the figure of the metrics history in GiB, whether it must be described
    (MANAGED, 0.49, False),
    (MANAGED, 0.5, True),
    (MANAGED, 2.0, True),
    (MANAGED, 2.01, False),
    (MANAGED | CLUSTERED, 1.0, False),
    (CLUSTERED, 1.0, False),
    (0, 0.1, True),  # external: the metrics history does not have it
    (MANAGED | PARTITIONED, 1024.0, True),
    (MANAGED | PARTITIONED, 500.0, False),
    (MANAGED | PARTITIONED | CLUSTERED, 1024.0, False),
]


@pytest.mark.parametrize(("flags", "gib", "needed"), CASES)
def test_a_table_is_described_where_its_figure_does_not_decide(
    flags: int, gib: float, *, needed: bool
) -> None:
    estate = _estate()
    i = _plain(estate)
    estate.facts.flags[i], estate.facts.metric_bytes[i] = flags, round(gib * GIB)
    assert _needed(estate, i) is needed


@pytest.mark.parametrize(("gib", "needed"), [(1.0, False), (49.0, False), (99.0, True)])
def test_an_excluded_table_is_held_against_the_size_that_needs_a_second_opinion(
    gib: float, *, needed: bool
) -> None:
    estate = _estate()
    i = next(n for n in range(len(estate)) if estate.is_excluded(n))
    assert not estate.is_auto_optimized(i)
    estate.facts.flags[i], estate.facts.metric_bytes[i] = MANAGED, round(gib * GIB)
    assert _needed(estate, i) is needed


def test_an_auto_optimised_table_has_a_strategy_whatever_its_size() -> None:
    estate = _estate()
    i = next(n for n in range(len(estate)) if estate.is_auto_optimized(n))
    estate.facts.flags[i], estate.facts.metric_bytes[i] = MANAGED, GIB
    assert not _needed(estate, i)
    estate.facts.flags[i], estate.facts.metric_bytes[i] = MANAGED | PARTITIONED, TIB
    assert _needed(estate, i)


def test_about_13_percent_must_be_described_with_a_history_and_60_without() -> None:
    """The shares of which the issue of a platform team's estate is made."""
    with_history, without = (
        len(least(_estate(name, 20_000), LIMITS).described) / 20_000 for name in SPEEDS
    )
    assert with_history == pytest.approx(0.13, abs=0.01)
    assert without == pytest.approx(0.6, abs=0.02)


def test_the_limits_are_those_of_the_shipped_settings() -> None:
    assert shipped_limits() == LIMITS


def test_list_calls_are_the_pages_that_there_are() -> None:
    estate = _estate(tables=4_000)
    pages = 0
    for catalog in estate.catalogs():
        for schema in estate.schemas(catalog["name"]):
            if schema["name"] == "information_schema" or catalog["name"] in ("system", "samples"):
                continue
            pages += -(-len(estate.tables(catalog["name"], schema["name"])) // 200)
    needed = least(estate, LIMITS)
    assert needed.list_calls == 1 + 4 + pages
    assert needed.reconciling_calls == 4
    assert needed.chain == 2 + 2, "the largest schema has more than one page, and fewer than three"


def test_a_table_is_near_a_limit_where_a_little_more_or_less_decides_otherwise() -> None:
    estate = _estate("B")
    i = _plain(estate)
    estate.facts.flags[i] = MANAGED
    name = ".".join(estate.parts_of(i))
    near = []
    for percent in (94, 96, 100, 104, 106):
        estate.facts.bytes[i] = percent * GIB // 100
        near.append(name in near_a_limit(estate, LIMITS, 0.05))
    assert near == [False, True, True, True, False]


def _leasts() -> Iterator[Least]:
    for described in (frozenset("abc"), frozenset(map(str, range(16_000)))):
        yield Least(
            list_calls=760,
            reconciling_calls=12,
            chain=4,
            metrics_statements=2,
            described=described,
        )


def test_the_bound_is_what_the_model_says_and_no_more() -> None:
    """A bound that is too high would let a slow collector pass."""
    few, many = (least_seconds(model(1), each, 100_000) for each in _leasts())
    listing = (760 - 30) / 30  # a burst of a second's worth, then 30 a second
    assert few == pytest.approx(max(listing, (760 * 1.0 + 100_000 * 0.001) / 20) + 2.05)
    assert many - few == pytest.approx((16_000 * 0.6 + 2 * 4) / 16 - 2)
    assert least_seconds(model(4), next(_leasts()), 100_000) == pytest.approx(few / 4)
