"""The organisation's standard for keys: which names, which one first, and how many.

A standard that lets the wrong key through costs every query of every team that filters by the
right one.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from lakewarden.model.decision import Outcome
from lakewarden.model.errors import ConfigurationError
from tests.unit.scenarios.judging import Decide, actual, lacking, message, reason
from tests.unit.scenarios.tables import (
    AUTO,
    Json,
    clustered_by,
    hidden,
    table,
)

pytestmark = pytest.mark.clustering_standards

BY_ID_AND_CITY = table(properties=clustered_by("order_id", "city"))


def leading(*entries: tuple[str, str]) -> Json:
    """Return the setting that names the first key for tables by pattern."""
    return {"required_leading_keys": [{"tables": tables, "key": key} for tables, key in entries]}


# Names


def test_without_a_standard_nothing_is_asked(keys_follow_standard: Decide) -> None:
    decision = keys_follow_standard(BY_ID_AND_CITY)
    assert reason(decision) == "The settings define no standard for its clustering keys."


def _listed(names: Iterable[str]) -> str:
    """Return names in an order that every process gives them."""
    return " ".join(sorted(names)) or "none"


@pytest.mark.parametrize(
    ("allowed", "wrong"),
    [
        (["order_id", "city"], set()),
        (["ORDER_*", "C?TY"], set()),
        (["*"], set()),
        (["order_id"], {"city"}),
        (["order", "cit"], {"order_id", "city"}),
        (["c?ity"], {"order_id", "city"}),
    ],
    ids=_listed,
)
def test_each_key_matches_an_allowed_pattern(
    keys_follow_standard: Decide, allowed: list[str], wrong: set[str]
) -> None:
    """In any case, and the whole of it."""
    settings = {"allowed_key_patterns": allowed}
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=settings)
    assert actual(decision) == wrong
    assert decision.outcome is (Outcome.FAIL if wrong else Outcome.PASS)


@pytest.mark.parametrize(
    ("forbidden", "wrong"),
    [
        (["*_id"], {"order_id"}),
        (["CITY"], {"city"}),
        (["*"], {"order_id", "city"}),
        (["id"], set()),
    ],
    ids=_listed,
)
def test_no_key_matches_a_forbidden_pattern(
    keys_follow_standard: Decide, forbidden: list[str], wrong: set[str]
) -> None:
    settings = {"forbidden_key_patterns": forbidden}
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=settings)
    assert actual(decision) == wrong
    assert decision.outcome is (Outcome.FAIL if wrong else Outcome.PASS)


def test_forbidden_wins_over_allowed(keys_follow_standard: Decide) -> None:
    settings = {"allowed_key_patterns": ["*"], "forbidden_key_patterns": ["*_id"]}
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=settings)
    assert "the standard forbids keys like *_id" in message(decision)


def test_every_breach_is_told(keys_follow_standard: Decide) -> None:
    """Anyone who fixes one and is told the next a day later loses patience."""
    settings = {
        "allowed_key_patterns": ["city"],
        "forbidden_key_patterns": ["*_id", "order*"],
        **leading(("*", "city")),
    }
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=settings)
    assert sorted(violation.expected for violation in decision.violations) == [
        "a key like city",
        "city as the first key",
        "no key like *_id",
        "no key like order*",
    ]


def test_a_field_of_a_struct_is_written_with_dots(keys_follow_standard: Decide) -> None:
    """And a name with a dot of its own in back-quotes, so that the two are not mixed up."""
    settings = {"allowed_key_patterns": ["address.*"]}
    field = table(properties=clustered_by(["address", "city"]))
    assert keys_follow_standard(field, settings=settings).outcome is Outcome.PASS
    dotted = table(properties=clustered_by("address.city"))
    assert actual(keys_follow_standard(dotted, settings=settings)) == {"`address.city`"}


def test_a_pattern_that_could_mean_two_things_is_refused(keys_follow_standard: Decide) -> None:
    with pytest.raises(ConfigurationError, match="allowed_key_patterns"):
        keys_follow_standard(BY_ID_AND_CITY, settings={"allowed_key_patterns": ["[a-z]*"]})


# Which key comes first


@pytest.mark.parametrize("key", ["order_id", "ORDER_ID"])
def test_the_required_key_comes_first(keys_follow_standard: Decide, key: str) -> None:
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=leading(("main.sales.*", key)))
    assert decision.outcome is Outcome.PASS


def test_second_is_not_first(keys_follow_standard: Decide) -> None:
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=leading(("main.*", "city")))
    assert "is clustered by order_id first, but the standard requires city there" in message(
        decision
    )


def test_of_several_entries_the_last_that_matches_counts(keys_follow_standard: Decide) -> None:
    entries = [("*", "order_id"), ("main.sales.*", "city"), ("other.*", "order_id")]
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=leading(*entries))
    assert "the standard requires city there" in message(decision)


@pytest.mark.parametrize("pattern", ["prod.*", "main.sales", "orders"])
def test_a_key_for_other_tables_is_no_standard(keys_follow_standard: Decide, pattern: str) -> None:
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=leading((pattern, "city")))
    assert decision.outcome is Outcome.NOT_APPLICABLE


def test_an_override_gives_some_tables_another_standard(keys_follow_standard: Decide) -> None:
    settings = {
        "forbidden_key_patterns": ["*_id"],
        "overrides": [{"tables": "*.legacy.*", "forbidden_key_patterns": ["city"]}],
    }
    assert actual(keys_follow_standard(BY_ID_AND_CITY, settings=settings)) == {"order_id"}
    legacy = table(schema="legacy", properties=clustered_by("order_id", "city"))
    decision = keys_follow_standard(legacy, settings=settings)
    assert (actual(decision), decision.override) == ({"city"}, "*.legacy.*")


# How many


@pytest.mark.parametrize(
    ("count", "outcome"), [(1, Outcome.PASS), (4, Outcome.PASS), (5, Outcome.FAIL)]
)
def test_four_keys_are_allowed_and_five_are_not(
    key_limit: Decide, count: int, outcome: Outcome
) -> None:
    document = table(properties=clustered_by(*(f"c{number}" for number in range(count))))
    assert key_limit(document).outcome is outcome


@pytest.mark.parametrize(("most", "outcome"), [(1, Outcome.FAIL), (2, Outcome.PASS)])
def test_the_organisation_may_allow_fewer(key_limit: Decide, most: int, outcome: Outcome) -> None:
    decision = key_limit(BY_ID_AND_CITY, settings={"max_clustering_columns": most})
    assert decision.outcome is outcome


def test_a_key_inside_a_struct_is_one_key(key_limit: Decide) -> None:
    document = table(properties=clustered_by(["a", "b", "c"], ["a", "b", "d"]))
    assert reason(key_limit(document)) == "It has 2 of at most 4 clustering keys."


# Tables without keys to hold against it


@pytest.mark.parametrize(
    "properties",
    [{}, AUTO, {"clusteringColumns": "[]"}, {"clusteringColumns": "order_id"}],
    ids=["none", "auto", "empty", "unreadable"],
)
def test_without_keys_the_standard_has_no_say(
    keys_follow_standard: Decide, key_limit: Decide, properties: Json
) -> None:
    settings = {"forbidden_key_patterns": ["*"], **leading(("*", "city"))}
    for decide in (keys_follow_standard, key_limit):
        decision = decide(table(properties=properties), settings=settings)
        assert reason(decision) == "It has no readable clustering keys."


def test_properties_that_nobody_read_leave_it_open(
    keys_follow_standard: Decide, key_limit: Decide
) -> None:
    settings = {"forbidden_key_patterns": ["*_id"]}
    for decide in (keys_follow_standard, key_limit):
        assert lacking(decide(hidden(), settings=settings)) == {"properties"}
    told = hidden(detail={"clustering_columns": ["order_id"]})
    assert actual(keys_follow_standard(told, settings=settings)) == {"order_id"}
