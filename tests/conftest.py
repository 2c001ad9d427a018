"""What concerns all tests: how hypothesis searches, which share a worker, and the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.scenarios.options import add_options
from tests.support.rego import CHECKOUT

# No deadline: two workers and a JVM share the cores, so the time of an example says nothing. In
# CI the examples are the same each time, so that a red build is about the change; elsewhere they
# are new ones each time.
settings.register_profile("lakewarden", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lakewarden")

SHARED = ("spark", "browser")
"""Markers of tests that share something costly for the whole session: a JVM, a browser."""

LONG = Path("tests", "integration", "make")
"""The tests that run whole layers of scenarios."""


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
    """Let pytest-xdist distribute the tests as `ByFile` does, in the order of their collection."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, or one worker would still be at it when the others are done.

    By xdist's own measure, the number of tests, the longest files come last.
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: not _is_long(config.rootpath, item))


def _is_long(root: Path, item: pytest.Item) -> bool:
    return item.path.is_relative_to(root / LONG) or _shared(item.path) == "spark"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where the scenarios look."""
    add_options(parser)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, which is what users install, or take the one that is to be released."""
    if released := os.environ.get("LAKEWARDEN_WHEEL"):
        return Path(released)
    folder = tmp_path_factory.mktemp("dist")
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory")
    subprocess.run([*command, folder], cwd=CHECKOUT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start one small local Spark for all tests, and end its JVM with them."""
    from tests.integration.spark.jars import JarError  # noqa: PLC0415 -- for those who need Spark
    from tests.integration.spark.session import NoJavaError, running_spark  # noqa: PLC0415 -- too

    with ExitStack() as stack:
        try:
            session = stack.enter_context(running_spark(tmp_path_factory.mktemp("warehouse")))
        except NoJavaError as error:
            pytest.skip(f"needs Java: {error}")
        except JarError as error:
            pytest.fail(f"the Delta jars are missing; run `make jars`: {error}", pytrace=False)
        yield session
