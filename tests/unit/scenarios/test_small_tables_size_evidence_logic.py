"""Small tables whose size is in doubt: what nobody knows exempts no table.

In Rego null is less than any number, and metrics are a day old: a careless comparison would exempt
the largest table there is.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from lakewarden.model.decision import Missing, Outcome
from tests.unit.scenarios.cases import LIQUID, Case, case, cases
from tests.unit.scenarios.judging import Decide, Refused, brief, lacking
from tests.unit.scenarios.tables import (
    AUTO_OPTIMISED,
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
NOT_SIZES: tuple[object, ...] = (None, True, "", "5", [], {})
TOO_LARGE = (2**63, 2**64, 10**30)
NO_WAREHOUSE = unread("size", "not_requested", "no SQL warehouse was named")

PLANNED: Json = {"definition": {"tool": "dbt", "file": "models/orders.sql", "line": 3}}

# Unknown sizes, and values that aren't sizes


@cases(
    not_collected=case(table(size={}), "unknown: size"),
    only_in_the_details=case(table(size={}, detail={"size_in_bytes": 1}), "unknown: size"),
    null=case(table(size=None), "unknown: size", checked=False),
    as_large_as_64_bits=case(table(size=exactly(2**63 - 1)), "fail"),
    no_warehouse=case(table(size={}, evidence=NO_WAREHOUSE), "unknown: size"),
    no_warehouse_in_a_test_schema=case(
        table(schema=TEST_SCHEMA, size={}, evidence=NO_WAREHOUSE), "unknown: size"
    ),
    no_warehouse_and_excluded=case(
        table(size={}, evidence=NO_WAREHOUSE, properties=EXCLUDED), "exempt: flag"
    ),
)
def test_a_table_of_unknown_size_is_not_small(strategy_required: Decide, case: Case) -> None:
    assert case.by(strategy_required) == case.output


@cases(
    by_default=case(table(size={}, **PLANNED), "fail"),
    as_small=case(table(size={}, **PLANNED), "exempt: rule", planned_tables_count_as="small"),
    as_neither=case(table(size={}, **PLANNED), "unknown: size", planned_tables_count_as="unknown"),
    excluded=case(table(size={}, properties=EXCLUDED, **PLANNED), "exempt: flag"),
    of_known_size=case(table(size=exactly(GIB - 1), **PLANNED), "exempt: rule"),
    of_doubtful_size=case(table(size=about(GIB), **PLANNED), "unknown: size"),
    large_whatever_is_assumed=case(
        table(size=exactly(GIB), **PLANNED), "fail", planned_tables_count_as="small"
    ),
    not_planned=case(table(size={}), "unknown: size", planned_tables_count_as="small"),
)
def test_a_planned_table_without_a_size_counts_as_the_settings_say(
    strategy_required: Decide, case: Case
) -> None:
    assert case.by(strategy_required) == case.output


def test_an_invalid_size_is_refused_before_it_is_decided(strategy_required: Decide) -> None:
    for value in (*NOT_SIZES, False, 1.5, -1, *TOO_LARGE):
        with pytest.raises(Refused, match=r"\$\.size\.bytes"):
            strategy_required(table(size={"bytes": value, "exact": True}))
    with pytest.raises(Refused, match=r"at `\$\.size`"):
        strategy_required(table(size=None))
    with pytest.raises(Refused):
        strategy_required(table(size=about(1) | {"as_of": "yesterday"}))


@pytest.mark.parametrize("exact", [{"exact": True}, {"as_of": ago(MOMENT)}], ids=["exact", "dated"])
def test_should_it_come_through_all_the_same_it_is_not_small(
    strategy_required: Decide, exact: dict[str, object]
) -> None:
    """In Rego null and false are below every number, and text above it."""
    for value in (*NOT_SIZES, False):
        document = table(size={"bytes": value} | exact)
        assert brief(strategy_required(document, checked=False)) == "unknown: size", value
    for value in TOO_LARGE:  # a count that wraps around would be negative, and small
        decision = strategy_required(table(size={"bytes": value} | exact), checked=False)
        assert decision.outcome in {Outcome.FAIL, Outcome.ERROR}, value


# No warehouse: nobody can ask for the size


def test_without_a_warehouse_the_report_says_why_it_cannot_tell(strategy_required: Decide) -> None:
    assert strategy_required(table(size={})).missing == (
        Missing(kind="size", status="not_requested"),
    )
    for status in ("not_requested", "denied", "failed", "unsupported"):
        evidence = unread("size", status, "no SQL warehouse was named")
        output = Missing(kind="size", status=status, reason="no SQL warehouse was named")
        assert strategy_required(table(size={}, evidence=evidence)).missing == (output,)


def test_without_a_warehouse_a_clustered_table_passes(strategy_required: Decide) -> None:
    for strategy in (*LIQUID, AUTO_OPTIMISED):
        document = table(size={}, evidence=NO_WAREHOUSE, properties=strategy)
        assert strategy_required(document).outcome is Outcome.PASS


def test_a_waiver_for_an_undecided_table_keeps_what_is_missing(strategy_required: Decide) -> None:
    waived = [waiver("clustering.strategy_required")]
    decision = strategy_required(table(size={}, evidence=NO_WAREHOUSE), waivers=waived)
    assert (decision.outcome, decision.would_be) == (Outcome.EXEMPT, Outcome.UNKNOWN)
    assert lacking(decision) == {"size"}


# Sizes that are not exact: the guard band, from half of the threshold to twice as much


@cases(
    below_the_band=case(table(size=about(GIB // 2 - 1)), "exempt: rule"),
    at_its_lower_edge=case(table(size=about(GIB // 2)), "unknown: size"),
    just_below_the_threshold=case(table(size=about(GIB - 1)), "unknown: size"),
    at_its_upper_edge=case(table(size=about(2 * GIB)), "unknown: size"),
    above_the_band=case(table(size=about(2 * GIB + 1)), "fail"),
    test_table_below=case(table(schema=TEST_SCHEMA, size=about(MIB // 2 - 1)), "exempt: rule"),
    test_table_above=case(table(schema=TEST_SCHEMA, size=about(2 * MIB + 1)), "fail"),
    exact=case(table(size=exactly(GIB - 1)), "exempt: rule"),
    not_said_to_be_exact=case(table(size=without(about(GIB - 1), "exact")), "unknown: size"),
)
def test_a_size_of_yesterday_decides_strictly_outside_the_band(
    strategy_required: Decide, case: Case
) -> None:
    assert case.by(strategy_required) == case.output


def test_a_size_that_may_not_decide_says_so(strategy_required: Decide) -> None:
    """Anyone who sees 700 MiB in the report would else ask why that is unknown."""
    [missing] = strategy_required(table(size=about(700 * MIB))).missing
    assert (missing.kind, missing.status) == ("size", "inconclusive")
    assert "isn't exact, and it is undated, too old or too close to a limit" in missing.reason


# The age of sizes that are not exact


@cases(
    new=case(table(size=about(1, old=timedelta(0))), "exempt: rule"),
    of_seven_days=case(table(size=about(1, old=WEEK)), "exempt: rule"),
    older=case(table(size=about(1, old=WEEK + MOMENT)), "unknown: size"),
    older_and_large=case(table(size=about(100 * GIB, old=WEEK + MOMENT)), "unknown: size"),
    undated=case(table(size=without(about(1), "as_of")), "unknown: size"),
    of_tomorrow=case(table(size=about(1, old=-MOMENT)), "unknown: size", checked=False),
    in_a_replay_a_year_later=case(
        table(size=about(1)), "unknown: size", now="2027-11-23T05:10:00Z"
    ),
    older_than_half_a_day=case(
        table(size=about(1, old=timedelta(hours=12) + MOMENT)),
        "unknown: size",
        max_size_age_days=0.5,
    ),
    exact_and_old=case(table(size=exactly(GIB - 1) | {"as_of": ago(60 * WEEK)}), "exempt: rule"),
)
def test_an_inexact_size_decides_up_to_seven_days_by_the_clock_of_the_run(
    strategy_required: Decide, case: Case
) -> None:
    """The table may have grown, or been emptied, since."""
    assert case.by(strategy_required) == case.output
