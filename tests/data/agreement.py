"""Comparing an engine's decisions with the oracle's: agree, disagree, missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.data.oracle import Expected, expect

Json = dict[str, Any]


@dataclass
class Agreement:
    """Counts over any number of requests; `disagree` and `missing` say what, for a person."""

    agree: int = 0
    disagree: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each policy had each outcome."""

    def __str__(self) -> str:
        return f"agree {self.agree}, disagree {len(self.disagree)}, missing {len(self.missing)}"

    def compare(self, request: Json, answers: list[Json]) -> None:
        """Hold the answers to one request against what the oracle says about it."""
        settings = request["settings"]["clustering"]
        self.missing += ["no answer"] * (len(request["tables"]) - len(answers))
        for document, answer in zip(request["tables"], answers, strict=False):
            for policy in request["policies"]:
                decision = answer["decisions"].get(policy)
                where = f"{policy} about {document}"
                if decision is None:
                    self.missing.append(where)
                    continue
                expected = expect(policy, document, settings, request["waivers"], request["now"])
                self.seen[policy, expected.outcome] += 1
                if outline(decision) == expected:
                    self.agree += 1
                else:
                    self.disagree.append(f"{where}: {decision}, but the oracle says {expected}")


def outline(decision: Json) -> Expected:
    """Return what the oracle has an opinion about: no wording."""
    return Expected(
        outcome=decision["outcome"],
        would_be=decision.get("would_be"),
        missing=frozenset(missing["kind"] for missing in decision.get("missing", [])),
        exemptions=frozenset(exempt["kind"] for exempt in decision.get("exemptions", [])),
    )
