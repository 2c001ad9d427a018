"""Every document gets every decision, in order, whatever fails and whichever batch is quicker."""

import json
from typing import Any

import msgspec
import pytest

from lakewarden.evaluation.batches import BATCH, decide
from lakewarden.evaluation.question import Question
from lakewarden.model.decision import Outcome, TableDecisions
from lakewarden.model.errors import (
    AnswerTooLongError,
    EngineDiedError,
    EngineError,
    EvaluationError,
)
from lakewarden_collector.document import EncodedDocument
from tests.support.engines import PlainEngine, breaks_on, passes

POLICIES = ("colour.hue", "colour.shade", "sound.pitch")
QUESTION = Question(policies=POLICIES, settings={}, waivers=(), now="2026-11-23T05:10:00Z")


def document(number: int) -> EncodedDocument:
    name = f"t{number:05}"
    full_name = f"a.b.{name}"
    return EncodedDocument(full_name, json.dumps({"full_name": full_name, "name": name}).encode())


def answers(engine: PlainEngine, count: int) -> list[tuple[EncodedDocument, TableDecisions]]:
    return list(decide(engine, QUESTION, map(document, range(count))))


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH * 20 + 1])
def test_the_answers_come_in_the_documents_order(count: int) -> None:
    found = answers(PlainEngine(passes), count)
    assert [asked for asked, _ in found] == [document(number) for number in range(count)]
    assert all(
        answer.facts["colour"]["name"] == json.loads(asked.data)["name"] for asked, answer in found
    )


def test_an_evaluation_error_marks_one_policy_of_one_document() -> None:
    found = answers(PlainEngine(breaks_on("t00042", "colour.shade")), BATCH * 3)
    errors = [
        (json.loads(asked.data)["name"], policy_id, decision)
        for asked, answer in found
        for policy_id, decision in answer.decisions.items()
        if decision.outcome is not Outcome.PASS
    ]
    ((name, policy_id, decision),) = errors
    assert all(answer.facts.keys() == {"colour", "sound"} for _, answer in found)
    assert (name, policy_id) == ("t00042", "colour.shade")
    assert decision.outcome is Outcome.ERROR
    assert "shade.rego:7: json.unmarshal" in decision.reasons[0]


def test_everything_broken_is_still_answered() -> None:
    def broken(_document: dict[str, Any], _policy: str) -> dict[str, Any]:
        raise EvaluationError("no")

    found = answers(PlainEngine(broken), 10)
    outcomes = {d.outcome for _, answer in found for d in answer.decisions.values()}
    assert (len(found), outcomes) == (10, {Outcome.ERROR})


def test_a_policy_that_the_engine_left_out_is_an_error_by_name() -> None:
    class Forgetful(PlainEngine):
        def decide(self, request: bytes) -> bytes:
            return super().decide(request.replace(b'"colour.hue",', b""))

    ((_, answer),) = answers(Forgetful(passes), 1)
    assert answer.decisions["colour.hue"].outcome is Outcome.ERROR
    assert answer.decisions["colour.shade"].outcome is Outcome.PASS


@pytest.mark.parametrize("reply", [b"[]", b"{}", b"nonsense"])
def test_an_answer_that_is_not_the_routers_is_no_answer(reply: bytes) -> None:
    class Strange(PlainEngine):
        def decide(self, request: bytes) -> bytes:  # noqa: ARG002 -- the interface's
            return reply

    with pytest.raises(EngineError):
        answers(Strange(passes), 1)


def _with_fix(**fix: object) -> list[object]:
    return [{"message": "m", "fixes": [{"title": "Do it", "sql": ["A"]} | fix]}]


@pytest.mark.parametrize(
    ("violations", "words"),
    [
        (["only text"], "Expected `object`"),
        ([{"message": "m", "fixs": []}], "unknown field `fixs`"),
        ([{"message": "m", "key": 7}], "Expected `str | null`"),
        ([{"message": "m", "key": " "}], "key"),
        ([{"message": "m", "fixes": "Do it"}], "Expected `array`"),
        ([{"message": "m", "fixes": [{"sql": ["A"]}]}], "required field `title`"),
        ([{"message": "m", "fixes": [{}]}], "required field `title`"),
        (_with_fix(title=" \n"), "title"),
        (_with_fix(sql="A"), "Expected `array`"),
        (_with_fix(sql=["A", ""]), "sql[1]"),
        (_with_fix(sql=["A; "]), "sql[0]"),
        (_with_fix(undo=["A;"]), "undo[0]"),
        (_with_fix(requires=[""]), "requires[0]"),
        (_with_fix(requires=[{}]), "requires[0]"),
        (_with_fix(note=None), "note"),
        (_with_fix(risk="low"), "unknown field `risk`"),
        ([{"message": "m", "key": "a"}, {"message": "n", "key": "a"}], "the key 'a'"),
    ],
    ids=str,
)
def test_a_proof_of_the_wrong_shape_is_an_error_of_its_policy_alone(
    violations: list[object], words: str
) -> None:
    def rule(document: dict[str, Any], policy_id: str) -> dict[str, Any]:
        if policy_id == "colour.hue" and document["name"] == "t00003":
            return {"outcome": "fail", "violations": violations}
        return passes(document, policy_id)

    decisions = {
        (json.loads(asked.data)["name"], policy_id): decision
        for asked, answer in answers(PlainEngine(rule), 9)
        for policy_id, decision in answer.decisions.items()
    }
    broken = decisions.pop(("t00003", "colour.hue"))
    assert broken.outcome is Outcome.ERROR
    assert words in broken.reasons[0]
    assert {decision.outcome for decision in decisions.values()} == {Outcome.PASS}


def test_keys_and_fixes_come_as_they_were_given() -> None:
    """A violation without a key beside others is fine: it is the one without."""
    fix = {"title": "Do it", "sql": ["A; B"], "requires": ["c"], "note": "n", "undo": ["D"]}
    violations = [
        {"message": "m", "key": "a", "fixes": [fix, {"title": "Change the file"}]},
        {"message": "m", "key": "A"},
        {"message": "m"},
        {"message": "n"},
    ]
    engine = PlainEngine(lambda *_: {"outcome": "fail", "violations": violations})
    ((_, answer),) = answers(engine, 1)
    decided = answer.decisions["colour.hue"].violations
    assert json.loads(msgspec.json.encode(decided)) == violations


def test_what_was_decided_before_the_engine_died_stands() -> None:
    class Dying(PlainEngine):
        def decide(self, request: bytes) -> bytes:
            if b"t00250" in request:
                raise EngineError("gone")
            return super().decide(request)

    found: list[tuple[EncodedDocument, TableDecisions]] = []
    stream = decide(Dying(passes), QUESTION, map(document, range(500)))
    with pytest.raises(EngineError, match="gone"):
        found.extend(stream)
    assert len(found) == BATCH * 2


def test_no_more_is_read_than_is_in_flight() -> None:
    """The estate must not pile up in memory where the engine is slow."""
    taken = 0

    def counted() -> Any:  # noqa: ANN401 -- a generator of documents
        nonlocal taken
        for number in range(BATCH * 100):
            taken += 1
            yield document(number)

    stream = decide(PlainEngine(passes), QUESTION, counted())
    next(stream)
    assert taken <= BATCH * 7
    stream.close()  # type: ignore[attr-defined]


class _Breaking(PlainEngine):
    """Raises an error over one table, where the policy that is at fault is asked about it."""

    def __init__(self, error: EvaluationError) -> None:
        super().__init__(passes)
        self._error = error
        self.broken = 0

    def decide(self, request: bytes) -> bytes:
        asked = json.loads(request)
        if "colour.shade" in asked["policies"] and any(
            t["name"] == "t00042" for t in asked["tables"]
        ):
            self.broken += 1
            raise self._error
        return super().decide(request)


@pytest.mark.parametrize(
    ("error", "most"), [(EngineDiedError("died"), 3), (AnswerTooLongError("long"), 4)]
)
def test_what_costs_seconds_is_tried_a_few_times(error: EvaluationError, most: int) -> None:
    """The batch, a part of it, the table, the policy: each try may end the engine again."""
    engine = _Breaking(error)
    found = answers(engine, BATCH * 2)
    errors = [
        (json.loads(asked.data)["name"], policy_id)
        for asked, answer in found
        for policy_id, decision in answer.decisions.items()
        if decision.outcome is Outcome.ERROR
    ]
    assert errors == [("t00042", "colour.shade")]
    assert engine.broken <= most


def _nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize("levels", [101, 900, 5_000, 200_000])
@pytest.mark.parametrize("place", ["actual", "facts"])
def test_a_value_that_is_nested_too_deeply_is_an_error_of_its_policy_alone(
    levels: int, place: str
) -> None:
    class Deep(PlainEngine):
        def decide(self, request: bytes) -> bytes:
            reply = super().decide(request)
            asked = json.loads(request)["policies"]
            if "colour.shade" not in asked:
                return reply
            if place == "facts":
                return reply.replace(
                    b'"facts": {', b'"facts": {"odd": {"deep": ' + _nested(levels) + b"}, "
                )
            old = json.dumps({"colour.shade": {"outcome": "pass", "reasons": ["fine"]}})[1:-1]
            violation = b'{"message": "m", "actual": %s}' % _nested(levels)
            new = b'"colour.shade": {"outcome": "fail", "violations": [%s]}' % violation
            assert old.encode() in reply
            return reply.replace(old.encode(), new)

    ((_, answer),) = answers(Deep(passes), 1)
    outcomes = {name: decision.outcome for name, decision in answer.decisions.items()}
    assert outcomes == {
        "colour.hue": Outcome.PASS,
        "colour.shade": Outcome.ERROR,
        "sound.pitch": Outcome.PASS,
    }
    assert "nested" in answer.decisions["colour.shade"].reasons[0]


def test_large_documents_make_small_batches() -> None:
    """Or a hundred of them, several times over, would be in memory at once."""
    engine = PlainEngine(passes)
    padding = b" " * (3 << 20)
    plain = map(document, range(7))
    documents = [EncodedDocument(each.full_name, each.data + padding) for each in plain]
    found = list(decide(engine, QUESTION, documents))
    assert len(found) == 7
    assert sorted(engine.requests) == [1, 3, 3]
