"""A signal in the first moment, while the command is being imported, isn't a fault to report."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.commandline import COMMAND, environment

_INTERRUPTING = """\
import os, signal
os.kill(os.getpid(), {number})
raise ImportError("the interrupt was swallowed")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["typer", "msgspec", "rich", "yaml"])
def test_a_signal_ends_it_without_a_word(tmp_path: Path, module: str, number: int) -> None:
    """A module that is found first under each name sends the signal as soon as it is imported."""
    (tmp_path / f"{module}.py").write_text(_INTERRUPTING.format(number=int(number)))
    ended = subprocess.run(
        [*COMMAND, "--version"],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, "", "")
