"""From save to answer: `python -m benchmarks.watch`.

Starts a watch on a copy of the shipped policies and settings and on generated documents, saves one
edit after the other, and measures from each save to the line that tells what it has flipped. A
plain `lakewarden evaluate` of the same documents stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from benchmarks.contenders import Bench
from benchmarks.documents import NOW
from lakewarden.commands.watch import Screen
from lakewarden.engines.choice import EngineKind, EngineKindOptions
from lakewarden.engines.install.install import install_opa
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Silent
from lakewarden.resources import shipped_config, shipped_policies
from lakewarden.watch.job import WatchOptions
from lakewarden.watch.watch import watch

RESULTS: Final = Path(__file__).parent / "results" / "watch.json"
_SERVE: Final = "--serve"
_BEGUN: Final = "watching "
_ANSWERED: Final = "; now "

Edit = Callable[[int], None]
"""Saves one file; the number is another each time."""


def main() -> None:
    """Measure, print a line for each kind of edit and write `benchmarks/results/watch.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9, help="saves of each kind")
    parser.add_argument(_SERVE, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    opa = install_opa(lambda text: print(text, file=sys.stderr))
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as name:
        folder = Path(name)
        bench = Bench(folder, opa.path, arguments.documents)
        plain = [bench.lakewarden().seconds for _ in range(min(5, arguments.rounds))]
        shutil.copytree(shipped_policies(), folder / "policies")
        shutil.copytree(shipped_config(), folder / "config")
        (folder / f"{arguments.documents}.ndjson").rename(folder / "inventory.ndjson")
        answers = measure(folder, edits(folder), arguments.rounds)
    result = {
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "opa": opa.version,
            "load_before": round(before, 1),
        },
        "documents": arguments.documents,
        "rounds": arguments.rounds,
        "evaluate_seconds": round(statistics.median(plain), 2),
        "save_to_answer_seconds": {
            kind: {"median": round(statistics.median(each), 2), "worst": round(max(each), 2)}
            for kind, each in answers.items()
        },
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"lakewarden evaluate: {result['evaluate_seconds']} s")
    for kind, each in answers.items():
        print(f"{kind}: {statistics.median(each):.2f} s ({min(each):.2f} to {max(each):.2f})")
    print(RESULTS)


def edits(folder: Path) -> dict[str, Edit]:
    """Return a way to save each kind of file, from what few policies read to what all do."""
    root, config = folder / "policies" / "lakewarden", folder / "config"
    settings = config / "clustering_config.yaml"
    return {
        "a setting of one policy": _swap(settings, "max_clustering_columns: ", "4", "3"),
        "a setting of a whole domain": _swap(
            settings, "\nsize_threshold_bytes: ", "1073741824", "1073741825"
        ),
        "a waiver": _waive(config / "waivers.yaml"),
        "a policy": _append(root / "tables" / "clustering" / "key_limit" / "key_limit.rego"),
        "a library of a whole domain": _append(root / "lib" / "clustering" / "clustering.rego"),
        "the router": _append(root / "main" / "main.rego"),
    }


def measure(folder: Path, kinds: dict[str, Edit], rounds: int) -> dict[str, list[float]]:
    """Return the seconds from save to answer of each kind of edit; they are saved in turn."""
    command = [sys.executable, "-m", "benchmarks.watch", _SERVE, str(folder)]
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout
        if output is None:
            raise RuntimeError("the watch has no output")
        try:
            _hear(output, f"{_BEGUN}{folder / 'inventory.ndjson'}")
            time.sleep(1)  # the system's notifications begin a moment later
            for number in range(rounds + 1):
                for kind, edit in kinds.items():
                    began = time.perf_counter()
                    edit(number)
                    _hear(output, _ANSWERED)
                    if number:  # the first of each kind warms up
                        seconds[kind].append(time.perf_counter() - began)
        finally:
            process.terminate()
    return seconds


def serve(folder: Path) -> None:
    """Watch the copies in a folder until terminated."""
    options = WatchOptions(
        tables=TableOptions(inventory=str(folder / "inventory.ndjson")),
        policies=PolicyOptions(shipped=folder / "policies", config=folder / "config"),
        engine=EngineKindOptions(engine_kind=EngineKind.OPA),
        clock=ClockOptions(now=NOW),
    )
    watch(options, Screen(10), Silent())


def _hear(output: IO[str], words: str) -> None:
    for line in output:
        if words in line:
            return
    raise RuntimeError(f"the watch ended before it said {words!r}")


def _save(path: Path, text: str) -> None:
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(text, encoding="utf-8")
    scratch.rename(path)


def _swap(path: Path, key: str, one: str, other: str) -> Edit:
    text = path.read_text(encoding="utf-8")
    if f"{key}{one}" not in text:
        raise LookupError(f"{path} does not say {key}{one}")

    def edit(number: int) -> None:
        now = path.read_text(encoding="utf-8")
        old, new = (other, one) if number % 2 else (one, other)
        _save(path, now.replace(f"{key}{old}", f"{key}{new}"))

    return edit


def _append(path: Path) -> Edit:
    text = path.read_text(encoding="utf-8")
    return lambda number: _save(path, f"{text}\n_edit := {number}\n")


def _waive(path: Path) -> Edit:
    waiver = (
        "policy: clustering.strategy_required, reason: r, owner: o, approved_by: a, "
        "expires: 2099-01-01"
    )
    return lambda number: _save(
        path, f'waivers: [{{{waiver}, pattern: "prod.schema_0000.*{number}"}}]\n'
    )


if __name__ == "__main__":
    main()
