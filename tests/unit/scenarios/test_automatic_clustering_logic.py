"""CLUSTER BY AUTO: a strategy, and one that does nothing where Databricks chooses no keys.

An owner who believes in it and gets nothing has a slow table and no reason to look again.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Enforcement, Outcome
from tests.unit.scenarios.cases import (
    each_size,
    each_spelling_of_off,
    each_spelling_of_on,
)
from tests.unit.scenarios.judging import Decide, Judge, actual, lacking, message, reason
from tests.unit.scenarios.tables import (
    AUTO,
    AUTO_OPTIMISED,
    EXCLUDED,
    OPTIMIZED,
    Json,
    clustered_by,
    hidden,
    table,
)

pytestmark = pytest.mark.automatic_clustering

OPEN_TO_AUTO = ("MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE")


@pytest.mark.parametrize("table_type", OPEN_TO_AUTO)
def test_databricks_may_choose_the_keys(
    strategy_required: Decide, auto_possible: Decide, table_type: str
) -> None:
    document = table(table_type=table_type, properties=AUTO, predictive_optimization=OPTIMIZED)
    assert reason(strategy_required(document)) == "It has liquid clustering."
    assert reason(auto_possible(document)) == (
        f"Databricks can choose keys for a table of type {table_type}."
    )


def test_of_an_external_table_it_chooses_none(
    strategy_required: Decide, auto_possible: Decide
) -> None:
    """So nothing clusters it, and the advice against it names what to do instead."""
    document = table(table_type="EXTERNAL", properties=AUTO)
    assert strategy_required(document).outcome is Outcome.FAIL
    decision = auto_possible(document)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {"EXTERNAL"})
    assert "ALTER TABLE main.sales.orders CLUSTER BY with its keys" in message(decision)
    assert "CLUSTER BY AUTO isn't available for external tables" in message(decision)


@pytest.mark.parametrize("table_type", OPEN_TO_AUTO)
def test_without_predictive_optimization_nobody_chooses_keys(
    strategy_required: Decide, auto_possible: Decide, table_type: str
) -> None:
    """The table looks clustered, and no file of it ever was."""
    off = {"enabled": False, "inherited_from": "CATALOG main"}
    document = table(table_type=table_type, properties=AUTO, predictive_optimization=off)
    assert strategy_required(document).outcome is Outcome.FAIL
    assert "predictive optimization is off (inherited from CATALOG main)" in message(
        auto_possible(document)
    )
    keyed = document | {"properties": AUTO | clustered_by("city")}
    assert strategy_required(keyed).outcome is Outcome.PASS
    assert auto_possible(keyed).outcome is Outcome.PASS


def test_while_nobody_knows_it_only_the_advice_waits(
    strategy_required: Decide, auto_possible: Decide
) -> None:
    document = table(properties=AUTO, predictive_optimization={})
    assert strategy_required(document).outcome is Outcome.PASS
    assert lacking(auto_possible(document)) == {"predictive_optimization"}


def test_the_advice_ends_no_build(judge: Judge) -> None:
    [policy] = judge.rules(["clustering.auto_possible"]).policies
    assert policy.enforcement is Enforcement.ADVISORY


@each_size
def test_with_auto_nobody_asks_for_the_size(strategy_required: Decide, size: Json) -> None:
    assert strategy_required(table(properties=AUTO, size=size)).outcome is Outcome.PASS


@each_spelling_of_on
def test_auto_is_on_in_any_case(
    strategy_required: Decide, auto_possible: Decide, value: str
) -> None:
    properties = {"clusterByAuto": value}
    document = table(properties=properties, predictive_optimization=OPTIMIZED)
    assert strategy_required(document).outcome is Outcome.PASS
    assert auto_possible(document).outcome is Outcome.PASS


@each_spelling_of_off
def test_any_other_value_leaves_it_off(
    strategy_required: Decide, auto_possible: Decide, value: str
) -> None:
    document = table(properties={"clusterByAuto": value})
    assert strategy_required(document).outcome is Outcome.FAIL
    assert auto_possible(document).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    "properties",
    [{}, clustered_by("city"), AUTO_OPTIMISED, EXCLUDED, {"clusterbyauto": "true"}],
    ids=["none", "keys", "auto_optimise", "excluded", "another_case"],
)
@pytest.mark.parametrize("table_type", ["MANAGED", "EXTERNAL"])
def test_without_auto_there_is_no_advice(
    auto_possible: Decide, properties: Json, table_type: str
) -> None:
    decision = auto_possible(table(table_type=table_type, properties=properties))
    assert reason(decision) == "It doesn't use CLUSTER BY AUTO."


def test_keys_that_databricks_chose_change_nothing(
    strategy_required: Decide, auto_possible: Decide, keys_exist: Decide
) -> None:
    document = table(properties=AUTO | clustered_by("city"))
    for decide in (strategy_required, auto_possible, keys_exist):
        assert decide(document).outcome is Outcome.PASS


def test_auto_that_has_chosen_no_key_yet_has_no_key_to_check(
    keys_exist: Decide, key_limit: Decide
) -> None:
    document = table(properties=AUTO | {"clusteringColumns": "[]"})
    assert keys_exist(document).outcome is Outcome.NOT_APPLICABLE
    assert key_limit(document).outcome is Outcome.NOT_APPLICABLE


def test_auto_stands_although_the_keys_cannot_be_read(strategy_required: Decide) -> None:
    document = table(properties=AUTO | {"clusteringColumns": "city"})
    assert strategy_required(document).outcome is Outcome.PASS


def test_properties_that_nobody_read_leave_it_open(auto_possible: Decide) -> None:
    """Even where the details tell keys: whether Databricks chose them stands elsewhere."""
    for document in (hidden(), hidden(detail={"clustering_columns": ["city"]})):
        assert lacking(auto_possible(document)) == {"properties"}


def test_a_view_is_not_asked(strategy_required: Decide, auto_possible: Decide) -> None:
    view = table(table_type="VIEW", properties=AUTO)
    assert strategy_required(view).outcome is Outcome.NOT_APPLICABLE
    assert reason(auto_possible(view)) == "A table of type VIEW can't be clustered."


def test_what_is_advised_to_a_large_table_depends_on_its_kind(strategy_required: Decide) -> None:
    """Advice that Databricks refuses is worse than none."""
    assert "CLUSTER BY AUTO, or CLUSTER BY with its keys" in message(strategy_required(table()))
    external = message(strategy_required(table(table_type="EXTERNAL")))
    assert "CLUSTER BY AUTO isn't available for external tables" in external
    iceberg = message(strategy_required(table(data_source_format="ICEBERG")))
    assert "CLUSTER BY AUTO requires Iceberg version 3" in iceberg
    streaming = message(strategy_required(table(table_type="STREAMING_TABLE")))
    assert "CREATE OR REFRESH STREAMING TABLE main.sales.orders" in streaming
    assert "ALTER TABLE" not in streaming
