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
from tests.unit.scenarios.judging import Judge, lacking
from tests.unit.scenarios.tables import (
    AUTO,
    EXCLUDED,
    KINDS,
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
FACTS: tuple[Json, ...] = (
    {},
    {"size": exactly(1)},
    {"size": {}},
    {"properties": EXCLUDED},
    {"properties": AUTO | clustered_by("city")},
    {"properties": {"clusteringColumns": "broken"}},
)
ASK_EVERYTHING = {"require_liquid_for_frequent_reads": True, "forbidden_key_patterns": ["*_id"]}
KINDS_OF_EVIDENCE = ("properties", "columns", "comment", "owner", "tags", "size", "access")
REQUIRED = "clustering.strategy_required"


def is_proven(decision: Decision) -> bool:
    """Say whether a decision has what its outcome needs, and nothing that contradicts it."""
    exempt = decision.outcome is Outcome.EXEMPT
    return bool(getattr(decision, PROOF[decision.outcome])) and exempt == bool(decision.would_be)


def every_policy(judge: Judge) -> set[str]:
    """Return the ids of the policies that are shipped."""
    return {policy.policy_id for policy in judge.rules().policies}


# Every kind of table


def test_every_policy_decides_every_table_with_a_proof(judge: Judge) -> None:
    estate = [table(**kind, **facts) for kind in KINDS for facts in FACTS]
    for answer in judge.answers(estate):
        assert answer.decisions.keys() == every_policy(judge)
        assert all(map(is_proven, answer.decisions.values()))
        assert Outcome.ERROR not in {decision.outcome for decision in answer.decisions.values()}


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        ({"table_type": "VIEW"}, "A table of type VIEW can't be clustered."),
        ({"table_type": "FOREIGN"}, "A table of type FOREIGN can't be clustered."),
        (
            {"table_type": "EXTERNAL", "data_source_format": "CSV"},
            "A table of type EXTERNAL in the format CSV can't be clustered.",
        ),
        (
            {"table_type": "EXTERNAL", "data_source_format": "ICEBERG"},
            "A table of type EXTERNAL in the format ICEBERG can't be clustered.",
        ),
    ],
    ids=["view", "foreign", "csv", "external_iceberg"],
)
def test_what_cannot_be_clustered_is_left_alone_and_says_why(
    judge: Judge, kind: Json, output: str
) -> None:
    """Views have no files, and those of foreign tables are not ours."""
    document = table(properties=EXCLUDED | AUTO, **kind)
    [answer] = judge.answers([document], policies=["clustering.*"])
    assert answer.facts["clustering"] == {"clusterable": False}
    for decision in answer.decisions.values():
        assert decision.outcome is Outcome.NOT_APPLICABLE
        assert output in decision.reasons


@pytest.mark.parametrize("field", ["table_type", "data_source_format"])
def test_a_kind_that_nobody_knows_is_undecided_and_not_left_alone(judge: Judge, field: str) -> None:
    """A new kind of table at Databricks must show up, not fall out."""
    estate = [table(name=f"t{n}", **{field: value}) for n, value in enumerate(["HOLOGRAM", ""])]
    for answer in judge.answers(estate, policies=["clustering.*"]):
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
    hidden = without(table(evidence=evidence), *KINDS_OF_EVIDENCE) | {"size": {}}
    [answer] = judge.answers([hidden], settings=ASK_EVERYTHING)
    for policy, decision in answer.decisions.items():
        assert decision.outcome is Outcome.UNKNOWN, policy
        for missing in decision.missing:
            assert missing.reason == f"no grant for {missing.kind}"


# Any estate


@settings(max_examples=10)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_on_any_estate_the_decisions_add_up_and_hold_what_they_say(judge: Judge, seed: int) -> None:
    """Tables times policies, each decided as if it were alone; nothing is left out or guessed."""
    drawn = documents.request(random.Random(seed), 12)  # noqa: S311 -- hypothesis draws the seed
    estate, chosen = drawn["tables"], drawn["settings"]["clustering"]
    waivers = [waiver(REQUIRED, pattern="prod.*")]
    answers = judge.answers(estate, settings=chosen, waivers=waivers)
    [alone] = judge.answers(estate[-1:], settings=chosen, waivers=waivers)
    assert alone == answers[-1]
    for document, answer in zip(estate, answers, strict=True):
        assert answer.decisions.keys() == every_policy(judge)
        assert all(map(is_proven, answer.decisions.values()))
        facts = answer.facts["clustering"]
        for exemption in answer.decisions[REQUIRED].exemptions:
            if exemption.kind == "rule":
                assert facts["strategy"] == "none"
                if facts.get("assumed_size") == "small":
                    assert document["definition"]["tool"]
                    assert "bytes" not in document["size"]
                else:
                    assert document["size"]["bytes"] < facts["threshold_bytes"]
                assert chosen["exempt_small_tables"]
            elif exemption.kind == "flag":
                assert facts["strategy"] == "none"
                assert document["properties"][chosen["exclusion_property"]].lower() == "true"
                assert chosen["honor_exclusion_flag"]
