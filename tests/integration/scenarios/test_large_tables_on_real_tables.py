"""Large tables, with each strategy and with none."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import (
    AUTO_OPTIMIZED,
    AUTOMATIC,
    KEYED,
    LARGE,
    LARGE_EXCLUDED,
    PARTITIONED,
)
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import advice, message

pytestmark = [
    pytest.mark.large_tables_must_cluster,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
PARTITIONS = "clustering.partitioned_table"
TABLES = (AUTO_OPTIMIZED, AUTOMATIC, KEYED, LARGE, LARGE_EXCLUDED, PARTITIONED)


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_the_tables_are_large(estate: JudgedEstate, spec: Spec) -> None:
    """In bytes that were written and read back; otherwise the rest would prove nothing."""
    assert estate.document(spec)["size"]["bytes"] == estate.size(spec) > MIB


def test_a_large_table_without_a_strategy_fails_and_its_owner_is_told_how_to_fix_it(
    estate: JudgedEstate,
) -> None:
    decision = estate.decision(LARGE, STRATEGY)
    assert decision.outcome is Outcome.FAIL
    assert f"({estate.size(LARGE)} bytes)" in message(decision)
    assert f"ALTER TABLE {estate.made(LARGE).full_name} CLUSTER BY AUTO" in advice(decision)


@pytest.mark.parametrize("spec", [AUTO_OPTIMIZED, AUTOMATIC, KEYED], ids=lambda spec: spec.name)
def test_each_strategy_is_enough(estate: JudgedEstate, spec: Spec) -> None:
    assert estate.decision(spec, STRATEGY).outcome is Outcome.PASS


def test_a_reason_on_record_is_enough(estate: JudgedEstate) -> None:
    assert estate.decision(LARGE_EXCLUDED, STRATEGY).outcome is Outcome.EXEMPT


def test_a_large_table_is_one_of_at_least_the_threshold(estate: JudgedEstate) -> None:
    at = estate.size(LARGE)
    exactly = estate.decision(LARGE, STRATEGY, test_size_threshold_bytes=at)
    below = estate.decision(LARGE, STRATEGY, test_size_threshold_bytes=at + 1)
    assert (exactly.outcome, below.outcome) == (Outcome.FAIL, Outcome.EXEMPT)


def test_partitions_are_no_strategy(estate: JudgedEstate) -> None:
    decision = estate.decision(PARTITIONED, STRATEGY)
    assert decision.outcome is Outcome.FAIL
    assert "REPLACE PARTITIONED BY" in advice(decision)


def test_partitions_are_for_the_very_largest_tables(estate: JudgedEstate) -> None:
    """A table of exactly the least size may have them."""
    decision = estate.decision(PARTITIONED, PARTITIONS)
    assert decision.outcome is Outcome.FAIL
    assert "partitioned by region" in message(decision)
    at = estate.size(PARTITIONED)
    least = estate.decision(PARTITIONED, PARTITIONS, partition_min_bytes=at)
    assert least.outcome is Outcome.PASS
