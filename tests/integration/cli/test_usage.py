"""Wrong arguments are an error in a line of any length, which shows the arguments as text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.commandline import environment, lakewarden

pytestmark = pytest.mark.opa

_HOSTILE: Final = "a\n::error::x\x1b[31m\nGate: passed " + "long " * 60
_TOO_LONG: Final = "can't be used: File name too long"
_FORGED: Final = ("::", "Gate", "\x1b")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", f"--{_HOSTILE}"], "No such option"),
        (["evaluate", "--engine", _HOSTILE], "is not one of 'opa', 'embedded'."),
        (["evaluate", _HOSTILE], "unexpected extra argument"),
        (["watch", "--limit", _HOSTILE], "--limit"),
        ([_HOSTILE], "No such command"),
        (["policies", _HOSTILE], "No such command"),
        (["report"], "Missing argument 'REPORT'."),
        (["evaluate", "--inventory", _HOSTILE], _TOO_LONG),
        (["evaluate", "--source", _HOSTILE], "error: "),
        (["evaluate", "--source", f"delta:{_HOSTILE}"], _TOO_LONG),
        (["evaluate", "--source", "demo", "--config", _HOSTILE], _TOO_LONG),
        (["evaluate", "--source", "demo", "--previous", _HOSTILE], _TOO_LONG),
        (["evaluate", "--source", "demo", "--now", _HOSTILE], "--now"),
        (["evaluate", "--source", "demo", "--report", _HOSTILE], "--report"),
        (["evaluate", "--source", "demo", "--allow", _HOSTILE], "--allow"),
        (["report", _HOSTILE], _TOO_LONG),
        (["policies", "show", _HOSTILE], "error: "),
    ],
)
def test_it_is_an_error_in_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    """A script's variable may hold anything; what reads the log must not take it for ours."""
    done = lakewarden(*arguments, cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: " in done.stderr
    assert words in done.stderr
    assert not any(line.lstrip().startswith(_FORGED) for line in lines)
    assert "\x1b" not in done.stderr
    assert [line for line in lines if line.startswith(("\u2502", "\u256d"))] == []
    repeated = [line for line in lines if "long" in line]
    assert len(repeated) <= 2  # the error, and perhaps its remedy


@pytest.mark.parametrize("arguments", [[], ["policies"], ["opa"]])
def test_no_arguments_at_all_show_the_help(arguments: list[str], tmp_path: Path) -> None:
    done = lakewarden(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: python -m lakewarden" in done.stdout


@pytest.mark.parametrize("error", ["EOFError", "RecursionError", "AssertionError"])
def test_a_fault_of_ours_is_told_as_such(error: str, tmp_path: Path) -> None:
    """Typer takes an EOFError for the end of a dialogue, and says nothing."""
    program = f"""
import sys
from lakewarden import __main__, cli

def broken() -> None:
    raise {error}

cli.app.command()(broken)
sys.argv = ["lakewarden", "broken"]
__main__.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 4
    assert "in broken" in done.stderr
    assert "Please report it" in done.stderr
