"""Tables whose keys Databricks chooses."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import AUTOMATIC, AUTOMATIC_LATER, AUTOMATIC_NO_MORE, LARGE
from tests.integration.scenarios.judged import JudgedEstate

pytestmark = [
    pytest.mark.automatic_clustering,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
AUTO_POSSIBLE = "clustering.auto_possible"
TABLES = (AUTOMATIC, AUTOMATIC_LATER, AUTOMATIC_NO_MORE, LARGE)


def test_a_large_table_with_cluster_by_auto_has_what_is_asked_of_it(estate: JudgedEstate) -> None:
    assert estate.size(AUTOMATIC) > MIB
    assert estate.decision(AUTOMATIC, STRATEGY).outcome is Outcome.PASS


@pytest.mark.parametrize("spec", [AUTOMATIC, AUTOMATIC_LATER], ids=lambda spec: spec.name)
def test_the_report_says_that_databricks_chooses_the_keys(estate: JudgedEstate, spec: Spec) -> None:
    """Whether the table was made so, or altered later."""
    assert estate.facts(spec)["strategy"] == "auto"


@pytest.mark.parametrize("spec", [AUTOMATIC, AUTOMATIC_LATER], ids=lambda spec: spec.name)
def test_databricks_can_choose_keys_for_a_managed_table(estate: JudgedEstate, spec: Spec) -> None:
    assert estate.decision(spec, AUTO_POSSIBLE).outcome is Outcome.PASS


def test_a_large_table_that_is_no_longer_automatic_fails(estate: JudgedEstate) -> None:
    assert estate.decision(AUTOMATIC_NO_MORE, STRATEGY).outcome is Outcome.FAIL
    assert estate.decision(AUTOMATIC_NO_MORE, AUTO_POSSIBLE).outcome is Outcome.NOT_APPLICABLE


def test_it_does_not_apply_to_a_table_without_it(estate: JudgedEstate) -> None:
    assert estate.decision(LARGE, STRATEGY).outcome is Outcome.FAIL
    assert estate.decision(LARGE, AUTO_POSSIBLE).outcome is Outcome.NOT_APPLICABLE
