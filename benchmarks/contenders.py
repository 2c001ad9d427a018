"""The ways to decide one batch of documents: Lakewarden, and OPA's own tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from benchmarks.documents import NOW
from lakewarden.engines.bundle.stage import stage
from lakewarden.resources import shipped_config, shipped_policies

ROUTER: Final = "data.lakewarden.main.decisions"
# RUSAGE_SELF leaves OPA, a child, out of the runner's own peak.
_RUNNER: Final = """
import resource, sys
from lakewarden.cli import main
try:
    main()
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


class Measured(Struct, frozen=True, kw_only=True):
    """One run: seconds of wall time, and the peak memory of the process that was started."""

    seconds: float
    peak_mb: float


class Bench:
    """Prepares one estate in `folder`, and runs the contenders on it."""

    def __init__(self, folder: Path, opa: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._opa = opa
        self._inventory = folder / f"{count}.ndjson"
        self._input = folder / f"{count}.json"
        self._bundle = folder / "bundle"
        _write_estate(count, self._inventory, self._input)
        if not self._bundle.exists():
            stage([shipped_policies()], self._bundle)

    def lakewarden(self, config: Path | None = None) -> Measured:
        """Decide from end to end: read, check, decide, and write the JSON report."""
        command: list[str | Path] = [
            sys.executable,
            "-c",
            _RUNNER,
            "evaluate",
            "--inventory",
            self._inventory,
        ]
        command += ["--config", config or shipped_config(), "--now", NOW]
        command += ["--report", f"json={self._folder / 'report.json'}"]
        environment = os.environ | {"LAKEWARDEN_OPA": str(self._opa)}
        began = time.perf_counter()
        ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        seconds = time.perf_counter() - began
        return Measured(seconds=seconds, peak_mb=int(ended.stderr.split()[-1]) / 1024)

    def opa_eval(self) -> Measured:
        """Decide the same batch with `opa eval`: one process, one thread of evaluation."""
        command: list[str | Path] = [
            self._opa,
            "eval",
            "--bundle",
            self._bundle,
            "--input",
            self._input,
        ]
        command += ["--strict-builtin-errors", "--format", "values", ROUTER]
        began = time.perf_counter()
        with (self._folder / "answers.json").open("wb") as answers:
            process = subprocess.Popen(command, stdout=answers)
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            raise RuntimeError(f"opa eval ended with {status}")
        return Measured(seconds=seconds, peak_mb=usage.ru_maxrss / 1024)

    def opa_bench(self) -> float:
        """Return documents a second inside OPA: parsed already, one thread, nothing written."""
        command: list[str | Path] = [self._opa, "bench", "--bundle", self._bundle]
        command += ["--input", self._input]
        command += ["--format", "json", "--count", "1", ROUTER]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(ended.stdout)
        return float(self._count * 1e9 * result["N"] / result["T"])


def _write_estate(count: int, inventory: Path, request: Path) -> None:
    """Write both files from another process.

    A process begins with the peak memory of the one that started it, so the benchmark itself
    must stay small.
    """
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "benchmarks.documents",
        str(count),
        inventory,
        request,
    ]
    subprocess.run(command, check=True)
