"""`opa check --strict`, with the schemas, and without what a policy may not call."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from lakewarden.engines.bundle.purity import REMEDY
from lakewarden.engines.install.binary import run_opa
from lakewarden.engines.opa.check import (
    PARSE,
    UNDEFINED,
    CompileError,
    by_cause,
    compile_errors,
    unsafe_name,
)
from lakewarden.kit.checks.step import Result, counted, judged
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import Workspace


def check(workspace: Workspace) -> Result:
    """Compile everything strictly; what OPA says, and the remedy that fits.

    Where single policies are judged, what is wrong elsewhere is told if it keeps all from working.
    """
    done = run_opa(
        workspace.opa,
        [
            *("check", "--strict", "--bundle", ".", "--format", "json", "--max-errors", "0"),
            *("--schema", str(workspace.schemas), "--capabilities", str(workspace.capabilities)),
        ],
        cwd=workspace.staged,
    )
    output = done.stderr.strip() or done.stdout.strip()
    findings = list(_findings(workspace, output)) if done.returncode else []
    own = {str(workspace.sources[path]) for path in workspace.own}
    if workspace.only and not breaks_parsing(tuple(findings)) and not breaks_tests(workspace):
        findings = [finding for finding in findings if finding.file in own]
    domains = counted(len(workspace.domains), "domain")
    note = f"{counted(len(workspace.own), 'file')}, typed for {domains}"
    return judged(list(dict.fromkeys(findings)), note)


def breaks_parsing(findings: tuple[Finding, ...]) -> bool:
    """Tell whether some of the findings say that a file isn't Rego."""
    return any(finding.what.startswith(PARSE) for finding in findings)


def breaks_tests(workspace: Workspace) -> bool:
    """Tell whether the modules do not even compile where nothing is forbidden or typed."""
    done = run_opa(workspace.opa, ["check", "--bundle", "."], cwd=workspace.staged)
    return done.returncode != 0


def _findings(workspace: Workspace, output: str) -> Iterator[Finding]:
    for cause, *followers in by_cause(compile_errors(output, workspace.sources)):
        for error in (cause, *followers):
            yield Finding(
                file=error.file,
                line=error.line,
                what=error.what,
                remedy=_remedy(error, workspace),
                cause=f"{cause.where} {cause.what}",
                follows=error is not cause,
            )


def _remedy(error: CompileError, workspace: Workspace) -> str:
    details, name = error.details, error.message.removeprefix(UNDEFINED)
    if error.message.startswith("undefined ref") and details.get("oneOf"):
        wrong, known = details["ref"][details["pos"]]["value"], details["oneOf"]
        near = difflib.get_close_matches(str(wrong), known, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        return f"{meant}There are: {', '.join(known)}."
    if error.message.startswith(UNDEFINED) and name in workspace.forbidden:
        return REMEDY
    if unsafe := unsafe_name(error):
        lib = f"lakewarden/lib/{unsafe}/"
        shared = any(path.startswith(lib) for path in workspace.sources)
        imported = f", or write `import data.lakewarden.lib.{unsafe}`" if shared else ""
        return f"Nothing gives {unsafe} a value here: correct the name{imported}."
    if "unused" in error.message:
        return "Remove it, or use it."
    if error.code == PARSE:
        return "Correct the line; the mistake may also be in the one before it."
    return "Correct the policy; `opa check` says the same."
