"""Tables that their owners excluded, by a property that the table really has."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import LARGE, LARGE_EXCLUDED, SMALL_EXCLUDED
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import exemptions, message, reason

pytestmark = [
    pytest.mark.manual_exclusion,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
JUSTIFIED = "clustering.exclusion_justified"
TABLES = (LARGE, LARGE_EXCLUDED, SMALL_EXCLUDED)


def test_a_large_table_that_its_owner_excluded_is_exempt(estate: JudgedEstate) -> None:
    assert estate.size(LARGE_EXCLUDED) > MIB
    decision = estate.decision(LARGE_EXCLUDED, STRATEGY)
    assert (decision.outcome, exemptions(decision)) == (Outcome.EXEMPT, {"flag"})
    assert decision.would_be is Outcome.FAIL
    assert "cluster_exclusion" in reason(decision)


def test_the_same_table_without_the_property_fails(estate: JudgedEstate) -> None:
    assert estate.decision(LARGE, STRATEGY).outcome is Outcome.FAIL


def test_the_property_exempts_nothing_where_it_is_not_honoured(estate: JudgedEstate) -> None:
    decision = estate.decision(LARGE_EXCLUDED, STRATEGY, honor_exclusion_flag=False)
    assert decision.outcome is Outcome.FAIL


def test_a_property_of_another_name_exempts_nothing(estate: JudgedEstate) -> None:
    decision = estate.decision(LARGE_EXCLUDED, STRATEGY, exclusion_property="no_clustering")
    assert decision.outcome is Outcome.FAIL


@pytest.mark.parametrize("spec", [LARGE_EXCLUDED, SMALL_EXCLUDED], ids=lambda spec: spec.name)
def test_below_the_review_size_the_owner_decides_alone(estate: JudgedEstate, spec: Spec) -> None:
    assert estate.decision(spec, JUSTIFIED).outcome is Outcome.PASS


def test_from_the_review_size_on_somebody_else_has_to_agree(estate: JudgedEstate) -> None:
    """A table of exactly that size is asked about already."""
    at = estate.size(LARGE_EXCLUDED)
    decision = estate.decision(LARGE_EXCLUDED, JUSTIFIED, exclusion_review_bytes=at)
    assert decision.outcome is Outcome.FAIL
    assert "an active waiver" in message(decision)
    above = estate.decision(LARGE_EXCLUDED, JUSTIFIED, exclusion_review_bytes=at + 1)
    assert above.outcome is Outcome.PASS
