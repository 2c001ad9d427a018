"""Which evidence is wanted follows from what decisions lack, and from nothing else."""

from __future__ import annotations

import json
from typing import Any

from lakewarden.evaluation.adviser import by_decisions, everything
from lakewarden.evaluation.question import Question
from lakewarden.settings.waivers import Waiver
from lakewarden_collector.document import EncodedDocument, Size, TableDocument
from tests.support.engines import PlainEngine, breaks_on, passes

WAIVER = Waiver(
    policy="colour.hue",
    table="c.s.t0",
    reason="agreed",
    owner="o",
    approved_by="a",
    expires="2099-01-31",
)
QUESTION = Question(
    policies=("colour.hue", "colour.shade"),
    settings={},
    waivers=(WAIVER,),
    now="2026-11-23T05:10:00Z",
)


class _Listening(PlainEngine):
    """Keeps what it was asked."""

    heard: tuple[dict[str, Any], ...] = ()

    def decide(self, request: bytes) -> bytes:
        self.heard = (*self.heard, json.loads(request))
        return super().decide(request)


def _tables(*sizes: int | None) -> list[TableDocument]:
    return [
        TableDocument(
            full_name=f"c.s.t{number}",
            catalog_name="c",
            schema_name="s",
            name=f"t{number}",
            size=Size() if size is None else Size(bytes=size),
        )
        for number, size in enumerate(sizes)
    ]


def _needs_size(document: dict[str, Any], policy: str) -> dict[str, Any]:
    """Let `hue` need the size and `shade` reads and tags, until there is a size; then decide."""
    size = document["size"].get("bytes")
    if size is None:
        kinds = ["size"] if policy == "colour.hue" else ["size", "access", "tags"]
        missing = [{"kind": kind, "status": "not_requested"} for kind in kinds]
        return {"outcome": "unknown", "missing": missing}
    if size > 100:
        return {"outcome": "fail", "violations": [{"message": "too large"}]}
    return passes(document, policy)


def test_what_unknown_decisions_miss_is_wanted_of_these_tables_alone() -> None:
    advise = by_decisions(PlainEngine(_needs_size), QUESTION)
    unknown, small, large = advise(_tables(None, 1, 1000))
    assert unknown.wants == {"size", "access", "tags"}
    assert small.wants == large.wants == frozenset()


def test_the_advice_comes_in_the_documents_order_however_many_there_are() -> None:
    advise = by_decisions(PlainEngine(_needs_size), QUESTION)
    sizes = [None if number % 7 == 0 else number for number in range(500)]
    wants = [bool(advice.wants) for advice in advise(_tables(*sizes))]
    assert wants == [size is None for size in sizes]
    assert list(advise([])) == []


def test_equal_outcomes_are_told_from_different_ones() -> None:
    """A size is reused only where a little more and a little less are decided alike."""
    advise = by_decisions(PlainEngine(_needs_size), QUESTION)
    small, smaller, large = advise(_tables(2, 1, 1000))
    assert small.outcome == smaller.outcome != large.outcome


def test_one_policys_outcome_is_not_taken_for_anothers() -> None:
    """Two outcomes that change places are a difference."""

    def rule(document: dict[str, Any], policy: str) -> dict[str, Any]:
        fails = (policy == "colour.hue") == (document["size"]["bytes"] > 5)
        failed = {"outcome": "fail", "violations": [{"message": "m"}]}
        return failed if fails else passes(document, policy)

    first, second = by_decisions(PlainEngine(rule), QUESTION)(_tables(1, 9))
    assert first.outcome != second.outcome


def test_waivers_are_not_looked_at() -> None:
    """The evidence of a waived table is collected too, or nobody finds an unneeded waiver."""
    engine = _Listening(_needs_size)
    (advice,) = by_decisions(engine, QUESTION)(_tables(None))
    assert "size" in advice.wants
    assert [asked["waivers"] for asked in engine.heard] == [[]]
    query = QUESTION.about(EncodedDocument("c.s.t0", b"{}"))
    assert QUESTION.request([query]).count(b"agreed") == 1


def test_a_policy_that_cannot_be_evaluated_wants_nothing_and_costs_no_other() -> None:
    advise = by_decisions(PlainEngine(breaks_on("t1", "colour.hue")), QUESTION)
    well, broken = advise(_tables(1, 2))
    assert well.wants == broken.wants == frozenset()
    assert well.outcome != broken.outcome


def test_everything_is_every_kind_that_costs_statements() -> None:
    advices = everything(_tables(None, 5))
    every = {"size", "access", "tags", "predictive_optimization"}
    assert [advice.wants for advice in advices] == [every] * 2
