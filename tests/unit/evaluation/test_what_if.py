"""What other settings would change is what the policy itself says under them, to the table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.variants import Variants
from lakewarden.evaluation.what_if import Candidates, WhatIfAnalysis
from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.errors import EngineError
from lakewarden.model.insight import Amount, WhatIf
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.model.report import TableReport
from lakewarden.settings.overrides import Override
from lakewarden.settings.settings import Settings
from lakewarden_collector.document import EncodedDocument
from tests.support.engines import PlainEngine

_SCHEMAS: Final[dict[str, Any]] = {
    "colour": {"properties": {"most": {"type": "integer", "minimum": 0, "default": 10}}}
}
_FACTORS: Final = (0.5, 2.0, 4.0, 0.0)
_PLAIN: Final = Policy(
    policy_id="colour.hue",
    title="",
    description="",
    severity=Severity.LOW,
    enforcement=Enforcement.MANDATORY,
    remediation="",
    settings=("most",),
)
_ASKING: Final = structs.replace(
    _PLAIN,
    policy_id="colour.shade",
    what_if=WhatIfAsked(settings=("most",), factors=_FACTORS),
)
_POLICIES: Final = (_PLAIN, _ASKING)
_OVERRIDE: Final = Override(
    domain="colour",
    tables=("c.s.o*",),
    settings={"most": 4},
    enforcement={},
    severity={},
    where="f:1",
)


class _Engine(PlainEngine):
    """Passes what is good; else exempts what is below `most` bytes and fails the rest."""

    def __init__(self, lives: int = 10**9) -> None:
        super().__init__(lambda _document, _policy: {})
        self.lives = lives
        self.asked: Counter[str] = Counter()

    def decide(self, request: bytes) -> bytes:
        output = json.loads(request)
        with self._lock:
            self.lives -= 1
            for each in output["tables"]:
                self.asked.update(f"{name} {each['full_name']}" for name in output["policies"])
        if self.lives < 0:
            raise EngineError("the engine is gone")
        variants = [*output.get("variants", []), {}]
        numbers = output.get("variant", [-1] * len(output["tables"]))
        return json.dumps(
            [
                {
                    "decisions": {
                        name: _decided(table, (output["settings"] | variants[number])["colour"])
                        for name in output["policies"]
                    }
                }
                for table, number in zip(output["tables"], numbers, strict=True)
            ]
        ).encode()


def _decided(table: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    if table["good"]:
        return {"outcome": "pass", "reasons": ["good"]}
    size = table["size"].get("bytes")
    if size is None:
        return {"outcome": "unknown", "missing": [{"kind": "size", "status": "denied"}]}
    if size < values["most"]:
        exemption = {"kind": "rule", "reason": "small"}
        return {"outcome": "exempt", "exemptions": [exemption], "would_be": "fail"}
    return {"outcome": "fail", "violations": [{"message": "bad"}]}


def _document(name: str, size: int | None, *, good: bool = False) -> EncodedDocument:
    data = json.dumps(
        {
            "full_name": f"c.s.{name}",
            "name": name,
            "size": {} if size is None else {"bytes": size},
            "good": good,
        }
    ).encode()
    return EncodedDocument(f"c.s.{name}", data)


def _settings(most: int = 10, *overrides: Override) -> Settings:
    return Settings(values={"colour": {"most": most}}, files={}, overrides=overrides)


def _question(values: Settings, policies: Sequence[Policy] = _POLICIES) -> Question:
    return Question(
        policies=tuple(policy.policy_id for policy in policies),
        settings=values.values,
        waivers=(),
        now="2026-11-23T05:10:00Z",
        variants=Variants(values, policies),
    )


def _reported(document: EncodedDocument, decisions: dict[str, Decision]) -> TableReport:
    output = json.loads(document.data)
    return TableReport(
        full_name=output["full_name"],
        catalog_name="c",
        schema_name="s",
        name=output["name"],
        size=output["size"],
        decisions=decisions,
    )


def _run(
    documents: Sequence[EncodedDocument],
    values: Settings,
    *,
    engine: _Engine | None = None,
    policies: Sequence[Policy] = _POLICIES,
) -> tuple[WhatIf, ...]:
    """Decide everything as a run does, then try the others."""
    engine = engine or _Engine()
    question = _question(values, policies)
    candidates = Candidates(policies)
    for document, answer in decide(engine, question, documents):
        candidates.add(_reported(document, answer.decisions))
    engine.asked.clear()
    others = WhatIfAnalysis(
        engine=engine,
        question=question,
        settings=values,
        schemas=_SCHEMAS,
        documents=lambda codes: compress(documents, codes),
    )
    done: list[int] = []
    tried = tuple(others.run(candidates, done.append))
    assert sum(done) == engine.asked.total()
    return tried


def test_each_factor_counts_who_would_fail_and_who_no_longer() -> None:
    documents = [
        _document("a", 3),
        _document("b", 7),
        _document("c", 12),
        _document("d", 50),
        _document("e", None),
        _document("f", 99, good=True),
    ]
    assert _run(documents, _settings()) == (
        WhatIf(
            policy_id="colour.shade",
            factor=0.5,
            settings={"most": 5},
            now={"most": 10},
            failing=Amount(tables=3, bytes=69),
            exempt=Amount(tables=1, bytes=3),
            unknown=Amount(tables=1, unsized=1),
            newly_failing=Amount(tables=1, bytes=7),
            no_longer_failing=Amount(),
            examples=("c.s.b",),
        ),
        WhatIf(
            policy_id="colour.shade",
            factor=2.0,
            settings={"most": 20},
            now={"most": 10},
            failing=Amount(tables=1, bytes=50),
            exempt=Amount(tables=3, bytes=22),
            unknown=Amount(tables=1, unsized=1),
            newly_failing=Amount(),
            no_longer_failing=Amount(tables=1, bytes=12),
            examples=(),
        ),
        WhatIf(
            policy_id="colour.shade",
            factor=4.0,
            settings={"most": 40},
            now={"most": 10},
            failing=Amount(tables=1, bytes=50),
            exempt=Amount(tables=3, bytes=22),
            unknown=Amount(tables=1, unsized=1),
            newly_failing=Amount(),
            no_longer_failing=Amount(tables=1, bytes=12),
            examples=(),
        ),
        WhatIf(
            policy_id="colour.shade",
            factor=0.0,
            settings={"most": 0},
            now={"most": 10},
            failing=Amount(tables=4, bytes=72),
            exempt=Amount(),
            unknown=Amount(tables=1, unsized=1),
            newly_failing=Amount(tables=2, bytes=10),
            no_longer_failing=Amount(),
            examples=("c.s.b", "c.s.a"),
        ),
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ox"), st.none() | st.integers(0, 30), st.booleans())),
    st.integers(0, 20),
    st.sampled_from([(), (_OVERRIDE,)]),
)
def test_a_trial_is_what_a_whole_run_under_those_settings_says(
    tables: list[tuple[str, int | None, bool]], most: int, overrides: tuple[Override, ...]
) -> None:
    """Asked of a fraction of the tables, it must be as if everything had been decided again."""
    documents = [
        _document(f"{letter}{number}", size, good=good)
        for number, (letter, size, good) in enumerate(tables)
    ]
    before = _outcomes(documents, _settings(most, *overrides))
    for tried in _run(documents, _settings(most, *overrides)):
        other = [
            structs.replace(each, settings={"most": round(4 * tried.factor)}) for each in overrides
        ]
        after = _outcomes(documents, _settings(round(most * tried.factor), *other))
        for outcome, amount in (
            (Outcome.FAIL, tried.failing),
            (Outcome.EXEMPT, tried.exempt),
            (Outcome.UNKNOWN, tried.unknown),
        ):
            assert amount.tables == [*after.values()].count(outcome)
        fails = {name for name, outcome in after.items() if outcome is Outcome.FAIL}
        failed = {name for name, outcome in before.items() if outcome is Outcome.FAIL}
        assert tried.newly_failing.tables == len(fails - failed)
        assert tried.no_longer_failing.tables == len(failed - fails)
        assert {*tried.examples} <= fails - failed


def _outcomes(documents: Sequence[EncodedDocument], values: Settings) -> dict[str, Outcome]:
    answers = decide(_Engine(), _question(values, [_ASKING]), documents)
    return {
        document.full_name: answer.decisions["colour.shade"].outcome for document, answer in answers
    }


def test_only_the_asking_policy_is_asked_and_only_about_what_can_move() -> None:
    """Else what one policy is curious about costs what a whole run costs, for each factor."""
    engine = _Engine()
    documents = [
        _document("good", 5, good=True),
        _document("small", 4),  # small at half the size too: asked once it is not at none
        _document("none", -1),  # small whatever the factor
        _document("large", 12),  # small at twice the size already
        _document("huge", 99),  # large whatever the factor
        _document("unsized", None),
    ]
    _run(documents * 500, _settings(), engine=engine)
    assert engine.asked == {
        "colour.shade c.s.small": 500 * 2,
        "colour.shade c.s.none": 500,
        "colour.shade c.s.large": 500 * 2,
        "colour.shade c.s.huge": 500,
        "colour.shade c.s.unsized": 500 * 2,
    }


def test_a_factor_that_changes_nothing_is_not_tried() -> None:
    engine = _Engine()
    assert _run([_document("a", 3)], _settings(0), engine=engine) == ()
    assert not engine.asked


def test_without_a_policy_that_asks_nothing_is_tried() -> None:
    assert _run([_document("a", 30)], _settings(), policies=[_PLAIN]) == ()
    assert not Candidates([_PLAIN]).asking


def test_an_engine_that_is_lost_is_an_error_of_the_trial() -> None:
    """The run decides what becomes of it; half of the factors would be a wrong answer."""
    with pytest.raises(EngineError, match="gone"):
        _run([_document("a", 3)], _settings(), engine=_Engine(lives=2))


def test_a_decision_that_breaks_counts_as_unknown_and_says_nothing_about_other_factors() -> None:
    candidates = Candidates([_ASKING])
    failed = Decision(outcome=Outcome.ERROR)
    candidates.add(_reported(_document("a", 3), {"colour.shade": failed}))

    class Breaking(_Engine):
        def decide(self, request: bytes) -> bytes:
            decision: dict[str, Any] = {"outcome": "error", "reasons": ["broken"]}
            if json.loads(request)["settings"]["colour"]["most"]:
                decision = {"outcome": "fail", "violations": [{"message": "bad"}]}
            return json.dumps([{"decisions": {"colour.shade": decision}}]).encode()

    def documents(_: bytes) -> Iterator[EncodedDocument]:
        yield _document("a", 3)

    others = WhatIfAnalysis(
        engine=Breaking(),
        question=_question(_settings()),
        settings=_settings(),
        schemas=_SCHEMAS,
        documents=documents,
    )
    tried = {each.factor: each for each in others.run(candidates)}
    assert {factor: each.unknown.tables for factor, each in tried.items()} == {
        0.5: 0, 2.0: 0, 4.0: 0, 0.0: 1
    }  # fmt: skip
    assert tried[0.5].newly_failing == Amount(tables=1, bytes=3)
