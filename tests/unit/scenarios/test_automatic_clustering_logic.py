"""CLUSTER BY AUTO: a strategy, and one that does nothing where Databricks chooses no keys.

An owner who believes in it and gets nothing has a slow table and no reason to look again.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Enforcement, Outcome
from tests.unit.scenarios.cases import ANY_SIZE, OFF, ON, Case, case, cases
from tests.unit.scenarios.judging import Decide, Judge, actual, advice, message
from tests.unit.scenarios.tables import (
    AUTO,
    OPTIMIZED,
    UNOPTIMIZED,
    Json,
    clustered_by,
    hidden,
    table,
)

pytestmark = pytest.mark.automatic_clustering

OPEN_TO_AUTO = ("MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE")
KEYED = AUTO | clustered_by("city")


def auto(optimization: Json, properties: Json = AUTO, **fields: object) -> Json:
    """Return a table with CLUSTER BY AUTO, and what is known of predictive optimization."""
    return table(properties=properties, predictive_optimization=optimization) | fields


@pytest.mark.parametrize("table_type", OPEN_TO_AUTO)
def test_databricks_may_choose_the_keys(
    strategy_required: Decide, auto_possible: Decide, table_type: str
) -> None:
    """Where it chooses none the table looks clustered, and no file of it ever was."""
    for document, outcome in (
        (auto(OPTIMIZED, table_type=table_type), Outcome.PASS),
        (auto(UNOPTIMIZED, table_type=table_type), Outcome.FAIL),
        (auto(UNOPTIMIZED, KEYED, table_type=table_type), Outcome.PASS),
    ):
        assert strategy_required(document).outcome is outcome
        assert auto_possible(document).outcome is outcome


@cases(
    unknown_optimization=case(auto({}), "pass | unknown: predictive_optimization"),
    external=case(auto(OPTIMIZED, table_type="EXTERNAL"), "fail | fail"),
    keys_that_databricks_chose=case(auto({}, KEYED), "pass | pass"),
    without=case(table(), "fail | not_applicable"),
    keys_alone=case(table(properties=clustered_by("city")), "pass | not_applicable"),
    view=case(table(table_type="VIEW", properties=AUTO), "not_applicable | not_applicable"),
    properties_that_nobody_read=case(hidden(), "unknown: properties | unknown: properties"),
)
def test_the_strategy_counts_and_the_advice_is_against_what_does_nothing(
    strategy_required: Decide, auto_possible: Decide, case: Case
) -> None:
    assert case.by(strategy_required, auto_possible) == case.output


def test_the_advice_says_why_nothing_is_chosen_and_what_to_do(auto_possible: Decide) -> None:
    off = message(auto_possible(auto({"enabled": False, "inherited_from": "CATALOG main"})))
    assert "predictive optimization is off (inherited from CATALOG main)" in off
    decision = auto_possible(auto({}, table_type="EXTERNAL"))
    assert actual(decision) == {"EXTERNAL"}
    assert "ALTER TABLE main.sales.orders CLUSTER BY (<key columns>)" in advice(decision)
    assert "CLUSTER BY AUTO isn't available for external tables" in advice(decision)


def test_the_advice_ends_no_build(judge: Judge) -> None:
    [policy] = judge.rules(["clustering.auto_possible"]).policies
    assert policy.enforcement is Enforcement.ADVISORY


def test_with_auto_nobody_asks_for_the_size(strategy_required: Decide) -> None:
    for size in ANY_SIZE:
        assert strategy_required(table(properties=AUTO, size=size)).outcome is Outcome.PASS


def test_auto_is_on_in_any_case_and_off_otherwise(
    strategy_required: Decide, auto_possible: Decide
) -> None:
    expected = dict.fromkeys(ON, "pass | pass") | dict.fromkeys(OFF, "fail | not_applicable")
    found = {
        value: case(auto(OPTIMIZED, {"clusterByAuto": value}), "").by(
            strategy_required, auto_possible
        )
        for value in expected
    }
    assert found == expected


def test_auto_that_has_chosen_no_key_yet_has_no_key_to_check(
    keys_exist: Decide, key_limit: Decide
) -> None:
    document = auto(OPTIMIZED, AUTO | {"clusteringColumns": "[]"})
    assert keys_exist(document).outcome is Outcome.NOT_APPLICABLE
    assert key_limit(document).outcome is Outcome.NOT_APPLICABLE


def test_what_is_advised_to_a_large_table_depends_on_its_kind(strategy_required: Decide) -> None:
    """Advice that Databricks refuses is worse than none."""
    managed = advice(strategy_required(table()))
    assert "ALTER TABLE main.sales.orders CLUSTER BY AUTO" in managed
    assert "ALTER TABLE main.sales.orders CLUSTER BY (<key columns>)" in managed
    external = advice(strategy_required(table(table_type="EXTERNAL")))
    assert "CLUSTER BY AUTO isn't available for external tables" in external
    iceberg = advice(strategy_required(table(data_source_format="ICEBERG")))
    assert "CLUSTER BY AUTO requires Iceberg version 3" in iceberg
    streaming = advice(strategy_required(table(table_type="STREAMING_TABLE")))
    assert "CREATE OR REFRESH STREAMING TABLE main.sales.orders" in streaming
    assert "ALTER TABLE" not in streaming
