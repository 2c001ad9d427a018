"""Says which evidence decisions lack, so that it is collected for those tables alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question
from lakewarden.model.decision import TableDecisions
from lakewarden_collector.document import TableDocument, encoded
from lakewarden_collector.sources.interface import Advice, Adviser

_EVERYTHING: Final = frozenset({"size", "access", "tags", "predictive_optimization"})


def everything(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Want every kind of evidence of every table, whatever it is for."""
    return [Advice(_EVERYTHING)] * len(documents)


def by_decisions(engine: Engine, question: Question) -> Adviser:
    """Return an adviser that has the tables decided and wants what `unknown` decisions name.

    Waivers are not looked at: the evidence of a waived table is collected all the same, so that a
    waiver that is not needed is found.
    """
    unwaived = structs.replace(question, waivers=())

    def advise(documents: Sequence[TableDocument]) -> Sequence[Advice]:
        answers = decide(engine, unwaived, map(encoded, documents))
        return [_advice(answer) for _, answer in answers]

    return advise


def _advice(answer: TableDecisions) -> Advice:
    decisions = answer.decisions
    wants = {missing.kind for decision in decisions.values() for missing in decision.missing}
    outcomes = ",".join(decisions[name].outcome for name in sorted(decisions))
    return Advice(frozenset(wants), outcomes.encode())
