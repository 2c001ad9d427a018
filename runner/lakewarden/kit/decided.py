"""What the policies say about the examples in their own annotations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from lakewarden.engines.opa_binary import run_opa
from lakewarden.kit.examples import EXAMPLE_CLOCK, example
from lakewarden.kit.workspace import Workspace

Decision = dict[str, Any]


class Decided(Struct, frozen=True, kw_only=True):
    """The decisions about a policy's example, as the router returns them."""

    before: Decision
    after: Decision


def decide(
    workspace: Workspace, examples: Mapping[str, Mapping[str, Any]]
) -> dict[str, Decided | str]:
    """Have OPA decide each policy about its own examples, by policy id.

    The value of `examples` is what the annotation says: `before`, `after` and maybe `settings`.
    Where OPA refuses to evaluate, a policy has OPA's words instead of decisions.
    """
    if not examples:
        return {}
    answer = _ask(workspace, examples)
    if isinstance(answer, str):
        if len(examples) == 1:
            return dict.fromkeys(examples, answer)
        found: dict[str, Decided | str] = {}
        for policy_id, example_of in examples.items():
            found |= decide(workspace, {policy_id: example_of})
        return found
    decisions = [
        tables["decisions"][policy_id]
        for tables, policy_id in zip(answer, [i for i in examples for _ in range(2)], strict=True)
    ]
    pairs = zip(decisions[::2], decisions[1::2], strict=True)
    return {
        policy_id: Decided(before=before, after=after)
        for policy_id, (before, after) in zip(examples, pairs, strict=True)
    }


def _ask(
    workspace: Workspace, examples: Mapping[str, Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]] | str:
    defaults = {
        domain: {name: setting["default"] for name, setting in schema["properties"].items()}
        for domain, schema in workspace.domains.items()
    }
    question = {
        "policies": list(examples),
        "settings": defaults,
        "waivers": [],
        "now": EXAMPLE_CLOCK,
        "tables": [
            example(fields) for of in examples.values() for fields in (of["before"], of["after"])
        ],
        "variants": [
            {domain: {**defaults.get(domain, {}), **of.get("settings", {})}}
            for policy_id, of in examples.items()
            for domain in [policy_id.partition(".")[0]]
        ],
        "variant": [number for number in range(len(examples)) for _ in range(2)],
    }
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        file.write(json.dumps(question))
        file.flush()
        done = run_opa(
            workspace.opa,
            [
                *("eval", "--bundle", ".", "--ignore", "*_test.rego", "--format", "json"),
                *("--strict-builtin-errors", "--input", str(Path(file.name))),
                "data.lakewarden.main.decisions",
            ],
            cwd=workspace.staged,
        )
    said = json.loads(done.stdout or "{}")
    if done.returncode or "result" not in said:
        errors = said.get("errors") or [{"message": done.stderr.strip()}]
        return "; ".join(str(error["message"]) for error in errors)
    answer: list[dict[str, Any]] = said["result"][0]["expressions"][0]["value"]
    return answer
