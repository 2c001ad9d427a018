"""`opa fmt`: one layout for everybody, so that a diff shows what was changed."""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Final

from lakewarden.engines.install.binary import run_opa
from lakewarden.kit.checks.step import Result, counted, judged
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import Workspace

_SHOWN: Final = 8
"""Lines of a difference; anyone who wants more runs `opa fmt --diff`."""


def check(workspace: Workspace) -> Result:
    """Name the judged files that `opa fmt` would change, with the first lines of the change."""
    findings = []
    for path in _unformatted(workspace):
        done = run_opa(workspace.opa, ["fmt", path], cwd=workspace.staged)
        if done.returncode == 0:
            findings.append(_difference(workspace, path, done.stdout))
    return judged(findings, counted(len(workspace.own), "file"))


def _unformatted(workspace: Workspace) -> list[str]:
    """Return what would change; a file that does not parse stops OPA, so then each is asked."""
    done = run_opa(workspace.opa, ["fmt", "--list", *workspace.own], cwd=workspace.staged)
    if done.returncode == 0:
        return [path for path in workspace.own if path in done.stdout.splitlines()]
    return [
        path
        for path in workspace.own
        if run_opa(workspace.opa, ["fmt", "--list", path], cwd=workspace.staged).stdout.strip()
    ]


def _difference(workspace: Workspace, path: str, formatted: str) -> Finding:
    text = (workspace.staged / path).read_text(encoding="utf-8")
    lines = list(unified_diff(text.splitlines(), formatted.splitlines(), lineterm="", n=0))[2:]
    first = next((line for line in lines if line.startswith("@@")), "@@ -1 +1 @@")
    shown = list(islice((line for line in lines if not line.startswith("@@")), _SHOWN))
    return Finding(
        file=workspace.source(path),
        line=max(int(first.split()[1].lstrip("-").partition(",")[0]), 1),
        what="\n".join(["opa fmt would change it:", *(f"    {line}" for line in shown)]),
        remedy=f"Run `opa fmt --write {Path(workspace.source(path))}`.",
    )
