"""Tables that are auto-optimised, by the properties that Delta has of them."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import AUTO_OPTIMIZED, HALF_OPTIMIZED, LARGE
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import advice

pytestmark = [
    pytest.mark.auto_optimization,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
COMPLETE = "clustering.auto_optimize_complete"
TABLES = (AUTO_OPTIMIZED, HALF_OPTIMIZED, LARGE)


def test_a_large_table_with_both_flags_has_a_strategy(estate: JudgedEstate) -> None:
    assert estate.size(AUTO_OPTIMIZED) > MIB
    assert estate.decision(AUTO_OPTIMIZED, STRATEGY).outcome is Outcome.PASS
    assert estate.decision(AUTO_OPTIMIZED, COMPLETE).outcome is Outcome.PASS
    assert estate.facts(AUTO_OPTIMIZED)["strategy"] == "auto_optimize"


def test_one_flag_alone_is_no_strategy(estate: JudgedEstate) -> None:
    assert estate.size(HALF_OPTIMIZED) > MIB
    assert estate.decision(HALF_OPTIMIZED, STRATEGY).outcome is Outcome.FAIL


def test_one_flag_alone_is_enough_where_the_settings_say_so(estate: JudgedEstate) -> None:
    decision = estate.decision(HALF_OPTIMIZED, STRATEGY, require_both_auto_optimize_flags=False)
    assert decision.outcome is Outcome.PASS


def test_the_owner_of_a_table_with_one_flag_is_told_the_other(estate: JudgedEstate) -> None:
    decision = estate.decision(HALF_OPTIMIZED, COMPLETE)
    assert decision.outcome is Outcome.FAIL
    assert "'delta.autoOptimize.autoCompact' = 'true'" in advice(decision)


@pytest.mark.parametrize("spec", [AUTO_OPTIMIZED, HALF_OPTIMIZED], ids=lambda spec: spec.name)
def test_neither_counts_where_auto_optimise_is_not_accepted(
    estate: JudgedEstate, spec: Spec
) -> None:
    decision = estate.decision(
        spec, STRATEGY, accept_auto_optimize=False, require_both_auto_optimize_flags=False
    )
    assert decision.outcome is Outcome.FAIL


def test_it_does_not_apply_to_a_table_without_the_flags(estate: JudgedEstate) -> None:
    assert estate.decision(LARGE, COMPLETE).outcome is Outcome.NOT_APPLICABLE
