"""The organisation's standard for keys: which names, which one first, and how many.

A standard that lets the wrong key through costs every query of every team that filters by the
right one.
"""

from __future__ import annotations

import pytest

from lakewarden.model.errors import ConfigurationError
from tests.unit.scenarios.cases import Case, case, cases
from tests.unit.scenarios.judging import Decide, actual, message, reason
from tests.unit.scenarios.tables import AUTO, Json, clustered_by, hidden, table

pytestmark = pytest.mark.clustering_standards

BY_ID_AND_CITY = table(properties=clustered_by("order_id", "city"))
FIELD = table(properties=clustered_by(["address", "city"]))
DOTTED = table(properties=clustered_by("address.city"))


def first(*entries: tuple[str, str]) -> list[Json]:
    """Return the setting that names the first key for tables by pattern."""
    return [{"tables": tables, "key": key} for tables, key in entries]


@cases(
    no_standard=case(BY_ID_AND_CITY, "not_applicable"),
    allowed_in_any_case=case(BY_ID_AND_CITY, "pass", allowed_key_patterns=["ORDER_*", "C?TY"]),
    one_is_not_allowed=case(BY_ID_AND_CITY, "fail", allowed_key_patterns=["order_id"]),
    forbidden=case(BY_ID_AND_CITY, "fail", forbidden_key_patterns=["CITY"]),
    forbidden_and_allowed=case(
        BY_ID_AND_CITY, "fail", allowed_key_patterns=["*"], forbidden_key_patterns=["*_id"]
    ),
    field_of_a_struct=case(FIELD, "pass", allowed_key_patterns=["address.*"]),
    name_with_a_dot=case(DOTTED, "fail", allowed_key_patterns=["address.*"]),
    right_one_first=case(
        BY_ID_AND_CITY, "pass", required_leading_keys=first(("main.sales.*", "ORDER_ID"))
    ),
    right_one_second=case(BY_ID_AND_CITY, "fail", required_leading_keys=first(("main.*", "city"))),
    last_entry_that_matches=case(
        BY_ID_AND_CITY,
        "fail",
        required_leading_keys=first(("*", "order_id"), ("main.*", "city"), ("x.*", "order_id")),
    ),
    for_other_tables=case(
        BY_ID_AND_CITY, "not_applicable", required_leading_keys=first(("main.sales", "city"))
    ),
    properties_that_nobody_read=case(
        hidden(), "unknown: properties", forbidden_key_patterns=["*_id"]
    ),
)
def test_keys_have_the_names_that_are_agreed_and_the_right_one_first(
    keys_follow_standard: Decide, case: Case
) -> None:
    assert case.by(keys_follow_standard) == case.output


def test_every_breach_is_told(keys_follow_standard: Decide) -> None:
    """Anyone who fixes one and is told the next a day later loses patience."""
    settings = {
        "allowed_key_patterns": ["city"],
        "forbidden_key_patterns": ["*_id", "order*"],
        "required_leading_keys": first(("*", "city")),
    }
    decision = keys_follow_standard(BY_ID_AND_CITY, settings=settings)
    assert sorted(violation.expected for violation in decision.violations) == [
        "a key like city",
        "city as the first key",
        "no key like *_id",
        "no key like order*",
    ]


def test_the_owner_is_told_which_key_the_standard_wants(keys_follow_standard: Decide) -> None:
    forbidden = keys_follow_standard(BY_ID_AND_CITY, settings={"forbidden_key_patterns": ["*_id"]})
    assert "the standard forbids keys like *_id" in message(forbidden)
    leading = {"required_leading_keys": first(("main.*", "city"))}
    assert "is clustered by order_id first, but the standard requires city there" in message(
        keys_follow_standard(BY_ID_AND_CITY, settings=leading)
    )


def test_a_pattern_that_could_mean_two_things_is_refused(keys_follow_standard: Decide) -> None:
    with pytest.raises(ConfigurationError, match="allowed_key_patterns"):
        keys_follow_standard(BY_ID_AND_CITY, settings={"allowed_key_patterns": ["[a-z]*"]})


def test_an_override_gives_some_tables_another_standard(keys_follow_standard: Decide) -> None:
    settings = {
        "forbidden_key_patterns": ["*_id"],
        "overrides": [{"tables": "*.legacy.*", "forbidden_key_patterns": ["city"]}],
    }
    assert actual(keys_follow_standard(BY_ID_AND_CITY, settings=settings)) == {"order_id"}
    legacy = table(schema="legacy", properties=clustered_by("order_id", "city"))
    decision = keys_follow_standard(legacy, settings=settings)
    assert (actual(decision), decision.override) == ({"city"}, "*.legacy.*")


@cases(
    four=case(table(properties=clustered_by("a", "b", "c", "d")), "pass"),
    five=case(table(properties=clustered_by("a", "b", "c", "d", "e")), "fail"),
    two_of_two=case(BY_ID_AND_CITY, "pass", max_clustering_columns=2),
    two_of_one=case(BY_ID_AND_CITY, "fail", max_clustering_columns=1),
    properties_that_nobody_read=case(hidden(), "unknown: properties"),
)
def test_there_are_no_more_keys_than_agreed(key_limit: Decide, case: Case) -> None:
    assert case.by(key_limit) == case.output


def test_a_key_inside_a_struct_is_one_key(key_limit: Decide) -> None:
    document = table(properties=clustered_by(["a", "b", "c"], ["a", "b", "d"]))
    assert reason(key_limit(document)) == "It has 2 of at most 4 clustering keys."


def test_without_keys_the_standard_has_no_say(
    keys_follow_standard: Decide, key_limit: Decide
) -> None:
    settings = {"forbidden_key_patterns": ["*"], "required_leading_keys": first(("*", "city"))}
    for properties in ({}, AUTO, {"clusteringColumns": "[]"}, {"clusteringColumns": "order_id"}):
        for decide in (keys_follow_standard, key_limit):
            decision = decide(table(properties=properties), settings=settings)
            assert reason(decision) == "It has no readable clustering keys."
