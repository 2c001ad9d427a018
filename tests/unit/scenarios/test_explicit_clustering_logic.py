"""Clustering by keys that the owner names: what counts as a key, and what only looks like one.

A table whose keys aren't columns of it looks clustered, and nobody looks for the reason there.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import (
    each_kind,
    each_size,
)
from tests.unit.scenarios.judging import Decide, actual, lacking, message, reason
from tests.unit.scenarios.tables import (
    Json,
    clustered_by,
    column,
    hidden,
    struct,
    table,
    unread,
    without,
)

pytestmark = pytest.mark.explicit_clustering

NO_KEYS = ("order_id", "", "{}", "null", '"order_id"', '["order_id"]', "[[]]", "[[1]]")
"""Values of the property that Databricks would never write."""


@each_kind
def test_a_large_table_with_a_key_has_what_is_asked_of_it(
    strategy_required: Decide, keys_exist: Decide, table_type: str, data_source_format: str
) -> None:
    document = table(
        table_type=table_type,
        data_source_format=data_source_format,
        properties=clustered_by("city"),
    )
    assert reason(strategy_required(document)) == "It has liquid clustering."
    assert reason(keys_exist(document)) == "Each clustering key is a column."


@each_size
def test_with_keys_nobody_asks_for_the_size(strategy_required: Decide, size: Json) -> None:
    document = table(properties=clustered_by("city"), size=size)
    assert strategy_required(document).outcome is Outcome.PASS


def test_the_case_of_a_key_does_not_matter(keys_exist: Decide) -> None:
    """Nor that of the column: Spark finds it either way."""
    assert keys_exist(table(properties=clustered_by("CITY"))).outcome is Outcome.PASS
    upper = table(properties=clustered_by("city"), columns=[column("City", "string")])
    assert keys_exist(upper).outcome is Outcome.PASS


def test_a_key_that_is_no_column_is_named(strategy_required: Decide, keys_exist: Decide) -> None:
    """The strategy is there all the same: each policy speaks of its own concern."""
    document = table(properties=clustered_by("region", "city"))
    decision = keys_exist(document)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {"region"})
    assert "has no column region" in message(decision)
    assert strategy_required(document).outcome is Outcome.PASS


def test_a_key_inside_a_struct_is_found_by_its_column(keys_exist: Decide) -> None:
    columns = [column("address", struct(city="string"))]
    inside = table(properties=clustered_by(["address", "city"]), columns=columns)
    assert keys_exist(inside).outcome is Outcome.PASS
    elsewhere = table(properties=clustered_by(["adress", "city"]), columns=columns)
    assert actual(keys_exist(elsewhere)) == {"adress.city"}


def test_a_dot_in_the_name_of_a_column_is_no_struct(keys_exist: Decide) -> None:
    columns = [column("order.date", "date")]
    named = table(properties=clustered_by("order.date"), columns=columns)
    assert keys_exist(named).outcome is Outcome.PASS
    taken_apart = table(properties=clustered_by(["order", "date"]), columns=columns)
    assert actual(keys_exist(taken_apart)) == {"order.date"}


def test_an_empty_list_of_keys_clusters_nothing(
    strategy_required: Decide, keys_exist: Decide
) -> None:
    """As it is left behind where the clustering was taken away."""
    document = table(properties={"clusteringColumns": "[]"})
    assert strategy_required(document).outcome is Outcome.FAIL
    assert reason(keys_exist(document)) == "It has no clustering keys."


@pytest.mark.parametrize("text", NO_KEYS, ids=repr)
def test_keys_that_cannot_be_read_are_no_strategy(
    strategy_required: Decide, keys_exist: Decide, text: str
) -> None:
    """Written by hand, the property clusters nothing; the table must not pass for it."""
    document = table(properties={"clusteringColumns": text})
    assert strategy_required(document).outcome is Outcome.FAIL
    decision = keys_exist(document)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {text})


def test_one_key_that_cannot_be_read_spoils_them_all(strategy_required: Decide) -> None:
    document = table(properties={"clusteringColumns": '[["city"],[]]'})
    assert strategy_required(document).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        (["city"], set()),
        (["`order.date`"], {"`order.date`"}),
        (["city", "address.zip"], {"address.zip"}),
    ],
)
def test_without_the_property_the_details_tell_the_keys(
    strategy_required: Decide, keys_exist: Decide, listed: list[str], missing: set[str]
) -> None:
    document = table(detail={"clustering_columns": listed})
    assert strategy_required(document).outcome is Outcome.PASS
    assert actual(keys_exist(document)) == missing


def test_the_property_is_believed_before_the_details(strategy_required: Decide) -> None:
    document = table(
        properties={"clusteringColumns": "[]"}, detail={"clustering_columns": ["city"]}
    )
    assert strategy_required(document).outcome is Outcome.FAIL


def test_properties_that_nobody_read_leave_it_open(
    strategy_required: Decide, keys_exist: Decide
) -> None:
    """A large table may be clustered: without its properties it neither passes nor fails."""
    assert lacking(strategy_required(hidden())) == {"properties"}
    assert lacking(keys_exist(hidden())) == {"properties"}
    told = hidden(detail={"clustering_columns": ["city"]})
    assert strategy_required(told).outcome is Outcome.PASS
    assert keys_exist(told).outcome is Outcome.PASS


def test_keys_of_a_table_without_known_columns_are_undecided(keys_exist: Decide) -> None:
    document = table(properties=clustered_by("city"), evidence=unread("columns"))
    decision = keys_exist(without(document, "columns"))
    assert decision.outcome is Outcome.UNKNOWN
    assert [missing.reason for missing in decision.missing] == ["no SELECT on the table"]
    assert actual(keys_exist(document | {"columns": [], "evidence": {}})) == {"city"}
