"""Asks policies again under other settings, as their annotations want it, and counts.

Only tables that a policy does not let pass can be decided otherwise: that is what the annotation
promises (docs/policy-contract.md). The others are not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.variants import Variants
from lakewarden.model.amounts import Counted
from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.insight import WhatIf
from lakewarden.model.policy import Policy
from lakewarden.model.scaling import scaled
from lakewarden.model.settings import Settings

_MOVING: Final = (Outcome.FAIL, Outcome.EXEMPT, Outcome.UNKNOWN, Outcome.ERROR)
_CODES: Final = {outcome: code for code, outcome in enumerate(_MOVING, 1)}
_FAILS: Final = _CODES[Outcome.FAIL]


class _Table(Struct, frozen=True):
    full_name: str
    size: dict[str, Any]


_table: Final = msgspec.json.Decoder(_Table).decode


class Candidates:
    """What the policies that ask came to in the run, table by table: one byte for each."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.asking = tuple((each, each.what_if) for each in policies if each.what_if)
        self._codes = {policy.policy_id: bytearray() for policy, _ in self.asking}

    def add(self, decisions: Mapping[str, Decision]) -> None:
        """Note the decisions about the next table; every one of the run, in its order."""
        for policy_id, codes in self._codes.items():
            codes.append(_CODES.get(decisions[policy_id].outcome, 0))

    @property
    def total(self) -> int:
        """How many documents there are to decide."""
        return sum(
            (len(self._codes[policy.policy_id]) - self._codes[policy.policy_id].count(0))
            * len(asked.factors)
            for policy, asked in self.asking
        )

    def codes(self, policy: Policy) -> bytes:
        """Return a byte for each table: 0 where it cannot move, else where it stands."""
        return bytes(self._codes[policy.policy_id])


class Others(Struct, frozen=True, kw_only=True):
    """Asks what the run asked, but under other settings."""

    engine: Engine
    question: Question
    settings: Settings
    schemas: Mapping[str, Mapping[str, Any]]
    """Domain to its settings schema."""
    documents: Callable[[], Iterator[bytes]]
    """Gives the run's documents once more, in the same order."""

    def try_all(
        self, candidates: Candidates, advance: Callable[[int], None] = lambda _: None
    ) -> Iterator[WhatIf]:
        """Yield what each policy decides under each of its factors that changes a setting.

        `advance` is told the number of tables decided. Raises `EngineError` where the engine is
        gone.
        """
        for policy, asked in candidates.asking:
            codes = candidates.codes(policy)
            for factor in asked.factors:
                settings = scaled(self.settings, self.schemas, policy, factor)
                if settings is None:
                    advance(len(codes) - codes.count(0))
                    continue
                found = self._try(policy, settings, codes, advance)
                values = settings.values[policy.policy_id.partition(".")[0]]
                yield WhatIf(
                    policy_id=policy.policy_id,
                    factor=factor,
                    settings={name: values[name] for name in asked.settings},
                    failing=found.failing.amount,
                    exempt=found.exempt.amount,
                    unknown=found.unknown.amount,
                    newly_failing=found.newly.amount,
                    no_longer_failing=found.no_longer.amount,
                    examples=found.newly.examples,
                )

    def _try(
        self, policy: Policy, settings: Settings, codes: bytes, advance: Callable[[int], None]
    ) -> _Found:
        question = structs.replace(
            self.question,
            policies=(policy.policy_id,),
            settings=settings.values,
            variants=Variants(settings, [policy]),
        )
        found = _Found()
        documents = compress(self.documents(), codes)
        answers = decide(self.engine, question, documents)
        for (document, answer), before in zip(answers, filter(None, codes), strict=True):
            found.add(_table(document), answer.decisions[policy.policy_id].outcome, before)
            advance(1)
        return found


class _Found:
    """One policy's decisions under one factor, counted."""

    def __init__(self) -> None:
        self.failing, self.exempt, self.unknown = Counted(), Counted(), Counted()
        self.newly, self.no_longer = Counted(), Counted()
        self._groups = {
            Outcome.FAIL: self.failing,
            Outcome.EXEMPT: self.exempt,
            Outcome.UNKNOWN: self.unknown,
            Outcome.ERROR: self.unknown,
        }

    def add(self, table: _Table, outcome: Outcome, before: int) -> None:
        size: int | None = table.size.get("bytes")
        if outcome in self._groups:
            self._groups[outcome].add(table.full_name, size)
        if outcome is Outcome.FAIL and before != _FAILS:
            self.newly.add(table.full_name, size)
        if outcome is not Outcome.FAIL and before == _FAILS:
            self.no_longer.add(table.full_name, size)
