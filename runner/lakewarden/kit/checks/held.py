"""The conventions, held."""

from __future__ import annotations

from lakewarden.kit.checks.step import Result, counted, judged, skipped
from lakewarden.kit.conventions import CONVENTIONS, Policies
from lakewarden.kit.rego_module import parse_modules
from lakewarden.kit.workspace import Workspace


def check(workspace: Workspace, *, parses: bool, works: bool) -> Result:
    """Ask every convention that can be asked: some need policies that compile."""
    if not parses:
        return skipped("a file does not parse")
    policies = Policies(workspace=workspace, modules=parse_modules(workspace))
    asked = [convention for convention in CONVENTIONS if works or not convention.compiled]
    findings = [finding for convention in asked for finding in convention.findings(policies)]
    left = len(CONVENTIONS) - len(asked)
    note = f"{counted(len(asked), 'convention')}, {counted(len(policies.own), 'file')}"
    return judged(findings, f"{note}, {left} left out until it compiles" if left else note)
