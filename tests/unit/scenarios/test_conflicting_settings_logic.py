"""Settings of a table that contradict each other: excluded and clustered, or two strategies.

One of the two is a mistake, and anyone who reads only the other acts on it.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import ANY_SIZE, LIQUID, Case, case, cases
from tests.unit.scenarios.judging import Decide, advice, reason
from tests.unit.scenarios.tables import (
    AUTO,
    AUTO_COMPACT,
    AUTO_OPTIMISED,
    EXCLUDED,
    OPTIMIZE_WRITE,
    clustered_by,
    hidden,
    table,
)

pytestmark = pytest.mark.conflicting_settings

KEYS = clustered_by("city")
IN_DETAILS = {"clustering_columns": ["city"]}

# Excluded, and clustered all the same


def test_a_table_is_not_excluded_and_clustered(no_exclusion_conflict: Decide) -> None:
    """Whatever its size, honoured or not: the flag misleads anyone who reads it."""
    for liquid in LIQUID:
        for size in ANY_SIZE:
            document = table(properties=EXCLUDED | liquid, size=size)
            for honoured in (True, False):
                settings = {"honor_exclusion_flag": honoured}
                decision = no_exclusion_conflict(document, settings=settings)
                assert decision.outcome is Outcome.FAIL


def test_the_conflict_names_both_ways_out(no_exclusion_conflict: Decide) -> None:
    output = advice(no_exclusion_conflict(table(properties=EXCLUDED | KEYS)))
    assert "ALTER TABLE main.sales.orders UNSET TBLPROPERTIES ('cluster_exclusion')" in output
    assert "ALTER TABLE main.sales.orders CLUSTER BY NONE" in output


@cases(
    keys_in_the_details=case(table(properties=EXCLUDED, detail=IN_DETAILS), "fail"),
    excluded_alone=case(table(properties=EXCLUDED), "pass"),
    excluded_and_auto_optimised=case(table(properties=EXCLUDED | AUTO_OPTIMISED), "pass"),
    clustered_alone=case(table(properties=KEYS), "not_applicable"),
    flag_that_is_off=case(
        table(properties=KEYS | {"cluster_exclusion": "false"}), "not_applicable"
    ),
    flag_that_the_settings_name=case(
        table(properties={"no.cluster": "true"} | AUTO), "fail", exclusion_property="no.cluster"
    ),
    properties_that_nobody_read=case(hidden(detail=IN_DETAILS), "unknown: properties"),
)
def test_without_flag_or_clustering_there_is_no_conflict(
    no_exclusion_conflict: Decide, case: Case
) -> None:
    """Auto-optimise compacts files and clusters nothing."""
    assert case.by(no_exclusion_conflict) == case.output


# Two strategies at once


@cases(
    keys_and_auto_optimise=case(table(properties=KEYS | AUTO_OPTIMISED), "fail"),
    auto_and_auto_optimise=case(table(properties=AUTO | AUTO_OPTIMISED), "fail"),
    keys_that_databricks_chose=case(table(properties=KEYS | AUTO), "pass"),
    keys_and_half_of_auto_optimise=case(table(properties=KEYS | OPTIMIZE_WRITE), "pass"),
    keys_and_half_where_that_is_enough=case(
        table(properties=KEYS | AUTO_COMPACT), "fail", require_both_auto_optimize_flags=False
    ),
    keys_and_what_is_not_accepted=case(
        table(properties=KEYS | AUTO_OPTIMISED), "pass", accept_auto_optimize=False
    ),
    auto_optimise_alone=case(table(properties=AUTO_OPTIMISED), "pass"),
    nothing=case(table(), "not_applicable"),
    properties_that_nobody_read=case(hidden(detail=IN_DETAILS), "unknown: properties"),
)
def test_a_table_has_one_strategy_or_none(single_strategy: Decide, case: Case) -> None:
    assert case.by(single_strategy) == case.output


def test_the_owner_is_told_which_strategy_to_keep(single_strategy: Decide) -> None:
    flags = "'delta.autoOptimize.autoCompact', 'delta.autoOptimize.optimizeWrite'"
    both = advice(single_strategy(table(properties=KEYS | AUTO_OPTIMISED)))
    assert f"UNSET TBLPROPERTIES ({flags})" in both
    half = single_strategy(
        table(properties=KEYS | AUTO_COMPACT), settings={"require_both_auto_optimize_flags": False}
    )
    assert "UNSET TBLPROPERTIES ('delta.autoOptimize.autoCompact')" in advice(half)
    assert reason(single_strategy(table(properties=KEYS))) == "Its only strategy is liquid."


def test_everything_at_once_is_two_conflicts_and_a_strategy(
    single_strategy: Decide, no_exclusion_conflict: Decide, strategy_required: Decide
) -> None:
    """Each conflict is named once, and the strategy is there."""
    everything = case(table(properties=EXCLUDED | AUTO | AUTO_OPTIMISED), "fail | fail | pass")
    output = everything.by(single_strategy, no_exclusion_conflict, strategy_required)
    assert output == everything.output


def test_the_definition_of_a_materialized_view_is_changed(
    single_strategy: Decide, no_exclusion_conflict: Decide
) -> None:
    """ALTER TABLE would be undone by its next refresh."""
    view = table(table_type="MATERIALIZED_VIEW", properties=EXCLUDED | AUTO | AUTO_OPTIMISED)
    for decide in (single_strategy, no_exclusion_conflict):
        output = advice(decide(view))
        assert "CREATE OR REPLACE MATERIALIZED VIEW main.sales.orders" in output
        assert "ALTER TABLE" not in output
