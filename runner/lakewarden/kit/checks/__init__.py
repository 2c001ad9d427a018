"""What `lakewarden policies test` does: one step for each tool, each with its findings."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden.kit.checks import compiling, formatting, held, linting, testing
from lakewarden.kit.checks.step import Ending, Step, timed
from lakewarden.kit.workspace import Workspace

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
    yield timed("conventions", lambda: held.check(workspace, parses=parses, works=works))
    yield timed("regal", lambda: linting.check(workspace))
