"""Processes that are watched, and ended, from a test."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_TIMEOUT_SECONDS: Final = 60.0


@contextmanager
def started(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    **streams: Any,  # noqa: ANN401 -- passed on
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a session of its own, as in a terminal; it is killed if it is left."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, text=True, start_new_session=True, **streams
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def wait_until(process: subprocess.Popen[str], happened: Callable[[], object]) -> None:
    """Wait until something has happened while the process runs."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
