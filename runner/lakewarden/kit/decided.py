"""What the policies say about the examples in their own annotations, whole and with less known."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from lakewarden.engines.opa_binary import run_opa
from lakewarden.kit.examples import EXAMPLE_CLOCK
from lakewarden.kit.workspace import Workspace

Decision = dict[str, Any]


class Case(Struct, frozen=True, kw_only=True):
    """One policy about one table document, under changes of the settings of its domain."""

    policy_id: str
    table: Mapping[str, Any]
    settings: Mapping[str, Any] = {}


def decide(workspace: Workspace, cases: Sequence[Case]) -> list[Decision | str]:
    """Have OPA decide the cases; each has the router's decision, or OPA's words where it refuses.

    All are asked at once. Where OPA refuses, the two halves are asked again, down to the case that
    is to blame.
    """
    if not cases:
        return []
    answer = _ask(workspace, cases)
    if not isinstance(answer, str):
        pairs = zip(answer, cases, strict=True)
        return [about["decisions"][case.policy_id] for about, case in pairs]
    if len(cases) == 1:
        return [answer]
    half = len(cases) // 2
    return decide(workspace, cases[:half]) + decide(workspace, cases[half:])


def _ask(workspace: Workspace, cases: Sequence[Case]) -> Sequence[Mapping[str, Any]] | str:
    defaults = {
        domain: {name: setting["default"] for name, setting in schema["properties"].items()}
        for domain, schema in workspace.domains.items()
    }
    domains = [case.policy_id.partition(".")[0] for case in cases]
    question = {
        "policies": sorted({case.policy_id for case in cases}),
        "settings": defaults,
        "waivers": [],
        "now": EXAMPLE_CLOCK,
        "tables": [case.table for case in cases],
        "variants": [
            {domain: {**defaults.get(domain, {}), **case.settings}}
            for case, domain in zip(cases, domains, strict=True)
        ],
        "variant": list(range(len(cases))),
    }
    with tempfile.TemporaryDirectory(prefix="lakewarden-examples-") as scratch:
        file = Path(scratch, "input.json")
        file.write_text(json.dumps(question), encoding="utf-8")
        done = run_opa(
            workspace.opa,
            [
                *("eval", "--bundle", ".", "--ignore", "*_test.rego", "--format", "json"),
                *("--strict-builtin-errors", "--input", str(file)),
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
