"""Small tables and the other reasons: clustering comes first, then the flag, then the size.

Anyone who reads why a table is excused acts on it; the wrong reason sends them to the wrong place.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import (
    each_idle_waiver,
    each_size,
    each_spelling_of_off,
    each_spelling_of_on,
    each_strategy,
)
from tests.unit.scenarios.judging import Decide, excused_as_small, exemptions, lacking
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
    OPTIMIZE_WRITE,
    Json,
    exactly,
    hidden,
    table,
    waiver,
    without,
)

pytestmark = pytest.mark.small_tables_auto_exemption

SMALL = exactly(GIB - 1)
LARGE = exactly(2 * GIB)
POLICY = "clustering.strategy_required"


# Clustering comes before the flag, and the flag before the size


@each_size
@pytest.mark.parametrize("flag", [{}, EXCLUDED], ids=["", "excluded"])
@each_strategy
def test_a_clustered_table_passes_and_needs_no_exemption(
    strategy_required: Decide, strategy: Json, flag: Json, size: Json
) -> None:
    """A report that counted it among the exempt would hide that the owner did the work."""
    document = table(properties=strategy | flag, size=size)
    assert strategy_required(document).outcome is Outcome.PASS


def test_half_a_strategy_does_not_keep_a_small_table_from_its_exemption(
    strategy_required: Decide,
) -> None:
    assert excused_as_small(strategy_required(table(properties=OPTIMIZE_WRITE, size=SMALL)))


@pytest.mark.parametrize(
    "size", [LARGE, {}, {"bytes": 2 * GIB}], ids=["large", "unknown", "inexact"]
)
def test_the_flag_exempts_whatever_the_size(strategy_required: Decide, size: Json) -> None:
    decision = strategy_required(table(properties=EXCLUDED, size=size))
    assert (decision.outcome, exemptions(decision)) == (Outcome.EXEMPT, {"flag"})


def test_a_small_table_with_the_flag_names_both_reasons(strategy_required: Decide) -> None:
    """It stays excused when it grows, and anyone who reads the report can tell."""
    decision = strategy_required(table(properties=EXCLUDED, size=SMALL))
    assert exemptions(decision) == {"flag", "rule"}


def test_a_flag_that_is_not_honoured_leaves_it_to_the_size(strategy_required: Decide) -> None:
    settings = {"honor_exclusion_flag": False}
    small = strategy_required(table(properties=EXCLUDED, size=SMALL), settings=settings)
    assert excused_as_small(small)
    large = strategy_required(table(properties=EXCLUDED, size=LARGE), settings=settings)
    assert large.outcome is Outcome.FAIL
    unsized = strategy_required(table(properties=EXCLUDED, size={}), settings=settings)
    assert lacking(unsized) == {"size"}


@each_spelling_of_on
def test_the_flag_is_true_in_any_case(strategy_required: Decide, value: str) -> None:
    document = table(properties={"cluster_exclusion": value}, size=LARGE)
    assert exemptions(strategy_required(document)) == {"flag"}


@each_spelling_of_off
def test_any_other_value_is_no_flag(strategy_required: Decide, value: str) -> None:
    document = table(properties={"cluster_exclusion": value}, size=LARGE)
    assert strategy_required(document).outcome is Outcome.FAIL


@pytest.mark.parametrize("key", ["Cluster_Exclusion", "cluster-exclusion", " cluster_exclusion"])
def test_a_property_of_nearly_that_name_is_no_flag(strategy_required: Decide, key: str) -> None:
    """Databricks compares the keys of properties with their case."""
    assert strategy_required(table(properties={key: "true"})).outcome is Outcome.FAIL


def test_a_tag_of_that_name_is_no_flag(strategy_required: Decide) -> None:
    assert strategy_required(table(tags=EXCLUDED)).outcome is Outcome.FAIL


def test_the_flag_may_have_another_name(strategy_required: Decide) -> None:
    settings = {"exclusion_property": "no.clustering"}
    named = strategy_required(table(properties={"no.clustering": "true"}), settings=settings)
    assert exemptions(named) == {"flag"}
    assert strategy_required(table(properties=EXCLUDED), settings=settings).outcome is Outcome.FAIL


# Waivers come last


def test_a_waiver_exempts_a_table_that_is_not_small(strategy_required: Decide) -> None:
    decision = strategy_required(table(size=LARGE), waivers=[waiver(POLICY)])
    assert (decision.outcome, decision.would_be) == (Outcome.EXEMPT, Outcome.FAIL)
    assert exemptions(decision) == {"waiver"}


def test_a_waiver_does_not_stand_in_for_the_size(strategy_required: Decide) -> None:
    """A small table is excused by its size, waiver or not: then the waiver is seen to be idle."""
    assert excused_as_small(strategy_required(table(size=SMALL), waivers=[waiver(POLICY)]))


@each_idle_waiver
def test_a_waiver_that_does_not_hold_exempts_nothing(
    strategy_required: Decide, other: dict[str, str]
) -> None:
    decision = strategy_required(
        table(size=LARGE), waivers=[waiver(**({"policy": POLICY} | other))]
    )
    assert decision.outcome is Outcome.FAIL


# What must be known before the size


def test_what_is_not_a_table_needs_no_exemption(strategy_required: Decide) -> None:
    view = table(table_type="VIEW", size=SMALL, properties=EXCLUDED)
    assert strategy_required(view).outcome is Outcome.NOT_APPLICABLE


def test_a_small_table_of_unknown_type_is_not_exempt(strategy_required: Decide) -> None:
    decision = strategy_required(without(table(size=SMALL), "table_type"))
    assert lacking(decision) == {"table_type"}


def test_a_small_table_whose_properties_nobody_read_is_not_exempt(
    strategy_required: Decide,
) -> None:
    """It may be clustered: what the report says of it must not depend on who was asked."""
    assert lacking(strategy_required(hidden(size=SMALL))) == {"properties"}
