"""What each tool says of the tables of a plan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

FOLDER: Final = Path(__file__).parent
INSTALLED: Final = FOLDER.parents[1] / ".tools" / "peers"
CONFTEST: Final = INSTALLED / "conftest"
CHECKOV: Final = INSTALLED / "checkov" / "bin" / "checkov"
POLICY: Final = "clustering.strategy_required"

SILENT: Final = "silent"
"""The tool says nothing of a table, and nothing else says that something is missing."""


class Answers(Struct, frozen=True):
    """What a tool answered about each address that it mentions, and its exit code."""

    words: dict[str, str]
    exit_code: int


class Tool(Struct, frozen=True, kw_only=True):
    """A tool with one way to write the rule; `run` takes a plan's path from this folder."""

    name: str
    run: Callable[[str], Answers]
    needs: Path | None = None


def conftest(rule: str) -> Callable[[str], Answers]:
    """Return what runs the rule `conftest/<rule>`. Conftest names no resource that passes."""

    def run(plan: str) -> Answers:
        policy = f"conftest/{rule}"
        ended = _run(CONFTEST, "test", "--policy", policy, "--output", "json", plan)
        words: dict[str, str] = {}
        for each in json.loads(ended.stdout):
            for kind, word in (("failures", "fail"), ("warnings", "warn")):
                words |= {_address(found["msg"]): word for found in each.get(kind) or ()}
        return Answers(words, ended.returncode)

    return run


def checkov(rule: str, check: str, **variables: str) -> Callable[[str], Answers]:
    """Return what runs the check of the folder `checkov/<rule>`."""

    def run(plan: str) -> Answers:
        options = ("--framework", "terraform_plan", "--skip-download", "--output", "json")
        folder = ("--external-checks-dir", f"checkov/{rule}", "--check", check)
        ended = _run(CHECKOV, "--file", plan, *options, *folder, **variables)
        words: dict[str, str] = {}
        for found in json.loads(ended.stdout)["results"].values():
            for each in found:
                words[each["resource"]] = {"PASSED": "pass", "FAILED": "fail"}[
                    each["check_result"]["result"]
                ]
        return Answers(words, ended.returncode)

    return run


def lakewarden(plan: str) -> Answers:
    """Return what our policy says; a failure that names a resource says that it's unknown."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = ("-m", "lakewarden", "evaluate", "--source", f"terraform:{plan}")
        ended = _run(sys.executable, *command, "--report", report, PYTHONDONTWRITEBYTECODE="1")
        written: dict[str, Any] = json.loads(report.read_text())
    words = {
        each["definition"]["address"]: each["decisions"][POLICY]["outcome"]
        for each in written["tables"]
    }
    words |= {each["what"]: "unknown" for each in written["completeness"]["failures"]}
    return Answers(words, ended.returncode)


TOOLS: Final = (
    Tool(name="Conftest, negated", run=conftest("negated"), needs=CONFTEST),
    Tool(name="Conftest, defaults", run=conftest("defaults"), needs=CONFTEST),
    Tool(name="Conftest, careful", run=conftest("careful"), needs=CONFTEST),
    Tool(name="Checkov, exists", run=checkov("exists", "CKV2_LAKEHOUSE_1"), needs=CHECKOV),
    Tool(name="Checkov, length", run=checkov("length", "CKV2_LAKEHOUSE_1"), needs=CHECKOV),
    Tool(
        name="Checkov, Python",
        run=checkov("python", "CKV_LAKEHOUSE_1", EVAL_TF_PLAN_AFTER_UNKNOWN="True"),
        needs=CHECKOV,
    ),
    Tool(name="Lakewarden", run=lakewarden),
)


def _run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=FOLDER,
        env=os.environ | {"NO_COLOR": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _address(message: str) -> str:
    """Return the address that the messages of our Conftest rules begin with."""
    return message.partition(" has ")[0].partition(" may ")[0]
