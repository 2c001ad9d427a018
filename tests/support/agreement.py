"""Comparing an engine's decisions with the oracle's: agree, disagree, missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from lakewarden.engines.interface import Engine
from tests.support.documents import settings_of
from tests.support.oracle.expected import Expected
from tests.support.oracle.opinion import expect
from tests.support.reduction import smallest

Json = dict[str, Any]
Decide = Callable[[Json], list[Json]]
"""An engine: the answers to a request."""

_LONG: Final = 4000
"""More characters than these say less."""


@dataclass(frozen=True)
class Disagreement:
    """A decision that the oracle does not share."""

    policy: str
    alone: Json
    """A request about that policy and that table only."""
    decision: Json
    expected: Expected

    def explain(self, decide: Decide) -> str:
        """Say for a person what differs, about the smallest document that still shows it."""
        asked = smallest(self.alone, lambda smaller: _differs(smaller, decide) is not None)
        found = _differs(asked, decide) or self
        return (
            f"{self.policy}: decided {_short(found.decision)}\n"
            f"the oracle says {found.expected}\n"
            f"about {_short(asked['tables'][0])}\n"
            f"with {_short({k: asked[k] for k in ('settings', 'waivers')})}"
        )


@dataclass
class Agreement:
    """Counts over any number of requests; `disagree` and `missing` hold what went wrong."""

    agree: int = 0
    disagree: list[Disagreement] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Tables and policies about which nothing was decided."""
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each policy had each outcome."""
    lacking: Counter[tuple[str, frozenset[str]]] = field(default_factory=Counter)
    """How often each policy needed just these kinds of evidence."""

    def __str__(self) -> str:
        return f"agree {self.agree}, disagree {len(self.disagree)}, missing {len(self.missing)}"

    def compare(self, asked: Json, answers: list[Json]) -> None:
        """Hold the answers to one request against what the oracle says about it."""
        self.missing += ["no answer"] * abs(len(asked["tables"]) - len(answers))
        for number, answer in enumerate(answers[: len(asked["tables"])]):
            for policy in asked["policies"]:
                alone = _alone(asked, number, policy)
                decision = answer["decisions"].get(policy)
                if decision is None:
                    self.missing.append(f"{policy} about {asked['tables'][number]['full_name']}")
                    continue
                expected = _expected(alone)
                self.seen[policy, expected.outcome] += 1
                self.lacking[policy, expected.missing] += 1
                if outline(decision, expected) == expected:
                    self.agree += 1
                else:
                    self.disagree.append(Disagreement(policy, alone, decision, expected))

    def trouble(self, decide: Decide) -> str:
        """Say what is wrong, with one example of each policy; empty if nothing is."""
        if not self.disagree and not self.missing:
            return ""
        first = {found.policy: found for found in reversed(self.disagree)}
        output = [
            str(self),
            *self.missing[:3],
            *(found.explain(decide) for found in first.values()),
        ]
        return "\n\n".join(output)


def outline(decision: Json, expected: Expected) -> Expected:
    """Return what the oracle has an opinion about: no wording, and `actual` only where it has."""
    violations = decision.get("violations", [])
    actual = tuple(violation["actual"] for violation in violations)
    return Expected(
        outcome=decision["outcome"],
        would_be=decision.get("would_be"),
        missing=frozenset(missing["kind"] for missing in decision.get("missing", [])),
        exemptions=frozenset(exempt["kind"] for exempt in decision.get("exemptions", [])),
        violations=len(violations),
        actual=None if expected.actual is None else actual,
    )


def asking(engine: Engine) -> Decide:
    """Return the engine as a function of requests and answers as JSON values."""

    def decide(asked: Json) -> list[Json]:
        answers: list[Json] = json.loads(engine.decide(json.dumps(asked).encode()))
        return answers

    return decide


def difference(one: list[Json], other: list[Json]) -> str:
    """Say where two engines' answers to one request differ first; empty if nowhere."""
    if len(one) != len(other):
        return f"{len(one)} answers and {len(other)}"
    for number, (left, right) in enumerate(zip(one, other, strict=True)):
        for part in sorted(left.keys() | right.keys()):
            here, there = left.get(part, {}), right.get(part, {})
            for name in sorted(here.keys() | there.keys()):
                if here.get(name) != there.get(name):
                    output = f"{_short(here.get(name))} and {_short(there.get(name))}"
                    return f"table {number}, {part} of {name}: {output}"
    return ""


def _alone(asked: Json, number: int, policy: str) -> Json:
    return {
        "policies": [policy],
        "settings": settings_of(asked, number),
        "waivers": asked["waivers"],
        "now": asked["now"],
        "tables": [asked["tables"][number]],
    }


def _expected(alone: Json) -> Expected:
    [policy], [table] = alone["policies"], alone["tables"]
    return expect(policy, table, alone["settings"], alone["waivers"], alone["now"])


def _differs(alone: Json, decide: Decide) -> Disagreement | None:
    """Ask about one policy and one table; return the disagreement, if there is one."""
    expected = _expected(alone)
    [policy], [answer] = alone["policies"], decide(alone)
    decision = answer["decisions"][policy]
    if outline(decision, expected) == expected:
        return None
    return Disagreement(policy, alone, decision, expected)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
