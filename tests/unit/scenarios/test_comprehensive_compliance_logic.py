"""Every table, every policy: one outcome each, with its proof, and figures that add up.

Most tools fail here: what was not read, not asked or not understood counts as success.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden.model.decision import Decision, Outcome
from tests.support import documents
from tests.unit.scenarios.cases import (
    each_kind,
)
from tests.unit.scenarios.judging import Judge, lacking
from tests.unit.scenarios.tables import (
    AUTO,
    EXCLUDED,
    Json,
    clustered_by,
    exactly,
    table,
    unread,
    waiver,
    without,
)

pytestmark = pytest.mark.comprehensive_compliance

PROOF = {
    Outcome.PASS: "reasons",
    Outcome.FAIL: "violations",
    Outcome.EXEMPT: "exemptions",
    Outcome.NOT_APPLICABLE: "reasons",
    Outcome.UNKNOWN: "missing",
    Outcome.ERROR: "reasons",
}
NO_FILES_OF_ITS_OWN = ("VIEW", "METRIC_VIEW", "FOREIGN", "EXTERNAL_SHALLOW_CLONE")
ASK_EVERYTHING = {
    "require_liquid_for_frequent_reads": True,
    "forbidden_key_patterns": ["*_id"],
}
KINDS_OF_EVIDENCE = ("properties", "columns", "comment", "owner", "tags", "size", "access")
WAIVED = waiver("clustering.strategy_required", pattern="prod.*")


def is_proven(decision: Decision) -> bool:
    """Say whether a decision has what its outcome needs, and nothing that contradicts it."""
    exempt = decision.outcome is Outcome.EXEMPT
    return bool(getattr(decision, PROOF[decision.outcome])) and exempt == bool(decision.would_be)


def every_policy(judge: Judge) -> set[str]:
    """Return the ids of the policies that are shipped."""
    return {policy.policy_id for policy in judge.rules().policies}


# Every kind of table


@each_kind
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"size": exactly(1)},
        {"size": {}},
        {"properties": EXCLUDED},
        {"properties": AUTO | clustered_by("city")},
        {"properties": {"clusteringColumns": "broken"}},
    ],
    ids=["large", "small", "unsized", "excluded", "clustered", "broken_keys"],
)
def test_every_policy_decides_every_table_with_a_proof(
    judge: Judge, table_type: str, data_source_format: str, facts: Json
) -> None:
    kind = {"table_type": table_type, "data_source_format": data_source_format}
    [answer] = judge.answers([table(**kind, **facts)])
    assert answer.decisions.keys() == every_policy(judge)
    assert all(map(is_proven, answer.decisions.values()))
    assert Outcome.ERROR not in {decision.outcome for decision in answer.decisions.values()}


@pytest.mark.parametrize("table_type", NO_FILES_OF_ITS_OWN)
def test_what_cannot_be_clustered_is_left_alone_and_says_why(judge: Judge, table_type: str) -> None:
    """Views have no files, and those of foreign tables are not ours."""
    document = table(table_type=table_type, properties=EXCLUDED | AUTO)
    [answer] = judge.answers([document], policies=["clustering.*"])
    assert answer.facts["clustering"] == {"clusterable": False}
    for decision in answer.decisions.values():
        assert decision.outcome is Outcome.NOT_APPLICABLE
        assert f"A table of type {table_type} can't be clustered." in decision.reasons


@pytest.mark.parametrize(
    ("table_type", "data_source_format"),
    [("MANAGED", "PARQUET"), ("EXTERNAL", "CSV"), ("EXTERNAL", "ICEBERG")],
)
def test_a_table_in_a_format_without_clustering_is_left_alone(
    judge: Judge, table_type: str, data_source_format: str
) -> None:
    document = table(table_type=table_type, data_source_format=data_source_format)
    [answer] = judge.answers([document], policies=["clustering.*"])
    assert answer.facts["clustering"] == {"clusterable": False}
    reason = f"A table of type {table_type} in the format {data_source_format} can't be clustered."
    for decision in answer.decisions.values():
        assert decision.outcome is Outcome.NOT_APPLICABLE
        assert reason in decision.reasons


@pytest.mark.parametrize("field", ["table_type", "data_source_format"])
@pytest.mark.parametrize("value", ["managed", "HOLOGRAM", ""])
def test_a_kind_that_nobody_knows_is_undecided_and_not_left_alone(
    judge: Judge, field: str, value: str
) -> None:
    """A new kind of table at Databricks must show up, not fall out."""
    [answer] = judge.answers([table(**{field: value})], policies=["clustering.*"])
    assert answer.facts["clustering"] == {}
    for decision in answer.decisions.values():
        assert (decision.outcome, lacking(decision)) == (Outcome.UNKNOWN, {field})


# Nothing known


def test_of_a_table_of_which_only_the_name_is_known_everything_is_open(judge: Judge) -> None:
    """But for comment and properties, which a table may simply not have."""
    named = without(table(), "table_type", "data_source_format", "columns", "owner", "size")
    [answer] = judge.answers([named], policies=["clustering.*", "documentation.o*", "*.columns_*"])
    needs = {lacked for decision in answer.decisions.values() for lacked in lacking(decision)}
    assert needs == {"table_type", "columns", "owner"}
    assert {decision.outcome for decision in answer.decisions.values()} == {Outcome.UNKNOWN}


def test_what_nobody_could_read_is_named_with_the_reason(judge: Judge) -> None:
    """Anyone who reads the report knows which grant to ask for."""
    evidence: Json = {}
    for kind in KINDS_OF_EVIDENCE:
        evidence |= unread(kind, reason=f"no grant for {kind}")
    hidden = without(table(evidence=evidence, size={}), *KINDS_OF_EVIDENCE)
    hidden["size"] = {}
    [answer] = judge.answers([hidden], settings=ASK_EVERYTHING)
    for policy, decision in answer.decisions.items():
        assert decision.outcome is Outcome.UNKNOWN, policy
        for missing in decision.missing:
            assert missing.reason == f"no grant for {missing.kind}"


# Any estate


def _drawn(seed: int) -> Json:
    return documents.request(random.Random(seed), 12)  # noqa: S311 -- hypothesis draws the seed


@settings(max_examples=10)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_on_any_estate_the_decisions_add_up_and_are_proven(judge: Judge, seed: int) -> None:
    """Tables times policies: nothing is left out and nothing is guessed."""
    drawn, policies = _drawn(seed), every_policy(judge)
    chosen = drawn["settings"]["clustering"]
    answers = judge.answers(drawn["tables"], settings=chosen, waivers=[WAIVED])
    assert len(answers) == len(drawn["tables"])
    for answer in answers:
        assert answer.decisions.keys() == policies
        assert all(map(is_proven, answer.decisions.values()))


@settings(max_examples=10)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_on_any_estate_no_table_is_exempt_by_its_neighbours(judge: Judge, seed: int) -> None:
    """A table is decided as if it were the only one."""
    estate = _drawn(seed)["tables"]
    for document, together in zip(estate[:5], judge.answers(estate)[:5], strict=True):
        assert judge.answers([document]) == [together]


@settings(max_examples=10)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_on_any_estate_an_exemption_holds_what_it_says(judge: Judge, seed: int) -> None:
    """No table at or over its threshold is small, and none without the flag is excluded."""
    drawn = _drawn(seed)
    chosen = drawn["settings"]["clustering"]
    policy = "clustering.strategy_required"
    answers = judge.answers(drawn["tables"], policies=[policy], settings=chosen)
    for document, answer in zip(drawn["tables"], answers, strict=True):
        facts = answer.facts["clustering"]
        for exemption in answer.decisions[policy].exemptions:
            assert facts["strategy"] == "none"
            if exemption.kind == "rule":
                assert document["size"]["bytes"] < facts["threshold_bytes"]
                assert chosen["exempt_small_tables"]
            else:
                assert document["properties"][chosen["exclusion_property"]].lower() == "true"
                assert chosen["honor_exclusion_flag"]
