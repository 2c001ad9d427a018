"""Small tables whose size is in doubt: what nobody knows excuses no table.

In Rego null is less than any number, and metrics are a day old: a careless comparison would excuse
the largest table there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lakewarden.model.decision import Missing, Outcome
from tests.unit.scenarios.cases import (
    each_strategy,
)
from tests.unit.scenarios.judging import Decide, Refused, excused_as_small, exemptions, lacking
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
    MIB,
    Json,
    about,
    ago,
    exactly,
    table,
    unread,
    waiver,
    without,
)

pytestmark = pytest.mark.small_tables_auto_exemption

TEST_SCHEMA = "pytest_test_data"
WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)

# Unknown sizes, and values that aren't sizes


def test_a_table_of_unknown_size_is_undecided_and_says_so(strategy_required: Decide) -> None:
    decision = strategy_required(table(size={}))
    assert decision.outcome is Outcome.UNKNOWN
    assert decision.missing == (Missing(kind="size", status="not_requested"),)


def test_a_number_of_files_is_no_size(strategy_required: Decide) -> None:
    decision = strategy_required(table(size={"files": 1, "exact": True}))
    assert lacking(decision) == {"size"}


def test_the_size_in_the_details_is_not_taken_for_the_size(strategy_required: Decide) -> None:
    """Nobody says whether it is that of the current version."""
    assert lacking(strategy_required(table(size={}, detail={"size_in_bytes": 1}))) == {"size"}


@pytest.mark.parametrize("value", [None, True, "5", 1.5, -1, [], {}], ids=repr)
def test_what_is_no_size_is_refused_before_it_is_decided(
    strategy_required: Decide, value: object
) -> None:
    with pytest.raises(Refused, match=r"at `\$\.size\.bytes`"):
        strategy_required(table(size={"bytes": value, "exact": True}))


@pytest.mark.parametrize("size", [None, [], 0], ids=repr)
def test_a_size_that_is_no_object_is_refused(strategy_required: Decide, size: object) -> None:
    with pytest.raises(Refused, match=r"at `\$\.size`"):
        strategy_required(table(size=size))


@pytest.mark.parametrize("value", [None, True, False, "", "5", [], {}], ids=repr)
@pytest.mark.parametrize("exact", [{"exact": True}, {"as_of": ago(MOMENT)}], ids=["exact", "dated"])
def test_should_it_come_through_all_the_same_it_is_not_small(
    strategy_required: Decide, value: object, exact: Json
) -> None:
    """In Rego null and false are below every number, and text above it."""
    document = table(size={"bytes": value} | exact)
    assert lacking(strategy_required(document, checked=False)) == {"size"}


def test_should_no_size_come_through_as_null_it_is_not_small(strategy_required: Decide) -> None:
    assert lacking(strategy_required(table(size=None), checked=False)) == {"size"}


def test_a_size_that_fills_64_bits_is_large(strategy_required: Decide) -> None:
    """A count that wraps around would make it negative, and small."""
    assert strategy_required(table(size=exactly(2**63 - 1))).outcome is Outcome.FAIL


@pytest.mark.parametrize("size", [2**63, 2**64, 10**30], ids=["2**63", "2**64", "10**30"])
@pytest.mark.parametrize("known", [exactly, about])
def test_a_size_beyond_64_bits_never_exempts(
    strategy_required: Decide, size: int, known: Callable[[int], Json]
) -> None:
    """No table is so large, so its document is refused, and should it come through, it fails."""
    with pytest.raises(Refused, match=r"\$\.size\.bytes"):
        strategy_required(table(size=known(size)))
    decision = strategy_required(table(size=known(size)), checked=False)
    assert decision.outcome in {Outcome.FAIL, Outcome.ERROR}
    assert decision.violations or decision.reasons


# No warehouse: nobody can ask for the size


@pytest.mark.parametrize("status", ["not_requested", "denied", "failed", "unsupported"])
def test_without_a_warehouse_the_report_says_why_it_cannot_tell(
    strategy_required: Decide, status: str
) -> None:
    absent = unread("size", status, "no SQL warehouse was named")
    decision = strategy_required(table(size={}, evidence=absent))
    said = Missing(kind="size", status=status, reason="no SQL warehouse was named")
    assert (decision.outcome, decision.missing) == (Outcome.UNKNOWN, (said,))


def test_without_a_warehouse_only_the_flag_exempts(strategy_required: Decide) -> None:
    evidence = unread("size", "not_requested", "no SQL warehouse was named")
    flagged = table(size={}, evidence=evidence, properties=EXCLUDED)
    assert exemptions(strategy_required(flagged)) == {"flag"}
    for schema in ("sales", TEST_SCHEMA):
        plain = table(schema=schema, size={}, evidence=evidence)
        assert strategy_required(plain).outcome is Outcome.UNKNOWN


@each_strategy
def test_without_a_warehouse_a_clustered_table_passes(
    strategy_required: Decide, strategy: Json
) -> None:
    document = table(size={}, evidence=unread("size", "failed"), properties=strategy)
    assert strategy_required(document).outcome is Outcome.PASS


def test_a_waiver_for_an_undecided_table_keeps_what_is_missing(strategy_required: Decide) -> None:
    waived = [waiver("clustering.strategy_required")]
    decision = strategy_required(table(size={}, evidence=unread("size")), waivers=waived)
    assert (decision.outcome, decision.would_be) == (Outcome.EXEMPT, Outcome.UNKNOWN)
    assert lacking(decision) == {"size"}


# Sizes that are not exact: the guard band, from half of the threshold to twice as much


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        (0, Outcome.EXEMPT),
        (GIB // 2 - 1, Outcome.EXEMPT),
        (GIB // 2, Outcome.UNKNOWN),
        (GIB // 2 + 1, Outcome.UNKNOWN),
        (GIB - 1, Outcome.UNKNOWN),
        (GIB, Outcome.UNKNOWN),
        (2 * GIB - 1, Outcome.UNKNOWN),
        (2 * GIB, Outcome.UNKNOWN),
        (2 * GIB + 1, Outcome.FAIL),
    ],
)
def test_a_size_of_yesterday_decides_strictly_outside_the_band(
    strategy_required: Decide, size: int, outcome: Outcome
) -> None:
    assert strategy_required(table(size=about(size))).outcome is outcome


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        (MIB // 2 - 1, Outcome.EXEMPT),
        (MIB // 2, Outcome.UNKNOWN),
        (2 * MIB, Outcome.UNKNOWN),
        (2 * MIB + 1, Outcome.FAIL),
    ],
)
def test_the_band_of_a_test_table_is_around_its_own_threshold(
    strategy_required: Decide, size: int, outcome: Outcome
) -> None:
    document = table(schema=TEST_SCHEMA, size=about(size))
    assert strategy_required(document).outcome is outcome


@pytest.mark.parametrize(
    ("band", "limit", "size", "outcome"),
    [
        ([1, 1], GIB, GIB - 1, Outcome.EXEMPT),
        ([1, 1], GIB, GIB, Outcome.UNKNOWN),
        ([1, 1], GIB, GIB + 1, Outcome.FAIL),
        ([0, 2], GIB, 0, Outcome.UNKNOWN),
        ([0.9, 1.1], 1000, 899, Outcome.EXEMPT),
        ([0.9, 1.1], 1000, 900, Outcome.UNKNOWN),
        ([0.9, 1.1], 1000, 1100, Outcome.UNKNOWN),
        ([0.9, 1.1], 1000, 1101, Outcome.FAIL),
    ],
)
def test_a_band_of_ones_own_is_exact_to_the_byte(
    strategy_required: Decide, band: list[float], limit: int, size: int, outcome: Outcome
) -> None:
    """0.9 and 1.1 have no exact binary fractions; whole numbers are compared."""
    settings = {"inexact_size_guard": band, "size_threshold_bytes": limit}
    assert strategy_required(table(size=about(size)), settings=settings).outcome is outcome


def test_with_a_threshold_of_0_an_empty_table_stays_undecided(strategy_required: Decide) -> None:
    settings = {"size_threshold_bytes": 0}
    empty = strategy_required(table(size=about(0)), settings=settings)
    other = strategy_required(table(size=about(1)), settings=settings)
    assert (empty.outcome, other.outcome) == (Outcome.UNKNOWN, Outcome.FAIL)


def test_an_exact_size_decides_inside_the_band(strategy_required: Decide) -> None:
    assert excused_as_small(strategy_required(table(size=exactly(GIB - 1))))


def test_a_size_that_does_not_say_it_is_exact_is_not(strategy_required: Decide) -> None:
    size = without(exactly(GIB - 1), "exact") | {"as_of": ago(MOMENT)}
    assert lacking(strategy_required(table(size=size))) == {"size"}


def test_a_size_that_may_not_decide_says_so(strategy_required: Decide) -> None:
    """Anyone who sees 700 MiB in the report would else ask why that is unknown."""
    [missing] = strategy_required(table(size=about(700 * MIB))).missing
    assert (missing.kind, missing.status) == ("size", "inconclusive")
    assert "isn't exact, and it is undated, too old or too close to a limit" in missing.reason


# The age of sizes that are not exact


@pytest.mark.parametrize("age", [timedelta(0), WEEK - MOMENT, WEEK], ids=str)
def test_a_size_of_up_to_seven_days_decides(strategy_required: Decide, age: timedelta) -> None:
    assert excused_as_small(strategy_required(table(size=about(1, old=age))))


@pytest.mark.parametrize("age", [WEEK + MOMENT, 60 * WEEK], ids=str)
@pytest.mark.parametrize("size", [1, 100 * GIB], ids=["small", "large"])
def test_an_older_one_does_not(strategy_required: Decide, age: timedelta, size: int) -> None:
    """The table may have grown, or been emptied, since."""
    assert lacking(strategy_required(table(size=about(size, old=age)))) == {"size"}


def test_an_undated_size_decides_nothing(strategy_required: Decide) -> None:
    size = without(about(1), "as_of")
    assert lacking(strategy_required(table(size=size))) == {"size"}


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), WEEK], ids=str)
def test_a_size_dated_after_the_clock_decides_nothing(
    strategy_required: Decide, ahead: timedelta
) -> None:
    """It would never grow old; so too in a run that is replayed with an earlier clock."""
    size = about(1, old=-ahead)
    assert lacking(strategy_required(table(size=size), checked=False)) == {"size"}


@pytest.mark.parametrize(("days", "age"), [(0, timedelta(0)), (0.5, timedelta(hours=12))], ids=str)
def test_the_age_that_is_allowed_is_a_setting(
    strategy_required: Decide, days: float, age: timedelta
) -> None:
    settings = {"max_size_age_days": days}
    young = strategy_required(table(size=about(1, old=age)), settings=settings)
    assert excused_as_small(young)
    old = strategy_required(table(size=about(1, old=age + MOMENT)), settings=settings)
    assert lacking(old) == {"size"}


def test_the_clock_is_that_of_the_run(strategy_required: Decide) -> None:
    """A replay must find what the run found, whenever it is made."""
    document = table(size=about(1))
    assert excused_as_small(strategy_required(document))
    assert lacking(strategy_required(document, now="2027-11-23T05:10:00Z")) == {"size"}


def test_an_exact_size_decides_at_any_age(strategy_required: Decide) -> None:
    size = exactly(GIB - 1) | {"as_of": ago(60 * WEEK)}
    assert excused_as_small(strategy_required(table(size=size)))


@pytest.mark.parametrize("as_of", ["yesterday", "2026-11-23", "2026-02-30T00:00:00Z", None])
def test_a_date_that_is_none_is_refused(strategy_required: Decide, as_of: str | None) -> None:
    with pytest.raises(Refused):
        strategy_required(table(size=about(1) | {"as_of": as_of}))
