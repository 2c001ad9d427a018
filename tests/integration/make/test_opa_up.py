"""`make opa-up` gives a server that a run can use, and `make opa-down` leaves none behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.data.commandline import (
    CLUSTERED,
    REPOSITORY,
    document,
    environment,
    lakewarden,
    write_lines,
)

pytestmark = pytest.mark.opa


def make(target: str, port: int) -> subprocess.CompletedProcess[str]:
    binary = environment(Path.home())["LAKEWARDEN_OPA"]
    return subprocess.run(
        ["make", "--no-print-directory", target, f"OPA_PORT={port}"],
        cwd=REPOSITORY,
        env=os.environ | {"LAKEWARDEN_OPA": binary},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_a_background_server_serves_a_run_and_ends(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pid_file = REPOSITORY / ".tools" / "opa.pid"
    if pid_file.exists():
        pytest.skip("make opa-up has a server running in this checkout")
    up = make("opa-up", port)
    try:
        assert up.returncode == 0, up.stderr
        token = (REPOSITORY / ".tools" / "opa.env").read_text().strip().removeprefix("OPA_TOKEN=")
        inventory = write_lines(tmp_path / "lake.ndjson", document("orders", **CLUSTERED))
        run: list[str | Path] = [
            "evaluate",
            "--inventory",
            inventory,
            "--opa-url",
            f"http://127.0.0.1:{port}",
        ]
        assert lakewarden(*run, cwd=tmp_path, OPA_TOKEN=token).returncode == 0
        assert lakewarden(*run, cwd=tmp_path, OPA_TOKEN="wrong").returncode == 2  # noqa: S106 -- a test's
    finally:
        server = psutil.Process(int(pid_file.read_text())) if pid_file.exists() else None
        make("opa-down", port)
    assert server is not None
    assert not psutil.wait_procs([server], timeout=5)[1]
    assert not pid_file.exists()
