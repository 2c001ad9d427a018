"""An engine in plain Python, for tests that are about the runner and not about Rego."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lakewarden.engines.interface import Module
from lakewarden.model.errors import EvaluationError
from lakewarden.model.report import EngineInfo

Decide = Callable[[dict[str, Any], str], dict[str, Any]]


class PlainEngine:
    """Answers like the router: `rule(document, policy_id)` makes each decision.

    A rule that raises `EvaluationError` takes its whole request down, as OPA does.
    """

    def __init__(self, rule: Decide, modules: Sequence[Module] = ()) -> None:
        self.rule = rule
        self.requests: list[int] = []
        """How many documents each request had."""
        self._modules = modules
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name="plain", version="0")

    @property
    def binary(self) -> Path | None:
        return None

    @property
    def concurrency(self) -> int:
        return 3

    def modules(self) -> Sequence[Module]:
        return self._modules

    def check_modules(self) -> None:
        pass

    def decide(self, request: bytes) -> bytes:
        asked = json.loads(request)
        with self._lock:
            self.requests.append(len(asked["tables"]))
        time.sleep(hash(request) % 3 / 1000)  # batches overtake each other
        return json.dumps(
            [
                {
                    "decisions": {name: self.rule(table, name) for name in asked["policies"]},
                    "facts": {
                        name.partition(".")[0]: {"name": table["name"]}
                        for name in asked["policies"]
                    },
                }
                for table in asked["tables"]
            ]
        ).encode()


def passes(_document: dict[str, Any], _policy: str) -> dict[str, Any]:
    """Let everything pass."""
    return {"outcome": "pass", "reasons": ["fine"]}


def breaks_on(name: str, policy: str) -> Decide:
    """Let everything pass but one policy about one table, which cannot be evaluated."""

    def rule(document: dict[str, Any], policy_id: str) -> dict[str, Any]:
        if document["name"] == name and policy_id == policy:
            raise EvaluationError("json.unmarshal: invalid character", where="shade.rego:7")
        return passes(document, policy_id)

    return rule


class SettingsEngine(PlainEngine):
    """A plain engine whose rules see the settings that are meant for the table.

    `outcomes(document, settings)` gives the outcome of each policy by its id.
    """

    def __init__(
        self, outcomes: Callable[[dict[str, Any], dict[str, Any]], dict[str, str]]
    ) -> None:
        super().__init__(passes)
        self._outcomes = outcomes

    def decide(self, request: bytes) -> bytes:
        asked = json.loads(request)
        variants = asked.get("variants", [])
        numbers = asked.get("variant", [-1] * len(asked["tables"]))
        with self._lock:
            self.requests.append(len(asked["tables"]))
        answers = []
        for table, number in zip(asked["tables"], numbers, strict=True):
            settings = asked["settings"] | (variants[number] if number >= 0 else {})
            found = self._outcomes(table, settings)
            decisions = {name: {"outcome": found[name]} for name in asked["policies"]}
            answers.append({"decisions": decisions})
        return json.dumps(answers).encode()
