"""A pytest plugin: writes into a file what became of each test of a scenario."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.scenarios.layers import Layer
from tests.scenarios.scenario_list import scenarios
from tests.support.commandline import REPOSITORY

_MARKERS = {each.marker for each in scenarios()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add a line for each scenario of the test: layer, marker, and outcome."""
    report = yield
    if report.when == "call" or report.outcome != "passed":
        file = item.path.relative_to(REPOSITORY).as_posix()
        own = _MARKERS & {mark.name for mark in item.iter_markers()}
        with Path(os.environ["REPORTED_INTO"]).open("a") as out:
            out.writelines(f"{Layer.of(file)} {marker} {report.outcome}\n" for marker in own)
    return report
