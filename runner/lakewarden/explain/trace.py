"""OPA's own trace of a policy about one table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakewarden.engines.bundle.stage import stage
from lakewarden.engines.install.binary import run_opa
from lakewarden.explain.from_document import ExplainedRun
from lakewarden.model.errors import ConfigurationError, EvaluationError
from lakewarden.model.policy import Policy
from lakewarden.model.waiver import WaiverState
from lakewarden_collector.private_folder import PrivateFolder

_SETS: Final = ("needs", "not_applicable", "exempt", "deny", "pass")
"""In the order in which the router asks for them."""
_ACTIVE: Final = (WaiverState.ACTIVE, WaiverState.EXPIRING)
_NOISE: Final = re.compile(r"\| (?:Redo|Index) ")
"""Lines about how OPA looks for further answers and for rules: many, and nothing that decides."""


def trace(opa: Path, made: ExplainedRun, *, whole: bool) -> Iterator[str]:
    """Yield the lines of OPA's trace of each set of the one policy that is explained.

    They are those of the policy's own module, but for where OPA looks for rules and for further
    answers; `whole` has all lines. Raises `ConfigurationError` unless there is one policy,
    `EngineError` if OPA can't be run.
    """
    policy = _only(made.rules.policies)
    domain, _, name = policy.policy_id.partition(".")
    settings = dict(made.rules.settings.values)
    variant = made.rules.variants.of(made.document.full_name)
    if variant:
        settings |= variant.settings
    about = {
        "table": json.loads(made.document.data),
        "run": {
            "settings": settings,
            "now": made.explanation.decided.clock,
            "waived": [
                each.policy
                for each in made.explanation.waivers
                if each.state in _ACTIVE and not each.too_long
            ],
        },
    }
    with PrivateFolder("trace") as folder:
        staged, given = folder / "policies", folder / "input.json"
        given.write_text(json.dumps(about), encoding="utf-8")
        stage(made.roots, staged)
        for each in _SETS:
            yield f"{each} ({policy.path})"
            path = f"data.lakewarden.tables.{domain}.{name}.{each}"
            query = f"{path} with input as input.table with data.lakewarden_run as input.run"
            done = run_opa(
                opa,
                [
                    *("eval", "--bundle", ".", "--ignore", "*_test.rego", "--explain", "full"),
                    *("--format", "pretty", "--strict-builtin-errors"),
                    *("--input", str(given), query),
                ],
                cwd=staged,
            )
            if done.returncode:
                raise EvaluationError(done.stderr.strip() or done.stdout.strip())
            lines = done.stdout.splitlines()
            if not whole:
                lines = [
                    line.removeprefix(policy.path).lstrip(":")
                    for line in lines
                    if line.startswith(f"{policy.path}:") and not _NOISE.search(line)
                ]
            yield from (f"  {line}" for line in lines)


def _only(policies: tuple[Policy, ...]) -> Policy:
    if len(policies) != 1:
        raise ConfigurationError(
            f"is about one policy, and there are {len(policies)}",
            where="--trace",
            remedy="Name one that isn't turned off, with --policy.",
        )
    return policies[0]
