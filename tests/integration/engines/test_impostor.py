"""Nobody but the OPA that we started decides, and nobody else is told its token."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from lakewarden.engines.bundle.stage import stage as stage_policies
from lakewarden.engines.opa.connection import Connection
from lakewarden.engines.opa.managed import managed
from lakewarden.engines.opa.process import OpaServer
from lakewarden.model.errors import EngineError
from tests.integration.engines import impostor
from tests.unit.engines import tiny_policies

pytestmark = pytest.mark.opa

_NOBODY: Final = 65534

# Stands in for the binary: tells where OPA is about to listen, gives a stranger time to be there
# first, and becomes OPA.
_SLOW_OPA: Final = """#!/bin/sh
case "$1" in run)
    for word; do [ "$before" = --addr ] && address=$word; before=$word; done
    printf '%s\\n%s\\n' "$PWD" "$address" >{reported}.part
    mv {reported}.part {reported}
    {wait}
esac
exec {opa} "$@"
"""


class Stage:
    """An OPA that starts late, a stranger who knows where, and what the stranger was told."""

    def __init__(self, opa: Path, folder: Path) -> None:
        self._opa = opa
        self._folder = folder
        self._reported = folder / "reported"
        self._seen = folder / "seen"
        self._ready = folder / "ready"
        self._stranger: subprocess.Popen[str] | None = None

    def binary(self, *, late: bool) -> Path:
        file = self._folder / "slow-opa"
        wait = f"while [ ! -s {self._ready} ]; do sleep 0.01; done" if late else ""
        file.write_text(_SLOW_OPA.format(reported=self._reported, wait=wait, opa=self._opa))
        file.chmod(0o755)
        return file

    def enter_stranger(self, *, user: int, follow: str) -> None:
        self._folder.chmod(0o777)
        with self._ready.open("w") as ready:
            self._stranger = subprocess.Popen(
                [sys.executable, impostor.__file__, self._seen, str(user), follow, self._reported],
                stderr=ready,
                text=True,
            )

    def leave(self) -> None:
        if self._stranger is not None:
            self._stranger.kill()
            self._stranger.wait()

    @property
    def stranger_said(self) -> str:
        return self._ready.read_text()

    @property
    def tokens(self) -> list[str]:
        return self._seen.read_text().splitlines() if self._seen.exists() else []


@pytest.fixture
def stage(opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == Path.home().owner() and folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o711)  # pytest's are private; another user's process must see its files
    monkeypatch.setattr("tempfile.tempdir", "/tmp")  # noqa: S108 -- short enough for a socket
    found = Stage(opa, tmp_path)
    yield found
    found.leave()


def decide(binary: Path, root: Path) -> object:
    with managed(binary, [root]) as engine:
        return json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"]


def test_a_stranger_who_is_there_first_decides_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.enter_stranger(user=os.getuid(), follow="first")
    with suppress(EngineError):  # which is as good: nothing was decided
        assert decide(stage.binary(late=True), tiny_policies.write(tmp_path / "p")) == 1
    assert stage.stranger_said == "ready\n"
    assert stage.tokens == []


def test_a_stranger_who_takes_the_place_of_opa_decides_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    """Somebody with our rights can put a socket where OPA's is; its owner is looked at."""
    stage.enter_stranger(user=os.getuid(), follow="replace")
    root = tiny_policies.write(tmp_path / "p")
    with suppress(EngineError), managed(stage.binary(late=False), [root]) as engine:
        while not stage.stranger_said:
            time.sleep(0.01)
        answer = engine.decide(tiny_policies.request("1"))  # by a connection that it had before
        assert json.loads(answer)[0]["proof"] == 1
    assert stage.tokens == []


def test_a_new_connection_looks_who_listens(opa: Path, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)

    def fill(bundle: Path) -> None:
        stage_policies([root], bundle)

    with OpaServer(opa, fill) as server, socket.socket(socket.AF_UNIX) as stranger:
        Path(server.socket.path).unlink()
        stranger.bind(server.socket.path)
        stranger.listen()
        connection = Connection(server.url, token=server.token, unix=server.socket)
        with pytest.raises(EngineError, match="another process listens"):
            connection.policies()
        accepted, _ = stranger.accept()
        with accepted:
            assert accepted.recv(1) == b""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_cannot_even_come_near(stage: Stage, tmp_path: Path) -> None:
    stage.enter_stranger(user=_NOBODY, follow="first")
    assert decide(stage.binary(late=True), tiny_policies.write(tmp_path / "p")) == 1
    assert "Permission denied" in stage.stranger_said
    assert stage.tokens == []
