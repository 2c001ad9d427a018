"""Engines that fail: an OPA that does not start, dies, is not what it should be, or is ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import psutil

from tests.support.commandline import (
    COMMAND,
    REPOSITORY,
    document,
    environment,
    lakewarden,
    write_lines,
)
from tests.support.loopback import served
from tests.support.processes import started

Ended = CompletedProcess[str]
_MANY: Final = 30_000
"""Documents that keep OPA busy for some seconds."""


def _opa(folder: Path) -> str:
    return environment(folder)["LAKEWARDEN_OPA"]


def _one(folder: Path) -> Path:
    return write_lines(folder / "lake.ndjson", document("orders"))


def _many(folder: Path) -> Path:
    return write_lines(folder / "lake.ndjson", *(document(f"t{n:05}") for n in range(_MANY)))


def _script(folder: Path, text: str) -> str:
    path = folder / "opa"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def cannot_start(folder: Path) -> Ended:
    opa = _script(folder, f'[ "$1" = run ] && exit 7\nexec {_opa(folder)} "$@"')
    return lakewarden("evaluate", "--inventory", _one(folder), cwd=folder, LAKEWARDEN_OPA=opa)


def dies(folder: Path) -> Ended:
    """Run on an OPA that kills itself soon after each start: restarted, and in the end given up."""
    began = folder / "began"  # the first may answer for a while, or there would be no report
    seconds = f"$([ -e {began} ] && echo 0.3 || {{ touch {began}; echo 1.5; }})"
    kill = f'[ "$1" = run ] && {{ seconds={seconds}; (sleep $seconds; kill -9 $$) & }}'
    opa = _script(folder, f'{kill}\nexec {_opa(folder)} "$@"')
    ended = lakewarden(
        "evaluate",
        "--inventory",
        _many(folder),
        "--report",
        "json=report.json",
        cwd=folder,
        LAKEWARDEN_OPA=opa,
    )
    report = json.loads((folder / "report.json").read_text())
    completeness = report["completeness"]
    assert not completeness["complete"]
    assert completeness["tables_evaluated"] == len(report["tables"])
    assert completeness["tables_evaluated"] + completeness["tables_failed"] == _MANY
    return ended


def wrong_checksum(folder: Path) -> Ended:
    """Install from a mirror whose file is not what its checksum says; nothing of it may stay."""
    mirror = folder / "mirror"
    mirror.mkdir()
    with _serving(mirror) as url:
        ended = lakewarden(
            "opa",
            "install",
            cwd=folder,
            LAKEWARDEN_OPA="",
            LAKEWARDEN_OPA_MIRROR=url,
            LAKEWARDEN_OPA_SHA256="0" * 64,
            PATH="/usr/bin:/bin",
        )
    assert not [
        path for path in folder.rglob("opa*") if path.is_file() and mirror not in path.parents
    ]
    return ended


@contextmanager
def _serving(_folder: Path) -> Iterator[str]:
    class Mirror(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"0" * 64 if self.path.endswith(".sha256") else b"not OPA"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with served(Mirror) as url:
        yield url


@contextmanager
def _server(folder: Path, policies: Path, *flags: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [_opa(folder), "run", "--server", "--addr", address, "--log-level", "error"]
    command += ["--ignore", "*_test.rego", *flags, str(policies)]
    process = subprocess.Popen(command, env=environment(folder, OPA_TOKEN="right"))  # noqa: S106 -- a test's
    try:
        host, port = address.split(":")
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex((host, int(port))) == 0:
                    break
            time.sleep(0.05)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def _ask(folder: Path, url: str, token: str) -> Ended:
    return lakewarden(
        "evaluate", "--inventory", _one(folder), "--opa-url", url, cwd=folder, OPA_TOKEN=token
    )


def wrong_token(folder: Path) -> Ended:
    authz = folder / "authz.rego"
    authz.write_text(
        'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "right"\n'
    )
    flags = ("--authentication=token", "--authorization=basic")
    with _server(folder, authz, *flags) as url:
        return _ask(folder, url, "wrong")


def different_policies(folder: Path) -> Ended:
    """Ask a server whose router is not ours: it could let everything pass."""
    theirs = folder / "theirs" / "lakewarden" / "main"
    theirs.mkdir(parents=True)
    ours = (REPOSITORY / "policies" / "lakewarden" / "main" / "main.rego").read_text()
    (theirs / "main.rego").write_text(f"{ours}\n# changed\n")
    others = REPOSITORY / "policies" / "lakewarden"
    for path in others.rglob("*.rego"):
        target = folder / "theirs" / "lakewarden" / path.relative_to(others)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_text(path.read_text())
    with _server(folder, folder / "theirs") as url:
        return _ask(folder, url, "")


def broken_token(folder: Path) -> Ended:
    return _ask(folder, "http://127.0.0.1:9", "tok\nen")


def no_server(folder: Path) -> Ended:
    return _ask(folder, "http://127.0.0.1:9", "")


def interrupted(folder: Path) -> Ended:
    """Press Ctrl-C while OPA decides: no report, no OPA and no temporary file may be left."""
    return _ended_by(signal.SIGINT, folder)


def terminated(folder: Path) -> Ended:
    """Send SIGTERM, as a supervisor does; the same must be true."""
    return _ended_by(signal.SIGTERM, folder)


def _ended_by(number: signal.Signals, folder: Path) -> Ended:
    inventory = _many(folder)
    temporary = folder / "temporary"
    temporary.mkdir()
    with started(
        [*COMMAND, "evaluate", "--inventory", inventory, "--report", "json=report.json"],
        cwd=folder,
        env=environment(folder, TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        watched = psutil.Process(process.pid)
        assert process.stderr is not None
        output = ""
        while "Deciding" not in output:
            output += process.stderr.readline()
        children = watched.children(recursive=True)
        assert children
        time.sleep(0.3)
        os.killpg(process.pid, number)
        out, rest = process.communicate(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    assert list(temporary.iterdir()) == []
    assert {path.name for path in folder.iterdir()} == {"lake.ndjson", "temporary"}
    return CompletedProcess(process.args, process.returncode, out, output + rest)
