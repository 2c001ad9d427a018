"""What concerns all tests: which of them share a worker when they run side by side."""

from __future__ import annotations

import pytest

SHARED = ("spark", "browser")
"""Markers of tests that share something costly for the whole session: a JVM, a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that share a JVM, a browser or a module's fixtures to one worker."""
    for item in items:
        shared = next((name for name in SHARED if item.get_closest_marker(name)), None)
        group = shared or item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
