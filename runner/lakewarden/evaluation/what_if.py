"""Asks policies again under other settings, as their annotations want it, and counts.

It asks no more than it has to, by what an annotation promises (docs/policy-contract.md): the larger
the settings, the further a table moves from fail over unknown to exempt, and all others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, Final

from msgspec import Struct, structs

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.variants import Variants
from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount, Insight, WhatIf
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden.report.amounts import Counted, bytes_of, count
from lakewarden.report.comparison import Comparison
from lakewarden.report.insight_tally import InsightTally
from lakewarden.report.previous import PreviousReport
from lakewarden.settings.scaling import scaled
from lakewarden.settings.settings import Settings
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument

_MOVING: Final = (Outcome.FAIL, Outcome.EXEMPT, Outcome.UNKNOWN, Outcome.ERROR)
_CODES: Final = {outcome: code for code, outcome in enumerate(_MOVING, 1)}
_STAYS_IF_SMALLER: Final = _CODES[Outcome.FAIL]
_STAYS_IF_LARGER: Final = _CODES[Outcome.EXEMPT]


class _Sized(Struct, frozen=True):
    size: dict[str, Any]


_sized: Final = decoder(_Sized).decode


class OutcomeCodes:
    """The outcome of a policy that asks for every table of a run, in one byte each."""

    def __init__(self) -> None:
        self.codes = bytearray()
        """0 where nothing can move it."""
        self.amounts = {outcome: Amount() for outcome in _MOVING}

    def add(self, outcome: Outcome, size: int | None) -> None:
        """Note the next table."""
        self.codes.append(_CODES.get(outcome, 0))
        if outcome in self.amounts:
            count(self.amounts[outcome], size)

    def movable(self, *, larger: bool) -> bytes:
        """Return the codes of the tables that larger settings, or smaller ones, can move."""
        stays = _STAYS_IF_LARGER if larger else _STAYS_IF_SMALLER
        return bytes(0 if code == stays else code for code in self.codes)


class Candidates:
    """What the policies that ask came to in the run."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.asking = tuple(
            (each, each.what_if, OutcomeCodes()) for each in policies if each.what_if
        )

    def add(self, table: TableReport) -> None:
        """Note the next table; every one of the run, in its order."""
        size = bytes_of(table)
        for policy, _, outcomes in self.asking:
            outcomes.add(table.decisions[policy.policy_id].outcome, size)


class WhatIfAnalysis(Struct, frozen=True, kw_only=True):
    """Asks what the run asked, but under other settings."""

    engine: Engine
    question: Question
    settings: Settings
    schemas: Mapping[str, Mapping[str, Any]]
    """Domain to its settings schema."""
    documents: Callable[[bytes], Iterator[EncodedDocument]]
    """Gives the run's documents once more, in the same order, without those whose byte is 0."""

    def run(
        self, candidates: Candidates, advance: Callable[[int], None] = lambda _: None
    ) -> Iterator[WhatIf]:
        """Yield what each policy decides under each of its factors that changes a setting.

        `advance` is told the number of tables decided, once for each factor that asks about them.
        Raises `EngineError` where the engine is gone.
        """
        for policy, asked, outcomes in candidates.asking:
            found: dict[float, WhatIf] = {}
            for larger, factors in _sides(asked):
                codes = outcomes.movable(larger=larger)
                for factor in factors:
                    settings = scaled(self.settings, self.schemas, policy, factor)
                    if settings is not None:
                        trial = _Trial(outcomes, codes)
                        self._decide_again(policy, settings, trial, advance)
                        found[factor] = trial.result(
                            policy_id=policy.policy_id,
                            factor=factor,
                            settings=_named(asked, settings, policy),
                            now=_named(asked, self.settings, policy),
                        )
                        codes = bytes(trial.moved)
            yield from (found[factor] for factor in asked.factors if factor in found)

    def _decide_again(
        self, policy: Policy, settings: Settings, trial: _Trial, advance: Callable[[int], None]
    ) -> None:
        question = structs.replace(
            self.question,
            policies=(policy.policy_id,),
            settings=settings.values,
            variants=Variants(settings, [policy]),
        )
        answers = decide(self.engine, question, self.documents(trial.codes))
        places = compress(range(len(trial.codes)), trial.codes)
        for place, (document, answer) in zip(places, answers, strict=True):
            trial.add(place, document, answer.decisions[policy.policy_id].outcome)
            advance(1)


def _named(asked: WhatIfAsked, settings: Settings, policy: Policy) -> dict[str, Any]:
    """Return the settings that a policy's annotation names."""
    values = settings.values[policy.policy_id.partition(".")[0]]
    return {name: values[name] for name in asked.settings}


def _sides(asked: WhatIfAsked) -> tuple[tuple[bool, list[float]], ...]:
    """Return the smaller factors and the larger ones, each from the farthest to the nearest.

    What the farthest does not move, no nearer one moves.
    """
    smaller = sorted(factor for factor in asked.factors if factor < 1)
    larger = sorted((factor for factor in asked.factors if factor > 1), reverse=True)
    return (False, smaller), (True, larger)


class _Trial:
    """One policy's decisions under one factor, as differences from those of the run."""

    def __init__(self, outcomes: OutcomeCodes, codes: bytes) -> None:
        self.codes = codes
        """0 for each table that is not asked about."""
        self.moved = bytearray(len(codes))
        """The same for the tables that a nearer factor may move."""
        self._amounts = {outcome: structs.replace(a) for outcome, a in outcomes.amounts.items()}
        self._newly, self._no_longer = Counted(), Counted()

    def add(self, place: int, document: EncodedDocument, after: Outcome) -> None:
        before = _MOVING[self.codes[place] - 1]
        if after is not before or after is Outcome.ERROR:
            self.moved[place] = self.codes[place]
        size: int | None = _sized(document.data).size.get("bytes")
        count(self._amounts[before], size, -1)
        if after in self._amounts:
            count(self._amounts[after], size)
        if after is Outcome.FAIL and before is not Outcome.FAIL:
            self._newly.add(document.full_name, size)
        if before is Outcome.FAIL and after is not Outcome.FAIL:
            self._no_longer.add(document.full_name, size)

    def result(
        self, *, policy_id: str, factor: float, settings: dict[str, Any], now: dict[str, Any]
    ) -> WhatIf:
        unknown, errors = self._amounts[Outcome.UNKNOWN], self._amounts[Outcome.ERROR]
        return WhatIf(
            policy_id=policy_id,
            factor=factor,
            settings=settings,
            now=now,
            failing=self._amounts[Outcome.FAIL],
            exempt=self._amounts[Outcome.EXEMPT],
            unknown=Amount(
                tables=unknown.tables + errors.tables,
                bytes=unknown.bytes + errors.bytes,
                unsized=unknown.unsized + errors.unsized,
            ),
            newly_failing=self._newly.amount,
            no_longer_failing=self._no_longer.amount,
            examples=self._newly.examples,
        )


LEFT_OUT: Final = "--no-what-if leaves them out"
"""Why nothing was tried where nobody wanted it."""


class WhatIfResults(Struct, frozen=True, kw_only=True):
    """The results under other settings."""

    what_if: tuple[WhatIf, ...] = ()
    not_tried: str = ""
    """Why nothing was tried although a policy asks for it."""


class InsightLedger:
    """Follows a run's tables; `previous` is a report to compare them with, which it uses up."""

    def __init__(self, policies: Sequence[Policy], previous: PreviousReport | None = None) -> None:
        self.candidates = Candidates(policies)
        self._tally = InsightTally(policies)
        self._comparison = Comparison(previous, policies) if previous else None

    def add(self, table: TableReport) -> None:
        """Take the next table and its decisions into account."""
        self._tally.add(table)
        self.candidates.add(table)
        if self._comparison:
            self._comparison.add(table)

    def insight(self, tried: WhatIfResults, run: Run, completeness: Completeness) -> Insight:
        """Return the report's part, once every table has been added."""
        return Insight(
            governance=self._tally.governance(completeness),
            exempted=self._tally.exempted,
            lacking=self._tally.lacking,
            what_if=tried.what_if,
            not_tried=tried.not_tried,
            change=self._comparison.change(run, completeness) if self._comparison else None,
        )
