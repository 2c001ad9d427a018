"""What a run of a scenario says and how it ends; nothing that was not judged passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commandline import REPOSITORY
from tests.support.scenario_command import scenarios_command

ABOUT = "import pytest\n"
PASSES = "def test_it(): pass\n"
SKIPS = "def test_it(): pytest.skip('no table is small')\n"
FAILS = "def test_it(): assert False\n"


def _pytest(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(ABOUT + text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(folder), "-c", f"{folder}/pytest.ini"),
            *("-ra", "-p", "tests.scenarios.judged"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("tests", "code"),
    [(PASSES, 0), (FAILS, 1), (SKIPS, 3), (SKIPS + PASSES.replace("it", "other"), 0), ("", 5)],
    ids=["passes", "fails", "skips", "skips in part", "none"],
)
def test_a_run_that_judged_nothing_does_not_pass(tmp_path: Path, tests: str, code: int) -> None:
    ended = _pytest(tmp_path, tests)
    assert ended.returncode == code, ended.stdout + ended.stderr
    last = ended.stdout.splitlines()[-1]
    assert last.startswith("===")
    assert " in " in last, "pytest's own summary is the last line"
    assert ("nothing could be judged" in ended.stdout) == (code == 3)
    assert code != 3 or "no table is small" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["run"], "manual-exclusion: Owners may exclude"),
        (["run", "small-tables"], "small-tables-auto-exemption: Tables under 1 GB"),
        (["run", "all", "system"], "production: a whole estate"),
        (["run", "all", "unit", "--mode", "quick"], "failfast"),
    ],
)
def test_what_is_not_known_lists_what_is(arguments: list[str], known: str) -> None:
    ended = scenarios_command(*arguments)
    assert ended.returncode == 2
    assert known in ended.stderr
    assert not ended.stdout


def test_a_layer_is_run_as_it_is_asked_for() -> None:
    ended = scenarios_command("run", "manual-exclusion", "unit", "--mode", "failfast")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "==> unit layer" in ended.stderr
    assert "Owners may exclude a table from clustering" in ended.stderr
    assert " passed" in ended.stdout.splitlines()[-1]
    assert " deselected" in ended.stdout.splitlines()[-1]
