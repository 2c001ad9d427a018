"""Runs `python -m tests.scenarios`, as `make test-scenario` and `make list-scenarios` do."""

from __future__ import annotations

import subprocess
import sys

from tests.support.commandline import REPOSITORY


def scenarios_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command in the checkout and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "tests.scenarios", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
