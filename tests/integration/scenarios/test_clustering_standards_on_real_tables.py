"""The organisation's standard, held against the keys that tables really have."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import Spec
from tests.factory.table_specs import FOUR_KEYS, KEYED, NESTED_KEYS
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import actual

pytestmark = [
    pytest.mark.clustering_standards,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STANDARD = "clustering.keys_follow_standard"
LIMIT = "clustering.key_limit"
TABLES = (FOUR_KEYS, KEYED, NESTED_KEYS)


def test_without_a_standard_nothing_is_asked(estate: JudgedEstate) -> None:
    assert estate.decision(KEYED, STANDARD).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("patterns", "wrong"),
    [
        (["*_date", "CUSTOMER_*"], set()),
        (["*_date"], {"customer_id"}),
        (["x"], {"order_date", "customer_id"}),
    ],
)
def test_each_key_has_a_name_that_is_allowed(
    estate: JudgedEstate, patterns: list[str], wrong: set[str]
) -> None:
    decision = estate.decision(KEYED, STANDARD, allowed_key_patterns=patterns)
    assert actual(decision) == wrong
    assert decision.outcome is (Outcome.FAIL if wrong else Outcome.PASS)


@pytest.mark.parametrize(
    ("spec", "pattern", "key"),
    [(FOUR_KEYS, "tmp_*", "tmp_code"), (NESTED_KEYS, "*.city", "address.city")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_forbidden_name_is_found_among_several_keys(
    estate: JudgedEstate, spec: Spec, pattern: str, key: str
) -> None:
    decision = estate.decision(spec, STANDARD, forbidden_key_patterns=[pattern])
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {key})


@pytest.mark.parametrize(
    ("key", "outcome"), [("order_date", Outcome.PASS), ("customer_id", Outcome.FAIL)]
)
def test_the_right_key_comes_first(estate: JudgedEstate, key: str, outcome: Outcome) -> None:
    """A table has its keys in the order in which they were named."""
    leading = [{"tables": estate.made(KEYED).full_name, "key": key}]
    assert estate.decision(KEYED, STANDARD, required_leading_keys=leading).outcome is outcome


def test_the_most_keys_that_delta_takes_are_as_many_as_agreed(estate: JudgedEstate) -> None:
    assert estate.decision(FOUR_KEYS, LIMIT).outcome is Outcome.PASS


def test_one_key_more_than_agreed_is_too_many(estate: JudgedEstate) -> None:
    decision = estate.decision(FOUR_KEYS, LIMIT, max_clustering_columns=3)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {"4"})
