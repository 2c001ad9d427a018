"""What `lakewarden policies test` does: one step for each tool, each with its findings."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden.kit.checks import compiling, formatting, linting, testing
from lakewarden.kit.checks.step import Ending, Result, Step, counted, judged, skipped, timed
from lakewarden.kit.conventions import CONVENTIONS, Policies
from lakewarden.kit.rego_module import parse_modules
from lakewarden.kit.scratch import Workspace

__all__ = ["Ending", "Step", "check_all"]


def check_all(workspace: Workspace) -> Iterator[Step]:
    """Take every step and yield how each ended, as soon as it has.

    What does not parse is neither tested nor looked at, and what does not compile is not tested:
    those steps are skipped, and say so. Raises `EngineError` if OPA cannot be run.
    """
    yield timed("opa fmt", lambda: formatting.check(workspace))
    compiled = timed("opa check", lambda: compiling.check(workspace))
    yield compiled
    parses = not compiling.breaks_parsing(compiled.findings)
    works = not compiled.findings or (parses and not compiling.breaks_tests(workspace))
    tested = timed("opa test", lambda: testing.check(workspace, works=works))
    yield tested
    passed = tested.ending == Ending.OK
    yield timed("coverage", lambda: testing.check_coverage(workspace, passed=passed))
    yield timed("conventions", lambda: _conventions(workspace, parses=parses, works=works))
    yield timed("regal", lambda: linting.check(workspace))


def _conventions(workspace: Workspace, *, parses: bool, works: bool) -> Result:
    """Ask every convention that can be asked: some need policies that compile."""
    if not parses:
        return skipped("a file does not parse")
    policies = Policies(workspace=workspace, modules=parse_modules(workspace))
    asked = [convention for convention in CONVENTIONS if works or not convention.compiled]
    findings = [finding for convention in asked for finding in convention.findings(policies)]
    left = len(CONVENTIONS) - len(asked)
    note = f"{counted(len(asked), 'convention')}, {counted(len(policies.own), 'file')}"
    return judged(findings, f"{note}, {left} left out until it compiles" if left else note)
