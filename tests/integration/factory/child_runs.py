"""Runs pytest in a process of its own on a double, as a user runs the integration layer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from tests.integration.databricks.workspace_commands import variables
from tests.support.commandline import REPOSITORY, environment
from tests.support.processes import started
from tests.workspace.server import Address

_CONFTEST: Final = '''
"""The scenarios' own fixtures and options."""

import pytest

from tests.integration.scenarios.conftest import *  # noqa: F403
from tests.scenarios.options import add_options

def pytest_addoption(parser):
    add_options(parser)
'''

_TEST: Final = """
import time
from pathlib import Path
from tests.factory.table_specs import LARGE, SMALL

TABLES = (SMALL, LARGE)

def test_something(tables):
    Path("made").touch()
    {body}
"""


_PYTEST: Final = (
    *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--color=no"),
    *("--import-mode=importlib", "--source", "databricks"),
)


class Ended:
    """How a run of pytest ended."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of pytest's summary line: passed, failed, skipped, error."""
        line = self.output.strip().splitlines()[-1]
        return {word.rstrip("s"): int(n) for n, word in re.findall(r"(\d+) (\w+)", line)}


def write_tests(folder: Path, body: str, *, more: str = "") -> None:
    """Write a test that has tables made, and then does what `body` says; `more` is its file's."""
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "test_child.py").write_text(_TEST.format(body=body) + more)


def running(
    workspace: Address, *arguments: str, cwd: Path, home: Path, **changes: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start pytest in a session of its own, with empty variables left out."""
    paths = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    signed_in = variables(workspace) | {"PYTHONPATH": paths} | changes
    return started(
        [*_PYTEST, *arguments],
        cwd=cwd,
        env={key: value for key, value in environment(home, **signed_in).items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end and return how it was."""
    output, _ = process.communicate(timeout=120)
    return Ended(process.returncode, output)
