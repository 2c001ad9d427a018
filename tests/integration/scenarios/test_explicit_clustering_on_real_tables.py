"""Tables that their owners clustered by keys, as Delta keeps them."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import KEYED, NESTED_KEYS, RENAMED_KEY, UNCLUSTERED_AGAIN
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import advice

pytestmark = [
    pytest.mark.explicit_clustering,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
KEYS_EXIST = "clustering.keys_exist"
TABLES = (KEYED, NESTED_KEYS, RENAMED_KEY, UNCLUSTERED_AGAIN)


@pytest.mark.parametrize("spec", [KEYED, NESTED_KEYS], ids=lambda spec: spec.name)
def test_a_large_table_with_keys_has_what_is_asked_of_it(estate: JudgedEstate, spec: Spec) -> None:
    assert estate.size(spec) > MIB
    for policy in (STRATEGY, KEYS_EXIST):
        assert estate.decision(spec, policy).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        (KEYED, ["order_date", "customer_id"]),
        (NESTED_KEYS, ["address.city", "address.geo.zip", "id"]),
        (RENAMED_KEY, ["order_id"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_report_names_the_keys_as_the_owner_does(
    estate: JudgedEstate, spec: Spec, keys: list[str]
) -> None:
    """In their order, fields of a struct with a dot, and by the name that a column has now."""
    assert estate.facts(spec)["keys"] == keys
    assert estate.facts(spec)["strategy"] == "liquid"


def test_a_key_that_was_renamed_is_still_a_column_of_the_table(estate: JudgedEstate) -> None:
    """Delta keeps the keys by names of its own, which no column has."""
    assert estate.decision(RENAMED_KEY, KEYS_EXIST).outcome is Outcome.PASS


def test_a_large_table_whose_keys_were_taken_away_fails(estate: JudgedEstate) -> None:
    decision = estate.decision(UNCLUSTERED_AGAIN, STRATEGY)
    assert decision.outcome is Outcome.FAIL
    assert "CLUSTER BY" in advice(decision)
    assert estate.facts(UNCLUSTERED_AGAIN)["strategy"] == "none"


def test_keys_are_enough_without_a_size(estate: JudgedEstate) -> None:
    """So no statement is spent on a table that is clustered."""
    assert estate.listed(KEYED)["decisions"][STRATEGY]["outcome"] == "pass"
