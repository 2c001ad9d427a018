"""Small tables, made, filled and measured: which of them need no clustering.

Were one of these to fail, a real table's size would not be what the rule goes by.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import (
    BOUNDARY,
    EMPTY,
    LARGE,
    LARGE_EXCLUDED,
    SMALL,
    SMALL_CLUSTERED,
    SMALL_EXCLUDED,
)
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import exempt_as_small, exemptions, message, reason

pytestmark = [
    pytest.mark.small_tables_auto_exemption,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
TABLES = (SMALL, SMALL_EXCLUDED, SMALL_CLUSTERED, LARGE, LARGE_EXCLUDED, EMPTY, BOUNDARY)


def test_a_small_table_is_exempt(estate: JudgedEstate) -> None:
    assert estate.size(SMALL) < MIB
    assert exempt_as_small(estate.decision(SMALL, STRATEGY))


def test_the_exemption_names_the_tables_size_and_the_threshold(estate: JudgedEstate) -> None:
    """Anyone who reads the report can see by how much the table may still grow."""
    output = reason(estate.decision(SMALL, STRATEGY))
    assert f"({estate.size(SMALL)} bytes)" in output
    assert f"({MIB} bytes)" in output


def test_a_small_table_would_fail_without_the_exemption(estate: JudgedEstate) -> None:
    assert estate.decision(SMALL, STRATEGY).would_be is Outcome.FAIL


def test_a_small_table_that_its_owner_excluded_has_both_reasons(estate: JudgedEstate) -> None:
    """It stays exempt when it grows."""
    decision = estate.decision(SMALL_EXCLUDED, STRATEGY)
    assert (decision.outcome, exemptions(decision)) == (Outcome.EXEMPT, {"flag", "rule"})


def test_a_small_table_that_is_clustered_passes_and_needs_no_exemption(
    estate: JudgedEstate,
) -> None:
    decision = estate.decision(SMALL_CLUSTERED, STRATEGY)
    assert (decision.outcome, exemptions(decision)) == (Outcome.PASS, set())


def test_a_large_table_that_nothing_exempts_fails(estate: JudgedEstate) -> None:
    assert estate.size(LARGE) > MIB
    decision = estate.decision(LARGE, STRATEGY)
    assert decision.outcome is Outcome.FAIL
    assert f"({estate.size(LARGE)} bytes)" in message(decision)


def test_a_large_table_is_exempt_by_its_owner_alone(estate: JudgedEstate) -> None:
    decision = estate.decision(LARGE_EXCLUDED, STRATEGY)
    assert (decision.outcome, exemptions(decision)) == (Outcome.EXEMPT, {"flag"})


def test_an_empty_table_is_small(estate: JudgedEstate) -> None:
    """Its size is known, and 0; that is not the same as no size."""
    assert estate.size(EMPTY) == 0
    assert exempt_as_small(estate.decision(EMPTY, STRATEGY))


def test_an_empty_table_is_not_small_where_the_threshold_is_0(estate: JudgedEstate) -> None:
    decision = estate.decision(EMPTY, STRATEGY, test_size_threshold_bytes=0)
    assert decision.outcome is Outcome.FAIL


def test_a_table_exactly_at_the_threshold_is_not_small(estate: JudgedEstate) -> None:
    """SQL cannot hit a byte, so the size that was made is the threshold."""
    at = estate.size(BOUNDARY)
    decision = estate.decision(BOUNDARY, STRATEGY, test_size_threshold_bytes=at)
    assert decision.outcome is Outcome.FAIL


def test_a_table_one_byte_below_the_threshold_is_small(estate: JudgedEstate) -> None:
    above = estate.size(BOUNDARY) + 1
    decision = estate.decision(BOUNDARY, STRATEGY, test_size_threshold_bytes=above)
    assert exempt_as_small(decision)


@pytest.mark.parametrize("spec", [SMALL, EMPTY], ids=lambda spec: spec.name)
def test_no_table_is_exempt_where_small_tables_are_not(estate: JudgedEstate, spec: Spec) -> None:
    decision = estate.decision(spec, STRATEGY, exempt_small_tables=False)
    assert decision.outcome is Outcome.FAIL


def test_outside_of_schemas_for_tests_the_other_threshold_counts(estate: JudgedEstate) -> None:
    """A table of some MiB is large among tests and small in production."""
    assert exempt_as_small(estate.decision(LARGE, STRATEGY, test_schemas=[]))
    at = estate.size(LARGE)
    decision = estate.decision(LARGE, STRATEGY, test_schemas=[], size_threshold_bytes=at)
    assert decision.outcome is Outcome.FAIL


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_the_size_that_is_judged_is_the_one_that_the_table_has(
    estate: JudgedEstate, spec: Spec
) -> None:
    """Read back after the insert, by a statement of its own; exact, not estimated."""
    size = estate.document(spec)["size"]
    assert (size["bytes"], size["exact"]) == (estate.size(spec), True)
    assert size["origin"] == "describe_detail"


@pytest.mark.parametrize("spec", [SMALL, LARGE, EMPTY], ids=lambda spec: spec.name)
def test_a_table_of_unknown_size_is_not_exempt_as_small(estate: JudgedEstate, spec: Spec) -> None:
    """As without a warehouse: what nobody measured may be large."""
    decided = estate.listed(spec)["decisions"][STRATEGY]
    assert decided["outcome"] == "unknown"
    assert [each["kind"] for each in decided["missing"]] == ["size"]


@pytest.mark.parametrize("spec", [SMALL_EXCLUDED, LARGE_EXCLUDED], ids=lambda spec: spec.name)
def test_the_owners_exclusion_needs_no_size(estate: JudgedEstate, spec: Spec) -> None:
    decided = estate.listed(spec)["decisions"][STRATEGY]
    assert decided["outcome"] == "exempt"
    assert [each["kind"] for each in decided["exemptions"]] == ["flag"]
