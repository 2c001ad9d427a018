"""Every kind of table that the factory can make, decided by every policy."""

from __future__ import annotations

from collections import Counter

import pytest

from lakewarden.model.decision import Outcome
from tests.factory.specs import Spec
from tests.factory.table_specs import (
    AUTOMATIC,
    EMPTY,
    EVERY_TYPE,
    KEYED,
    LARGE,
    LARGE_EXCLUDED,
    PARTITIONED,
    SMALL,
    VIEW,
)
from tests.integration.scenarios.judged import JudgedEstate

pytestmark = [
    pytest.mark.comprehensive_compliance,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

STRATEGY = "clustering.strategy_required"
TABLES = (AUTOMATIC, EMPTY, EVERY_TYPE, KEYED, LARGE, LARGE_EXCLUDED, PARTITIONED, SMALL, VIEW)
PROOF = {
    "pass": "reasons",
    "fail": "violations",
    "exempt": "exemptions",
    "not_applicable": "reasons",
    "unknown": "missing",
    "error": "reasons",
}


def test_every_table_that_was_made_is_decided_by_every_policy(estate: JudgedEstate) -> None:
    policies = {each["policy_id"] for each in estate.report["policies"]}
    for spec in TABLES:
        assert estate.reported(spec)["decisions"].keys() == policies
    completeness = estate.report["completeness"]
    assert completeness["failures"] == []
    expected = completeness["tables_evaluated"] * len(policies)
    assert (completeness["decisions_expected"], completeness["decisions_made"]) == (
        expected,
        expected,
    )


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_each_decision_carries_its_proof(estate: JudgedEstate, spec: Spec) -> None:
    for policy, decision in estate.reported(spec)["decisions"].items():
        assert decision[PROOF[decision["outcome"]]], policy


def test_the_figures_of_the_report_add_up(estate: JudgedEstate) -> None:
    """Per policy, in all, and in bytes that were read back when the tables were made."""
    tables, summary = estate.report["tables"], estate.report["summary"]
    for policy, counts in summary["by_policy"].items():
        outcomes = Counter(each["decisions"][policy]["outcome"] for each in tables)
        assert {name: n for name, n in counts["outcomes"].items() if n} == outcomes
    assert summary["total"]["tables"] == len(tables) == sum(summary["tables_by_status"].values())
    assert summary["total"]["bytes"] == sum(each.get("size", {}).get("bytes", 0) for each in tables)
    by_name = {each["full_name"]: each.get("size", {}).get("bytes", 0) for each in tables}
    for spec in TABLES:
        made = estate.made(spec)
        assert by_name[made.full_name] == (made.size or 0)


def test_a_view_is_not_a_table_that_could_be_clustered(estate: JudgedEstate) -> None:
    assert estate.decision(VIEW, STRATEGY).outcome is Outcome.NOT_APPLICABLE


def test_columns_of_every_type_are_read_and_decided_about(estate: JudgedEstate) -> None:
    kinds = {each["type_text"].partition("<")[0] for each in estate.document(EVERY_TYPE)["columns"]}
    assert len(kinds) == 16
    decisions = estate.reported(EVERY_TYPE)["decisions"].values()
    assert not [each for each in decisions if each["outcome"] == "error"]


def test_what_cannot_be_decided_is_named_with_what_is_lacking(estate: JudgedEstate) -> None:
    """Without a size nobody says that a table is small, or that it is large."""
    for spec in (LARGE, SMALL, PARTITIONED):
        decision = estate.listed(spec)["decisions"][STRATEGY]
        assert decision["outcome"] == "unknown"
        (missing,) = decision["missing"]
        assert (missing["kind"], missing["status"]) == ("size", "not_requested")
