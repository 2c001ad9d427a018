"""A pytest in a process of its own, which is let come to its end: it has tables to drop."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from tests.support.commandline import REPOSITORY


class Ended(NamedTuple):
    """How it ended: its exit code, what it printed where that was kept, and whether it was let."""

    code: int
    out: str
    interrupted: bool


def run_pytest(
    arguments: Sequence[str],
    *,
    cwd: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Ended:
    """Run pytest; an interrupt or a termination reaches it, and is waited for.

    `keep` returns what it prints on standard output instead of showing it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE if keep else None,
        text=True,
    )
    interrupted = False

    def pass_on(number: int, _: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        process.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        while True:
            try:
                out, _ = process.communicate()
            except KeyboardInterrupt:  # it has had the terminal's own, and tidies up
                interrupted = True
                continue
            return Ended(process.returncode, out or "", interrupted)
    finally:
        signal.signal(signal.SIGTERM, before)
