"""Keys that can and cannot cluster, by the statistics that Delta keeps."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import Spec
from tests.factory.table_specs import (
    FOUR_KEYS,
    KEY_WITHOUT_STATISTICS,
    KEYED,
    LARGE,
    NESTED_KEYS,
    RENAMED_KEY,
)
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import actual, message

pytestmark = [
    pytest.mark.clustering_column_selection,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

EXIST = "clustering.keys_exist"
STATISTICS = "clustering.keys_have_statistics"
LIMIT = "clustering.key_limit"
TABLES = (FOUR_KEYS, KEY_WITHOUT_STATISTICS, KEYED, LARGE, NESTED_KEYS, RENAMED_KEY)


@pytest.mark.parametrize(
    "spec", [FOUR_KEYS, KEYED, NESTED_KEYS, RENAMED_KEY], ids=lambda spec: spec.name
)
@pytest.mark.parametrize("policy", [EXIST, STATISTICS, LIMIT])
def test_keys_that_delta_accepts_can_cluster(estate: JudgedEstate, spec: Spec, policy: str) -> None:
    """Dates, numbers and texts, fields of a struct, and a column that was renamed."""
    assert estate.decision(spec, policy).outcome is Outcome.PASS


def test_a_key_of_which_no_statistics_are_kept_clusters_nothing(estate: JudgedEstate) -> None:
    decision = estate.decision(KEY_WITHOUT_STATISTICS, STATISTICS)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {"region"})
    assert "delta.dataSkippingStatsColumns" in message(decision)


def test_it_is_a_column_of_the_table_all_the_same(estate: JudgedEstate) -> None:
    """Two policies, two things that can be wrong with a key."""
    assert estate.decision(KEY_WITHOUT_STATISTICS, EXIST).outcome is Outcome.PASS


@pytest.mark.parametrize("policy", [EXIST, STATISTICS, LIMIT])
def test_it_does_not_apply_to_a_table_without_keys(estate: JudgedEstate, policy: str) -> None:
    assert estate.decision(LARGE, policy).outcome is Outcome.NOT_APPLICABLE


def test_more_keys_than_agreed_are_too_many(estate: JudgedEstate) -> None:
    decision = estate.decision(NESTED_KEYS, LIMIT, max_clustering_columns=2)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {"3"})
