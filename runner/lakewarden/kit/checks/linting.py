"""Regal, the linter of the OPA project, where the user has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lakewarden.kit.checks.step import Ending, Result, counted, judged, skipped
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import Workspace
from lakewarden.resources import shipped_policies

_CONFIG: Final = Path(".regal", "config.yaml")
_SECONDS: Final = 120
_TO_DO: Final = "todo-comment"
"""What a convention of ours says with more words."""


def check(workspace: Workspace) -> Result:
    """Lint the judged folders as they are; Regal is asked to look at nothing else."""
    regal = shutil.which("regal")
    if regal is None:
        return skipped("regal is not on PATH")
    config = find_config(workspace.roots)
    chosen = ["--config-file", str(config)] if config else []
    roots = [str(each) for each in (workspace.own_folders if workspace.only else workspace.roots)]
    try:
        done = subprocess.run(
            [regal, "lint", "--format", "json", *chosen, *roots],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        report: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        why = f"regal gave no report: {error}"
        return Result(
            ending=Ending.FAILED,
            note=why,
            findings=(Finding(file=regal, what=why, remedy="Run `regal lint` to see why."),),
        )
    found = (each for each in report.get("violations", []) if each.get("title") != _TO_DO)
    findings = [_finding(violation) for violation in found]
    scanned = report.get("summary", {}).get("files_scanned", 0)
    by = f" by {config}" if config else ""
    return judged(findings, f"{counted(scanned, 'file')}{by}")


def find_config(roots: Sequence[Path]) -> Path | None:
    """Return the nearest .regal/config.yaml: in the first root, in a folder around it, else ours.

    Where Lakewarden is installed without its checkout, there is none of ours.
    """
    first = roots[0].resolve()
    folders = (first, *first.parents, shipped_policies().parent)
    places = (folder / _CONFIG for folder in folders)
    return next((place for place in places if place.is_file()), None)


def _finding(violation: dict[str, Any]) -> Finding:
    location = violation.get("location", {})
    links = [link["ref"] for link in violation.get("related_resources", []) if link.get("ref")]
    return Finding(
        file=location.get("file", ""),
        line=location.get("row", 1),
        what=violation.get("description", ""),
        remedy=f"See {links[0]}." if links else "See `regal lint`.",
        check=f"{violation.get('category', '')}/{violation.get('title', '')}",
    )
