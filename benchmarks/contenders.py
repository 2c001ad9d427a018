"""The ways to decide one batch of documents: Lakewarden, and OPA's own tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from benchmarks.estate import as_list, write_inventory
from lakewarden.engines.stage import stage
from lakewarden.model.settings import load_schemas, load_settings
from lakewarden.resources import shipped_config, shipped_policies

NOW: Final = "2026-11-23T05:10:00Z"
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
        self._opa = opa
        self._inventory = folder / f"{count}.ndjson"
        self._input = folder / f"{count}.json"
        self._bundle = folder / "bundle"
        write_inventory(self._inventory, count)
        self._input.write_text(json.dumps(_request(count)))
        if not self._bundle.exists():
            stage([shipped_policies()], self._bundle)

    def lakewarden(self) -> Measured:
        """Decide from end to end: read, check, decide, and write the JSON report."""
        command: list[str | Path] = [
            sys.executable,
            "-c",
            _RUNNER,
            "evaluate",
            "--inventory",
            self._inventory,
        ]
        command += ["--config", shipped_config(), "--now", NOW]
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
        small = self._folder / "bench.json"
        small.write_text(json.dumps(_request(_BENCH)))
        command: list[str | Path] = [self._opa, "bench", "--bundle", self._bundle, "--input", small]
        command += ["--format", "json", "--count", "1", ROUTER]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(ended.stdout)
        return float(_BENCH * 1e9 * result["N"] / result["T"])


_BENCH: Final = 500


def _request(count: int) -> dict[str, Any]:
    """Return the router's input for `count` generated documents and all shipped policies."""
    policies = [
        f"{path.parts[-3]}.{path.parts[-2]}"
        for path in sorted(shipped_policies().glob("lakewarden/tables/*/*/*.rego"))
        if not path.name.endswith("_test.rego")
    ]
    settings = load_settings(shipped_config(), load_schemas([shipped_policies()]))
    return {
        "policies": policies,
        "settings": msgspec.to_builtins(settings.values),
        "waivers": [],
        "now": NOW,
        "tables": as_list(count),
    }
