"""Every decision, three times: OPA, Regorus, and the oracle in plain Python.

If one of them has misread what a policy means, these tests say about which document.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import convert

from lakewarden.engines.interface import Engine
from lakewarden.model.decision import Outcome, TableDecisions
from lakewarden_collector.document import TableDocument
from tests.data import documents, oracle
from tests.data.agreement import Agreement

pytestmark = pytest.mark.opa

Json = dict[str, Any]

_BATCHES: Final = 100
_BATCH: Final = 50
_LARGE_BATCHES: Final = 100
_SEED: Final = 20261123


def _decide(engine: Engine, request: Json) -> list[Json]:
    answers: list[Json] = json.loads(engine.decide(json.dumps(request).encode()))
    return answers


@settings(
    max_examples=_BATCHES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(request=documents.requests(_BATCH))
def test_engines_and_oracle_agree(
    opa_engine: Engine, embedded_engine: Engine, request: Json
) -> None:
    """A disagreement is shrunk to the smallest settings and documents that show it."""
    answers = _decide(opa_engine, request)
    agreement = Agreement()
    agreement.compare(request, answers)
    assert (agreement.disagree, agreement.missing) == ([], [])
    assert _decide(embedded_engine, request) == answers


def test_thousands_of_decisions_agree(
    opa_engine: Engine,
    embedded_engine: Engine,
    record_property: Callable[[str, object], None],
) -> None:
    """The same over a large fixed sample, in which every outcome is known to occur."""
    rng = random.Random(_SEED)  # noqa: S311 -- a repeatable sample
    agreement = Agreement()
    for _ in range(_LARGE_BATCHES):
        request = documents.request(rng, _BATCH)
        answers = _decide(opa_engine, request)
        agreement.compare(request, answers)
        assert _decide(embedded_engine, request) == answers
    record_property("agreement", str(agreement))
    print(agreement)  # noqa: T201 -- shown on failure, and with -s
    assert (agreement.disagree, agreement.missing) == ([], [])
    assert agreement.agree == _LARGE_BATCHES * _BATCH * len(oracle.POLICIES)
    possible = {"fail", "pass", "unknown", "exempt", "not_applicable"}
    for policy in oracle.POLICIES:
        assert {outcome for name, outcome in agreement.seen if name == policy} == possible, policy


def test_answers_have_the_shape_of_decisions(opa_engine: Engine) -> None:
    """The runner reads answers into these types; the documents are what collectors may write."""
    request = documents.request(random.Random(_SEED), 200)  # noqa: S311 -- a repeatable sample
    for document in request["tables"]:
        convert(document, TableDocument)
    answers = convert(_decide(opa_engine, request), list[TableDecisions])
    assert len(answers) == 200
    for answer in answers:
        assert tuple(sorted(answer.decisions)) == oracle.POLICIES
        for decision in answer.decisions.values():
            _complete(decision.outcome, decision)


def _complete(outcome: Outcome, decision: Any) -> None:  # noqa: ANN401 -- a Decision, by name
    proof = {
        Outcome.PASS: "reasons",
        Outcome.NOT_APPLICABLE: "reasons",
        Outcome.FAIL: "violations",
        Outcome.UNKNOWN: "missing",
        Outcome.EXEMPT: "exemptions",
    }
    assert getattr(decision, proof[outcome])
    assert (decision.would_be is not None) == (outcome is Outcome.EXEMPT)
    for violation in decision.violations:
        assert violation.message
        assert violation.expected is not None
        assert violation.actual is not None


@pytest.mark.parametrize("engine_name", ["opa_engine", "embedded_engine"])
def test_null_size_is_unknown(engine_name: str, request: pytest.FixtureRequest) -> None:
    """Null is below every number in Rego: it must not make a table small and exempt."""
    engine: Engine = request.getfixturevalue(engine_name)
    asked = documents.request(random.Random(1), 1)  # noqa: S311 -- a repeatable sample
    asked["settings"]["clustering"] = documents.DEFAULTS
    asked["waivers"] = []
    table = asked["tables"][0]
    table |= {"table_type": "MANAGED", "data_source_format": "DELTA", "properties": {}}
    table |= {"detail": {}, "size": {"bytes": None, "exact": True}}
    [answer] = _decide(engine, asked)
    decision = answer["decisions"]["clustering.strategy_required"]
    assert decision["outcome"] == "unknown"
    assert [missing["kind"] for missing in decision["missing"]] == ["size"]
