"""A pytest plugin: a run that skipped all of its tests has proven nothing, and does not pass."""

from __future__ import annotations

from typing import Final

import pytest

NOTHING_JUDGED: Final = 3
"""The exit code of such a run, as a run of `lakewarden` that could not judge has it."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Say it before pytest's own last line."""
    if _nothing(terminalreporter, exitstatus):
        skipped = len(terminalreporter.stats["skipped"])
        terminalreporter.section("nothing could be judged")
        terminalreporter.write_line(f"All tests were skipped ({skipped}); why is said above.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Give the run its exit code."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _nothing(reporter, exitstatus):
        session.exitstatus = NOTHING_JUDGED


def _nothing(reporter: pytest.TerminalReporter, exitstatus: int) -> bool:
    stats = reporter.stats
    return exitstatus == pytest.ExitCode.OK and "passed" not in stats and "skipped" in stats
