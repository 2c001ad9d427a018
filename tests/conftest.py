"""What concerns all tests: how hypothesis searches, and which tests share a worker."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.scenarios.options import add_options

# No deadline: two workers and a JVM share the cores, so the time of an example says nothing. In CI
# the examples are the same each time, so that a red build is about the change; elsewhere they are
# new ones each time.
settings.register_profile("lakewarden", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lakewarden")

SHARED = ("spark", "browser")
"""Markers of tests that share something costly for the whole session: a JVM, a browser."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives all tests of a file to one worker, and all files that share a JVM or a browser.

    So module fixtures are made once. pytest-xdist's own groups (`--dist loadgroup`) write into a
    field that pytest 9.2 no longer reads, and group nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return _shared(self.config.rootpath / file) or file


@cache
def _shared(file: Path) -> str | None:
    """Return what the tests of a file share with those of others, by the markers in its text."""
    text = file.read_text(encoding="utf-8")
    return next((name for name in SHARED if f"pytest.mark.{name}" in text), None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:  # noqa: ANN401 -- xdist's own, untyped
    """Let pytest-xdist distribute the tests as `ByFile` does."""
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where the scenarios look."""
    add_options(parser)
