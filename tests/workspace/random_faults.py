"""Transient faults at random moments: every request may be hit, and every retry as well."""

from __future__ import annotations

import random
from typing import Final

from tests.workspace.estate import SqlError
from tests.workspace.faults import TRANSIENT
from tests.workspace.misbehaving import Behaviour, Hang, Refusal, Reset, Trouble

KINDS: Final = ("429", "429+", "503", "503+", "reset", "reset after", "failed")


class RandomFaults(Behaviour):
    """Hits about `share` of all requests with one of `kinds`, as the seed decides.

    Whether a request is hit depends on the seed, on what it asks and on how often that was asked
    before, not on the order in which threads come: a seed tells the same story each time, but for
    statements that are polled. "429+" and "503+" carry `Retry-After`, "late" answers come `hang`
    of the model's seconds late (give the client a shorter time-out), "failed" statements end as
    FAILED with a transient error. No request is hit more than `most` times in a row, and the
    kinds of `spared` never: the SDK asks for `config` with a clock of its own, in real seconds.
    """

    def __init__(
        self,
        seed: int,
        share: float = 0.3,
        *,
        kinds: tuple[str, ...] = KINDS,
        hang: float = 0.0,
        most: int = 3,
        spared: tuple[str, ...] = ("config",),
    ) -> None:
        self._seed = seed
        self._share = share
        self._kinds = (*kinds, "late") if hang else kinds
        self._hang = hang
        self._most = most
        self._spared = spared
        self._asked: dict[str, int] = {}
        self._in_a_row: dict[str, int] = {}
        self._after: dict[str, Trouble] = {}
        self.struck: dict[str, int] = {}

    def before(self, kind: str, key: str) -> Trouble | None:
        if kind in self._spared:
            return None
        word = self._drawn(f"{kind} {key}", [k for k in self._kinds if k != "failed"])
        match word:
            case "429" | "429+":
                retry_after = "1" if word == "429+" else None
                return Refusal(429, "RESOURCE_EXHAUSTED", "Too many requests", retry_after)
            case "503" | "503+":
                retry_after = "1" if word == "503+" else None
                return Refusal(503, "TEMPORARILY_UNAVAILABLE", "Unavailable", retry_after)
            case "reset":
                return Reset()
            case "reset after":
                self._after[f"{kind} {key}"] = Reset()
            case "late":
                self._after[f"{kind} {key}"] = Hang(self._hang)
        return None

    def after(self, kind: str, key: str) -> Trouble | None:
        return self._after.pop(f"{kind} {key}", None)

    def fails(self, text: str) -> SqlError | None:
        if "failed" in self._kinds and self._drawn(f"statement {text}", ["failed"]):
            return TRANSIENT
        return None

    def _drawn(self, key: str, kinds: list[str]) -> str | None:
        asked = self._asked[key] = self._asked.get(key, 0) + 1
        draw = random.Random(f"{self._seed} {asked} {key}")  # noqa: S311 -- a fixture, not a secret
        hit = kinds and draw.random() < self._share and self._in_a_row.get(key, 0) < self._most
        if not hit:
            self._in_a_row[key] = 0
            return None
        self._in_a_row[key] = self._in_a_row.get(key, 0) + 1
        word = draw.choice(kinds)
        self.struck[word] = self.struck.get(word, 0) + 1
        return word
