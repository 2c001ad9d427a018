"""The double in a process of its own, so that a benchmark's client has its interpreter to itself.

    with WorkspaceProcess(SyntheticEstate(100_000, 500), timing=Timing.ordinary(speed=20)) as w:
        … w.url, w.token, w.log, w.misbehave(…) as with `server.Workspace`

What it is given is pickled: the estate lives in the other process and cannot be changed here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Self, Unpack

import msgspec
import psutil
import requests

from tests.workspace.estate import Estate
from tests.workspace.log import Log
from tests.workspace.misbehaving import Behaviour
from tests.workspace.server import Address, Options, Workspace
from tests.workspace.synthetic import SyntheticEstate

_ROOT: Final = Path(__file__).parents[2]


class WorkspaceProcess(Address):
    """The double in a process; a context manager. It does not keep single calls unless told to."""

    def __init__(self, estate: Estate, **options: Unpack[Options]) -> None:
        self._given = (estate, {"keep_calls": False, **options})

    @property
    def log(self) -> Log:
        """What was asked until now: a copy, read over HTTP at `/__log`."""
        response = requests.get(f"{self.url}/__log", timeout=60)
        return msgspec.json.decode(response.content, type=Log)

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the double has used so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def misbehave(self, *behaviours: Behaviour) -> None:
        """Replace the behaviours from now on; without any, all goes well."""
        self._send(behaviours)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.workspace.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )
        self.url = self._send(self._given)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its input is the end of the double

    def _send(self, what: Any) -> str:  # noqa: ANN401 -- what can be pickled
        """Send one thing and return the line that says it has arrived."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(what, self._process.stdin)
        self._process.stdin.flush()
        line = self._process.stdout.readline().decode().strip()
        if not line:
            raise RuntimeError("the workspace double has ended; its error is above")
        return line


def _main() -> None:
    """Run a double as the parent says: first what it is, then behaviours, until its input ends."""
    estate, options = pickle.load(sys.stdin.buffer)  # noqa: S301 -- the parent is ourselves
    if isinstance(estate, SyntheticEstate):
        estate.prepare()  # what the double does for itself must not look like the model's time
    with Workspace(estate, **options) as workspace:
        print(workspace.url, flush=True)  # noqa: T201 -- the parent reads it
        while True:
            try:
                behaviours = pickle.load(sys.stdin.buffer)  # noqa: S301 -- the parent is ourselves
            except EOFError:
                return
            workspace.misbehave(*behaviours)
            print("heard", flush=True)  # noqa: T201 -- the parent reads it


if __name__ == "__main__":
    _main()
