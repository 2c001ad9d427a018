"""Runs one command and looks at its processes meanwhile: memory, processor time."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_LOOK: Final = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one command took; memory is resident memory, in MB of 2**20 bytes."""

    seconds: float
    peak_mb: float
    """Of its own process, not of those that it started, such as OPA."""
    cpu_seconds: float
    children_cpu_seconds: float
    output: str
    """What it wrote to standard error."""


def watched(command: list[str], folder: Path, variables: dict[str, str]) -> Taken:
    """Run a command in `folder` to its end; raises `RuntimeError` if it does not exit with 0."""
    peak, own, others = 0, 0.0, 0.0
    with (folder / "stderr").open("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=errors
        )
        seen = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, seen.memory_info().rss)
                own = max(own, _cpu(seen))
                others = max(others, sum(_cpu(child) for child in seen.children(recursive=True)))
            except psutil.NoSuchProcess:
                continue  # it has just ended, or one of its children has
            time.sleep(_LOOK)
        seconds = time.perf_counter() - began
        errors.seek(0)
        output = errors.read()
    if process.returncode:
        raise RuntimeError(f"{command} exited {process.returncode}: {output[-2000:]}")
    return Taken(
        seconds=seconds,
        peak_mb=peak / 2**20,
        cpu_seconds=own,
        children_cpu_seconds=others,
        output=output,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
