"""`opa check --strict`, with the schemas, and without what a policy may not call."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any, Final

from lakewarden.engines.bundle.purity import REMEDY
from lakewarden.engines.install.binary import run_opa
from lakewarden.engines.opa.check import compile_errors
from lakewarden.kit.checks.step import Result, counted, judged
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import Workspace

_PARSE: Final = "rego_parse_error"
_UNDEFINED: Final = "undefined function "


def check(workspace: Workspace) -> Result:
    """Compile everything strictly; what OPA says, and the remedy that fits."""
    done = run_opa(
        workspace.opa,
        [
            *("check", "--strict", "--bundle", ".", "--format", "json", "--max-errors", "0"),
            *("--schema", str(workspace.schemas), "--capabilities", str(workspace.capabilities)),
        ],
        cwd=workspace.staged,
    )
    said = done.stderr.strip() or done.stdout.strip()
    findings = list(_findings(workspace, said)) if done.returncode else []
    domains = counted(len(workspace.domains), "domain")
    note = f"{counted(len(workspace.own), 'file')}, typed for {domains}"
    return judged(list(dict.fromkeys(findings)), note)


def breaks_parsing(findings: tuple[Finding, ...]) -> bool:
    """Tell whether some of the findings say that a file isn't Rego."""
    return any(finding.what.startswith(_PARSE) for finding in findings)


def breaks_tests(workspace: Workspace) -> bool:
    """Tell whether the modules do not even compile where nothing is forbidden or typed."""
    done = run_opa(workspace.opa, ["check", "--bundle", "."], cwd=workspace.staged)
    return done.returncode != 0


def _findings(workspace: Workspace, said: str) -> Iterator[Finding]:
    try:
        errors = json.loads(said)["errors"]
    except (ValueError, KeyError, TypeError):
        errors = []
    if not errors or not all(error.get("location", {}).get("file") for error in errors):
        for where, what in compile_errors(said, workspace.sources):
            file, _, line = where.rpartition(":")
            number = int(line) if line.isdigit() else 1
            yield Finding(file=file or where, line=number, what=what, remedy="Correct it.")
        return
    for error in errors:
        yield Finding(
            file=workspace.source(error["location"]["file"]),
            line=error["location"]["row"],
            what=f"{error['code']}: {error['message']}",
            remedy=_remedy(error, workspace),
        )


def _remedy(error: dict[str, Any], workspace: Workspace) -> str:
    message = error["message"]
    details = error.get("details") or {}
    if message.startswith("undefined ref") and details.get("oneOf"):
        wrong, known = details["ref"][details["pos"]]["value"], details["oneOf"]
        near = difflib.get_close_matches(str(wrong), known, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        return f"{meant}There are: {', '.join(known)}."
    name = message.removeprefix(_UNDEFINED)
    if message.startswith(_UNDEFINED) and name in workspace.forbidden:
        return REMEDY
    if "unused" in message:
        return "Remove it, or use it."
    if error["code"] == _PARSE:
        return "Correct the line; the mistake may also be in the one before it."
    return "Correct the policy; `opa check` says the same."
