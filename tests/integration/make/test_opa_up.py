"""`make opa-up` gives a server that a run can use, and `make opa-down` leaves none behind."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.commandline import (
    CLUSTERED,
    REPOSITORY,
    document,
    environment,
    lakewarden,
    write_lines,
)

pytestmark = pytest.mark.opa


TOOLS = REPOSITORY / ".tools"


def make(target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    binary = environment(Path.home())["LAKEWARDEN_OPA"]
    return subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=REPOSITORY,
        env=os.environ | {"LAKEWARDEN_OPA": binary} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def background() -> Iterator[Path]:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        pytest.skip("make opa-up uses Docker here")
    state = TOOLS / "opa-server.json"
    if state.exists():
        pytest.skip("make opa-up has a server running in this checkout")
    yield state
    make("opa-down")


def exported() -> dict[str, str]:
    """Do what `make opa-up` says that a user should do, and return what that sets."""
    shell = subprocess.run(
        ["/bin/sh", "-c", "set -a; . ./.tools/opa.env; set +a; env"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = dict(line.partition("=")[::2] for line in shell.stdout.splitlines())
    return {name: pairs[name] for name in ("OPA_URL", "OPA_TOKEN")}


def test_a_background_server_serves_a_run_and_ends(background: Path, tmp_path: Path) -> None:
    up = make("opa-up")
    assert up.returncode == 0, up.stderr
    assert "To use it: set -a; . ./.tools/opa.env; set +a" in up.stdout
    assert stat.S_IMODE((TOOLS / "opa.env").stat().st_mode) == 0o600
    variables = exported()
    socket_path = Path(variables["OPA_URL"].removeprefix("unix://"))
    assert stat.S_IMODE(socket_path.parent.stat().st_mode) == 0o700
    server = psutil.Process(json.loads(background.read_text())["pid"])
    assert server.net_connections("inet") == []
    assert variables["OPA_TOKEN"] not in " ".join(server.cmdline())
    inventory = write_lines(tmp_path / "lake.ndjson", document("orders", **CLUSTERED))
    run: list[str | Path] = ["evaluate", "--inventory", inventory]
    assert lakewarden(*run, cwd=tmp_path, **variables).returncode == 0
    wrong = {**variables, "OPA_TOKEN": "wrong"}
    assert lakewarden(*run, cwd=tmp_path, **wrong).returncode == 2
    again = make("opa-up")
    assert again.returncode != 0
    assert "make opa-down" in again.stderr
    assert server.is_running()

    assert make("opa-down").returncode == 0
    assert not psutil.wait_procs([server], timeout=5)[1]
    assert not socket_path.parent.exists()
    assert not [each for each in TOOLS.iterdir() if each.name.startswith("opa")]
    assert make("opa-down").stdout == "Nothing runs here\n"


def test_a_server_that_died_is_no_hindrance(background: Path) -> None:
    """Its process id may be another process's by now, which must live."""
    assert make("opa-up").returncode == 0
    psutil.Process(json.loads(background.read_text())["pid"]).kill()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        state = json.loads(background.read_text())
        background.write_text(json.dumps({**state, "pid": stranger.pid}))
        assert make("opa-up").returncode == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
