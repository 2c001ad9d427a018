"""Settings of a table that contradict each other: excluded and clustered, or two strategies.

One of the two is a mistake, and anyone who reads only the other acts on it.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import (
    each_liquid,
    each_size,
)
from tests.unit.scenarios.judging import Decide, lacking, message, reason
from tests.unit.scenarios.tables import (
    AUTO,
    AUTO_COMPACT,
    AUTO_OPTIMISED,
    EXCLUDED,
    OPTIMIZE_WRITE,
    Json,
    clustered_by,
    hidden,
    table,
)

pytestmark = pytest.mark.conflicting_settings

KEYS = clustered_by("city")

# Excluded, and clustered all the same


@each_liquid
@each_size
def test_a_table_is_not_excluded_and_clustered(
    no_exclusion_conflict: Decide, liquid: Json, size: Json
) -> None:
    """Whatever its size: a small one is misread as much."""
    decision = no_exclusion_conflict(table(properties=EXCLUDED | liquid, size=size))
    assert decision.outcome is Outcome.FAIL


def test_the_conflict_names_both_ways_out(no_exclusion_conflict: Decide) -> None:
    said = message(no_exclusion_conflict(table(properties=EXCLUDED | KEYS)))
    assert "ALTER TABLE main.sales.orders UNSET TBLPROPERTIES ('cluster_exclusion')" in said
    assert "ALTER TABLE main.sales.orders CLUSTER BY NONE" in said


def test_keys_in_the_details_alone_conflict_as_well(no_exclusion_conflict: Decide) -> None:
    document = table(properties=EXCLUDED, detail={"clustering_columns": ["city"]})
    assert no_exclusion_conflict(document).outcome is Outcome.FAIL


@each_liquid
def test_the_conflict_does_not_end_where_the_flag_is_not_honoured(
    no_exclusion_conflict: Decide, liquid: Json
) -> None:
    """The flag misleads anyone who reads it, honoured or not."""
    settings = {"honor_exclusion_flag": False}
    decision = no_exclusion_conflict(table(properties=EXCLUDED | liquid), settings=settings)
    assert decision.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "properties",
    [{}, AUTO_OPTIMISED, {"clusteringColumns": "[]"}, {"clusteringColumns": "city"}],
    ids=["nothing", "auto_optimise", "no_keys", "unreadable_keys"],
)
def test_the_flag_without_liquid_clustering_is_no_conflict(
    no_exclusion_conflict: Decide, properties: Json
) -> None:
    """Auto-optimise compacts files and clusters nothing."""
    decision = no_exclusion_conflict(table(properties=EXCLUDED | properties))
    assert reason(decision) == "It is excluded from clustering and has no liquid clustering."


@each_liquid
def test_without_the_flag_there_is_no_conflict(no_exclusion_conflict: Decide, liquid: Json) -> None:
    for off in ({}, {"cluster_exclusion": "false"}):
        decision = no_exclusion_conflict(table(properties=off | liquid))
        assert decision.outcome is Outcome.NOT_APPLICABLE


def test_the_flag_is_the_one_that_the_settings_name(no_exclusion_conflict: Decide) -> None:
    settings = {"exclusion_property": "no.cluster"}
    named = table(properties={"no.cluster": "true"} | AUTO)
    assert "the property no.cluster" in message(no_exclusion_conflict(named, settings=settings))
    other = no_exclusion_conflict(table(properties=EXCLUDED | AUTO), settings=settings)
    assert other.outcome is Outcome.NOT_APPLICABLE


def test_a_clustered_table_passes_although_its_flag_conflicts(strategy_required: Decide) -> None:
    """The conflict is named once, and the strategy is there."""
    assert strategy_required(table(properties=EXCLUDED | KEYS)).outcome is Outcome.PASS


# Two strategies at once


@each_liquid
def test_liquid_clustering_and_auto_optimise_are_one_too_many(
    single_strategy: Decide, liquid: Json
) -> None:
    decision = single_strategy(table(properties=liquid | AUTO_OPTIMISED))
    assert decision.outcome is Outcome.FAIL
    flags = "'delta.autoOptimize.autoCompact', 'delta.autoOptimize.optimizeWrite'"
    assert f"UNSET TBLPROPERTIES ({flags})" in message(decision)


def test_keys_and_auto_are_one_strategy(single_strategy: Decide) -> None:
    """The keys are those that Databricks chose."""
    assert reason(single_strategy(table(properties=KEYS | AUTO))) == "Its only strategy is liquid."


@pytest.mark.parametrize("flag", [OPTIMIZE_WRITE, AUTO_COMPACT], ids=["write", "compact"])
def test_one_flag_is_a_second_strategy_only_where_one_is_enough(
    single_strategy: Decide, flag: Json
) -> None:
    document = table(properties=KEYS | flag)
    assert single_strategy(document).outcome is Outcome.PASS
    either = single_strategy(document, settings={"require_both_auto_optimize_flags": False})
    assert f"UNSET TBLPROPERTIES ('{next(iter(flag))}')" in message(either)


def test_what_is_not_accepted_is_no_second_strategy(single_strategy: Decide) -> None:
    document = table(properties=KEYS | AUTO_OPTIMISED)
    decision = single_strategy(document, settings={"accept_auto_optimize": False})
    assert reason(decision) == "Its only strategy is liquid."


def test_one_strategy_is_right_and_none_is_no_matter(single_strategy: Decide) -> None:
    optimised = single_strategy(table(properties=AUTO_OPTIMISED))
    assert reason(optimised) == "Its only strategy is auto_optimize."
    for properties in ({}, EXCLUDED, OPTIMIZE_WRITE):
        decision = single_strategy(table(properties=properties))
        assert reason(decision) == "It has no clustering strategy."


def test_everything_at_once_is_two_conflicts(
    single_strategy: Decide, no_exclusion_conflict: Decide
) -> None:
    document = table(properties=EXCLUDED | AUTO | AUTO_OPTIMISED)
    assert single_strategy(document).outcome is Outcome.FAIL
    assert no_exclusion_conflict(document).outcome is Outcome.FAIL


def test_the_definition_of_a_materialized_view_is_changed(
    single_strategy: Decide, no_exclusion_conflict: Decide
) -> None:
    """ALTER TABLE would be undone by its next refresh."""
    view = table(table_type="MATERIALIZED_VIEW", properties=EXCLUDED | AUTO | AUTO_OPTIMISED)
    for decide in (single_strategy, no_exclusion_conflict):
        said = message(decide(view))
        assert "CREATE OR REPLACE MATERIALIZED VIEW main.sales.orders" in said
        assert "ALTER TABLE" not in said


def test_properties_that_nobody_read_leave_it_open(
    single_strategy: Decide, no_exclusion_conflict: Decide
) -> None:
    """Keys in the details tell of one strategy, and of a second one nothing."""
    told = hidden(detail={"clustering_columns": ["city"]})
    assert lacking(single_strategy(told)) == {"properties"}
    assert lacking(no_exclusion_conflict(told)) == {"properties"}
