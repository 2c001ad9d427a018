"""Replays workspaces that were recorded, in a process of its own, to the real SDK.

`tests/support/field/workspace` has a server of its own, so that it shares no misreading with the
double of `tests/workspace`.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.interface import Advice
from tests.integration.databricks.workspace_commands import Json
from tests.support import processes, rego
from tests.workspace.collecting import Collected, collect
from tests.workspace.server import Address

NOON: Final = datetime(2026, 11, 28, 12, tzinfo=UTC)
_FOLDER: Final = rego.CHECKOUT / "tests" / "support" / "field" / "workspace"


class Replay(Address):
    """A recorded workspace being replayed: its address, and what it was asked."""

    def __init__(self, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    @property
    def asked(self) -> list[str]:
        """What it was asked so far: a line for each request, and for each statement its text."""
        return self._log.read_text().splitlines()

    @property
    def statements(self) -> int:
        """How many statements were sent."""
        return sum("POST /api/2.0/sql/statements" in line for line in self.asked)


def recorded(name: str) -> Json:
    """Return a recorded workspace, to be replayed or changed."""
    found: Json = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@contextmanager
def replayed(workspace: Mapping[str, Any], folder: Path) -> Iterator[Replay]:
    """Replay a workspace; `folder` takes what it is and what it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    what, log = folder / "workspace.json", folder / "asked.log"
    what.write_text(json.dumps(workspace))
    log.touch()
    command = [sys.executable, str(_FOLDER / "replay.py"), str(port), str(what), str(log)]
    with processes.started(command, cwd=folder, env={}, stderr=subprocess.DEVNULL) as process:
        processes.wait_until(process, lambda: _answers(port))
        yield Replay(port, log)


def collected(workspace: Mapping[str, Any], folder: Path, **options: Any) -> Collected:  # noqa: ANN401 -- passed on
    """Collect a workspace, all evidence included, in this process."""
    with replayed(workspace, folder) as replay:
        return collect(replay, adviser=want_everything, now=NOON, **options)


def want_everything(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    """Ask for all evidence about each table."""
    return [Advice(wants=frozenset({"size", "access", "tags"}))] * len(documents)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
