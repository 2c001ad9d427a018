"""Runs the steps of `action.yml` in Bash, as GitHub's runner does.

Steps that use another action are not run: their outputs are given. Expressions are those that the
action has: an input, the output of a step, the action's folder.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct

from tests.support.commandline import REPOSITORY

ACTION: Final = REPOSITORY / "action.yml"
_CONDITION: Final = re.compile(r"([\w.-]+) (==|!=) '(\w+)'")
EXPRESSION: Final = re.compile(r"\$\{\{\s*([^}]*?)\s*\}\}")


class Ended(Struct, frozen=True):
    """How the action ended: the code of its last step, outputs, job summary, log and PATH."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str
    path: list[str]


def action() -> dict[str, Any]:
    """Return the action's file."""
    read: dict[str, Any] = yaml.safe_load(ACTION.read_text("utf-8"))
    return read


def run_action(
    inputs: Mapping[str, str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    given: Mapping[str, Mapping[str, str]],
    root: Path = REPOSITORY,
) -> Ended:
    """Run the action in `cwd`, a folder below one that is the runner's.

    `given` has the outputs of the steps that are not run, by their ids; `root` is the action's
    folder. The action ends with the first step that fails.
    """
    definition = action()
    unknown = inputs.keys() - definition["inputs"].keys()
    assert not unknown, unknown
    defaults: dict[str, str] = {n: each["default"] for n, each in definition["inputs"].items()}
    names = {f"inputs.{name}": value for name, value in {**defaults, **inputs}.items()}
    names["github.action_path"] = str(root)
    for step, outputs in given.items():
        names |= {f"steps.{step}.outputs.{name}": value for name, value in outputs.items()}

    def applies(step: Mapping[str, Any]) -> bool:
        if "if" not in step:
            return True
        condition = _CONDITION.fullmatch(step["if"])
        assert condition, step["if"]
        return (names[condition[1]] == condition[3]) == (condition[2] == "==")

    def filled(text: str) -> str:
        return EXPRESSION.sub(lambda found: names.get(found[1], ""), text)

    summary, path = cwd.parent / "summary.md", cwd.parent / "path"
    for file in (summary, path):
        file.write_text("")
    code, log = 0, ""
    for step in definition["runs"]["steps"]:
        if "run" not in step or step.get("id") in given or not applies(step):
            continue
        output = cwd.parent / "output"
        output.write_text("")
        runner = {
            "GITHUB_OUTPUT": str(output),
            "GITHUB_PATH": str(path),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(cwd),
            "RUNNER_ARCH": "X64",
            "RUNNER_OS": environment.get("RUNNER_OS", "Linux"),
            "RUNNER_TEMP": str(cwd.parent),
        }
        script = cwd.parent / f"{step['id']}.sh"
        script.write_text(step["run"])
        ended = subprocess.run(
            ("bash", "--noprofile", "--norc", "-eo", "pipefail", script),
            cwd=cwd / filled(step.get("working-directory", ".")),
            env={**environment, **runner, **{k: filled(v) for k, v in step["env"].items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        log += ended.stdout
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            names[f"steps.{step['id']}.outputs.{name}"] = value
        code = ended.returncode
        if code:
            break
    outputs = {name: filled(each["value"]) for name, each in definition["outputs"].items()}
    return Ended(code, outputs, summary.read_text("utf-8"), log, path.read_text().splitlines())
