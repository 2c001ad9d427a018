"""Evaluating a workspace at once: time, and bytes on disk, of `lakewarden evaluate`.

`python -m benchmarks.estate.evaluated --tables 5000` prints one JSON object. It takes the product
of the checkout that it runs in, so that two checkouts can take turns. The workspace answers as fast
as it can: what is measured is what the run does itself.
"""

from __future__ import annotations

import argparse
import json
import os
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from benchmarks.estate.run import signed_in
from benchmarks.estate.shape import make_estate
from tests.support.commandline import COMMAND
from tests.workspace.process import WorkspaceProcess

_LOOK_SECONDS: Final = 0.05
_FAILING: Final = (0, 1)
"""Exit codes of a whole report."""


def evaluated(tables: int) -> dict[str, float]:
    """Evaluate estate A of so many tables; return what its process took."""
    with (
        tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as folder,
        WorkspaceProcess(make_estate("A", tables)) as workspace,
    ):
        home = Path(folder)
        command = [*COMMAND, "evaluate", "--source", "databricks", "--report", "json=report.json"]
        with (home / "stderr").open("w+") as errors:
            began = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=home,
                env=signed_in(workspace, home),
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            seen = psutil.Process(process.pid)
            on_disk, written, cpu = 0, 0, 0.0
            while process.poll() is None:
                with suppress(psutil.NoSuchProcess, FileNotFoundError):
                    on_disk = max(on_disk, _open_bytes(process.pid))
                    written = seen.io_counters().write_chars
                    times = seen.cpu_times()
                    cpu = times.user + times.system
                time.sleep(_LOOK_SECONDS)
            seconds = time.perf_counter() - began
            if process.returncode not in _FAILING:
                errors.seek(0)
                raise RuntimeError(f"exit code {process.returncode}: {errors.read()[-2000:]}")
        return {
            "tables": tables,
            "seconds": round(seconds, 1),
            "runner_cpu_seconds": round(cpu, 1),
            "most_on_disk_mb": round(on_disk / 2**20, 1),
            "written_mb": round(written / 2**20, 1),
            "report_mb": round((home / "report.json").stat().st_size / 2**20, 1),
        }


def _open_bytes(pid: int) -> int:
    """Return the bytes of all files that a process has open to write, removed ones included."""
    sizes = {}
    process = Path(f"/proc/{pid}")
    for link in (process / "fd").iterdir():
        with suppress(FileNotFoundError):
            found = link.stat()
            flags = (process / "fdinfo" / link.name).read_text().split("flags:")[1].split()[0]
            if int(flags, 8) & os.O_ACCMODE and stat.S_ISREG(found.st_mode):
                sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())


def main() -> None:
    """Measure once, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=5_000)
    print(json.dumps(evaluated(parser.parse_args().tables)))


if __name__ == "__main__":
    main()
