"""What concerns all tests: how hypothesis searches, and which tests share a worker."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No deadline: two workers and a JVM share the cores, so the time of an example says nothing. In CI
# the examples are the same each time, so that a red build is about the change; elsewhere they are
# new ones each time.
settings.register_profile("lakewarden", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lakewarden")

SHARED = ("spark", "browser")
"""Markers of tests that share something costly for the whole session: a JVM, a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that share a JVM, a browser or a module's fixtures to one worker."""
    for item in items:
        shared = next((name for name in SHARED if item.get_closest_marker(name)), None)
        group = shared or item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
