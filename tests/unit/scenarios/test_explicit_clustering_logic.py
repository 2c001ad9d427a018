"""Clustering by keys that the owner names: what counts as a key, and what only looks like one.

A table whose keys aren't columns of it looks clustered, and nobody looks for the reason there.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import ANY_SIZE, Case, case, cases
from tests.unit.scenarios.judging import Decide, actual, message, reason
from tests.unit.scenarios.tables import (
    KINDS,
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

NOT_KEYS = ("order_id", "", "null", '["order_id"]', "[[]]", "[[1]]", '[["city"],[]]')
"""Values of the property that Databricks would never write."""

ADDRESS = [column("address", struct(city="string"))]
DOTTED = [column("order.date", "date")]


def keyed(*keys: str | list[str], **fields: object) -> Json:
    """Return a table with clustering keys."""
    return table(properties=clustered_by(*keys)) | fields


def listed(text: str, **fields: object) -> Json:
    """Return a table with this text where its keys are listed."""
    return table(properties={"clusteringColumns": text}) | fields


def test_a_large_table_of_any_kind_with_a_key_has_what_is_asked_of_it(
    strategy_required: Decide, keys_exist: Decide
) -> None:
    for kind in KINDS:
        assert reason(strategy_required(keyed("city", **kind))) == "It has liquid clustering."
        assert reason(keys_exist(keyed("city", **kind))) == "Each clustering key is a column."


def test_with_keys_nobody_asks_for_the_size(strategy_required: Decide) -> None:
    for size in ANY_SIZE:
        assert strategy_required(keyed("city", size=size)).outcome is Outcome.PASS


@cases(
    key_in_another_case=case(keyed("CITY"), "pass | pass"),
    column_in_another_case=case(keyed("city", columns=[column("City", "string")]), "pass | pass"),
    no_column=case(keyed("region", "city"), "pass | fail"),
    inside_a_struct=case(keyed(["address", "city"], columns=ADDRESS), "pass | pass"),
    column_with_a_dot=case(keyed("order.date", columns=DOTTED), "pass | pass"),
    empty_list=case(listed("[]"), "fail | not_applicable"),
    in_the_details_alone=case(table(detail={"clustering_columns": ["city"]}), "pass | pass"),
    properties_that_nobody_read=case(hidden(), "unknown: properties | unknown: properties"),
    details_that_tell_it_all_the_same=case(
        hidden(detail={"clustering_columns": ["city"]}), "pass | pass"
    ),
    columns_that_nobody_read=case(without(keyed("city"), "columns"), "pass | unknown: columns"),
    no_columns_at_all=case(keyed("city", columns=[]), "pass | fail"),
)
def test_a_key_counts_and_has_to_be_a_column(
    strategy_required: Decide, keys_exist: Decide, case: Case
) -> None:
    """The strategy is there all the same: each policy speaks of its own concern."""
    assert case.by(strategy_required, keys_exist) == case.output


def test_a_key_that_is_no_column_is_named(keys_exist: Decide) -> None:
    decision = keys_exist(keyed("region", "city"))
    assert actual(decision) == {"region"}
    assert "has no column region" in message(decision)


def test_keys_that_cannot_be_read_are_no_strategy(
    strategy_required: Decide, keys_exist: Decide
) -> None:
    """Written by hand, the property clusters nothing; the table must not pass for it."""
    for text in NOT_KEYS:
        assert strategy_required(listed(text)).outcome is Outcome.FAIL, text
        assert actual(keys_exist(listed(text))) == {text}


def test_columns_that_nobody_could_read_are_named_with_the_reason(keys_exist: Decide) -> None:
    document = without(keyed("city", evidence=unread("columns")), "columns")
    [missing] = keys_exist(document).missing
    assert missing.reason == "no SELECT on the table"
