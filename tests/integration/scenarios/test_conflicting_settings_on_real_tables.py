"""Tables whose settings contradict each other, as Delta lets owners set them."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.table_specs import (
    EXCLUDED_AND_CLUSTERED,
    LARGE_EXCLUDED,
    SMALL_CLUSTERED,
    TWO_STRATEGIES,
)
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import advice

pytestmark = [
    pytest.mark.conflicting_settings,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

NO_CONFLICT = "clustering.no_exclusion_conflict"
SINGLE = "clustering.single_strategy"
STRATEGY = "clustering.strategy_required"
TABLES = (EXCLUDED_AND_CLUSTERED, LARGE_EXCLUDED, SMALL_CLUSTERED, TWO_STRATEGIES)


def test_a_table_that_is_excluded_and_clustered_contradicts_itself(estate: JudgedEstate) -> None:
    decision = estate.decision(EXCLUDED_AND_CLUSTERED, NO_CONFLICT)
    assert decision.outcome is Outcome.FAIL
    for way in ("UNSET TBLPROPERTIES ('cluster_exclusion')", "CLUSTER BY NONE"):
        assert way in advice(decision)


def test_its_clustering_counts_all_the_same(estate: JudgedEstate) -> None:
    """The exclusion is not needed, so it is no reason to be exempt."""
    assert estate.decision(EXCLUDED_AND_CLUSTERED, STRATEGY).outcome is Outcome.PASS


def test_a_table_that_is_only_excluded_does_not(estate: JudgedEstate) -> None:
    assert estate.decision(LARGE_EXCLUDED, NO_CONFLICT).outcome is Outcome.PASS


def test_it_does_not_apply_to_a_table_that_is_only_clustered(estate: JudgedEstate) -> None:
    assert estate.decision(SMALL_CLUSTERED, NO_CONFLICT).outcome is Outcome.NOT_APPLICABLE
    assert estate.decision(SMALL_CLUSTERED, SINGLE).outcome is Outcome.PASS


def test_a_table_with_two_strategies_has_one_too_many(estate: JudgedEstate) -> None:
    assert estate.facts(TWO_STRATEGIES)["strategy"] == "liquid+auto_optimize"
    decision = estate.decision(TWO_STRATEGIES, SINGLE)
    assert decision.outcome is Outcome.FAIL
    assert "UNSET TBLPROPERTIES ('delta.autoOptimize.autoCompact'" in advice(decision)


def test_where_auto_optimise_is_no_strategy_there_is_but_one(estate: JudgedEstate) -> None:
    decision = estate.decision(TWO_STRATEGIES, SINGLE, accept_auto_optimize=False)
    assert decision.outcome is Outcome.PASS
