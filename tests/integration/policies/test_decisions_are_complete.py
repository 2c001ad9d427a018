"""The shape of decisions, and that no shipped policy is without a second opinion."""

from __future__ import annotations

import random

import pytest
from msgspec import convert

from lakewarden.model.decision import Decision, Outcome, TableDecisions
from lakewarden_collector.document import TableDocument
from tests.support import documents, rego
from tests.support.agreement import Decide
from tests.support.oracle.opinion import OUTCOMES, POLICIES

_PROOF = {
    Outcome.PASS: "reasons",
    Outcome.NOT_APPLICABLE: "reasons",
    Outcome.FAIL: "violations",
    Outcome.UNKNOWN: "missing",
    Outcome.EXEMPT: "exemptions",
}
_TABLES = rego.POLICIES / "lakewarden" / "tables"


def test_oracle_knows_every_policy() -> None:
    """A policy that nothing else decides again could mean anything."""
    shipped = {f"{path.parts[-3]}.{path.stem}" for path in _TABLES.glob("*/*/*.rego")}
    assert {name for name in shipped if not name.endswith("_test")} == set(POLICIES)


def test_oracle_knows_the_settings_of_every_domain() -> None:
    """Settings that are never drawn are never compared."""
    typed = {path.parent.name for path in _TABLES.glob("*/settings.schema.json")}
    assert typed == set(documents.DEFAULT_SETTINGS)


@pytest.mark.opa
def test_answers_have_the_shape_of_decisions(opa: Decide) -> None:
    """The runner reads answers into these types; the documents are what collectors may write."""
    asked = documents.request(random.Random(20261123), 200)  # noqa: S311 -- a repeatable sample
    for document in asked["tables"]:
        convert(document, TableDocument)
    answers = convert(opa(asked), list[TableDecisions])
    assert len(answers) == 200
    for answer in answers:
        assert tuple(sorted(answer.decisions)) == POLICIES
        for policy, decision in answer.decisions.items():
            assert decision.outcome in OUTCOMES[policy]
            _has_proof(decision)


def _has_proof(decision: Decision) -> None:
    assert getattr(decision, _PROOF[decision.outcome])
    assert (decision.would_be is not None) == (decision.outcome is Outcome.EXEMPT)
    for violation in decision.violations:
        assert violation.message
        assert violation.expected is not None
        assert violation.actual is not None
