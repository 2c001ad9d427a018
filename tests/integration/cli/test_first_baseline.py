"""A team's first hour with a rule that thousands of tables break: a green gate, and a real one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, COMMAND, document, environment, write_lines

pytestmark = [pytest.mark.opa, pytest.mark.nightly]

TABLES: Final = 10_000
SECONDS: Final = 300.0
"""Of one processor; by the clock it takes less, since two are at work."""
LARGE: Final = {"size": {"bytes": 5 << 30, "origin": "describe_detail", "exact": True}}


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as the helper for short ones does, for longer."""
    command = [*COMMAND, *arguments]
    env = environment(cwd)
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=900, check=False
    )


def spent() -> float:
    """Return the processor's seconds of all commands so far: what others run doesn't count."""
    times = os.times()
    return times.children_user + times.children_system


def estate(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return tables of which four in ten break the rule."""
    return [
        document(f"t{number:05}", **LARGE, **({} if number % 5 < 2 else CLUSTERED))
        for number in range(TABLES)
    ] + list(more)


def test_from_init_to_a_green_gate_takes_minutes(tmp_path: Path) -> None:
    write_lines(tmp_path / "lake.ndjson", *estate())
    began = spent()
    made = run("init", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    lake = ("evaluate", "--inventory", "lake.ndjson", "--policy", "clustering.*")
    assert run(*lake, "-q", cwd=tmp_path).returncode == 0, "it only looks so far"
    create = ("baseline", "create", "--report", "report.json", "-o", "baseline.txt")
    assert "4,000 known violations" in run(*create, cwd=tmp_path).stderr
    project = tmp_path / "lakewarden.toml"
    text = project.read_text()
    assert "no-gate = true" in text
    project.write_text(text.replace("no-gate = true", 'baseline = "baseline.txt"'))
    green = run(*lake, "-q", cwd=tmp_path)
    assert green.returncode == 0, green.stdout + green.stderr
    assert spent() - began < SECONDS

    write_lines(tmp_path / "lake.ndjson", *estate(document("zz_new", **LARGE)))
    assert run(*lake, "-q", cwd=tmp_path).returncode == 1, "a new one gates"
