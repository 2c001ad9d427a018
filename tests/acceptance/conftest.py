"""Makes the tags of a feature's rules pytest markers, but for those that are labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.steps import (
    changing,
    choosing,
    clustering,
    fixtures,
    large_tables,
    small_tables,
    whole_estate,
)
from tests.acceptance.steps.telling import tell
from tests.scenarios.options import place
from tests.scenarios.scenario_list import is_label, marker

_STEPS = (changing, choosing, clustering, fixtures, large_tables, small_tables, whole_estate)


def pytest_configure(config: pytest.Config) -> None:
    """Make the steps known to every scenario."""
    for module in _STEPS:
        config.pluginmanager.register(module)


def pytest_report_header(config: pytest.Config) -> str:
    """Say which estate is evaluated."""
    return f"production layer: {place(config).source}, read-only"


def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool:
    """Mark a test with its scenario; labels such as `policy:…` are for docs/scenarios.md."""
    if not is_label(tag):
        getattr(pytest.mark, marker(tag))(function)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was found, in what there is of it, and where the reports are."""
    tell(terminalreporter, place(terminalreporter.config).source)
