"""Collecting 100,000 tables from a workspace: `make bench WHAT=estate`, about 25 minutes.

Collects two synthetic estates with the real command line, from a double of a workspace with a
model of its latency and capacity, and holds what was asked and what it took against a lower bound
that is computed from the estate and the model. `lakewarden collect` is what is run: it asks all
shipped policies, and its end is where the workspace has nothing to do with the run any more.
`--tables 5000` is a quick look, which stores nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.estate.measure import measure, naive_seconds
from benchmarks.estate.model import SPEEDS, least_seconds, model
from benchmarks.estate.promises import FULL, Result, naive_result, promises, result
from benchmarks.estate.shape import DESCRIPTIONS, Name, make_estate
from lakewarden.engines.install.install import install_opa

RESULTS: Final = Path(__file__).parents[1] / "results" / "estate.json"


def main() -> None:
    """Measure, print, and store the figures of full estates; exit with 1 for a broken promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=FULL)
    parser.add_argument("--estates", nargs="+", choices=list(SPEEDS), default=list(SPEEDS))
    parser.add_argument("--speed", type=float, help="model seconds in a real one, for both")
    parser.add_argument("--sample", type=int, default=2_000, help="tables of the naive collector")
    arguments = parser.parse_args()
    opa = install_opa(lambda text: print(text, file=sys.stderr))
    os.environ["LAKEWARDEN_OPA"] = str(opa.path)
    estates: dict[str, Result] = {}
    for name in arguments.estates:
        speed = arguments.speed or SPEEDS[name]
        estates[name] = measured(name, arguments.tables, speed, arguments.sample)
        show(name, estates[name])
    everything = {
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "opa": opa.version,
        },
        "model": {
            key: value for key, value in dataclasses.asdict(model(1)).items() if key != "speed"
        },
        "estates": estates,
    }
    if arguments.tables >= FULL and set(estates) == set(SPEEDS):
        RESULTS.write_text(json.dumps(everything, indent=2) + "\n")
        print(RESULTS)
    broken = [p for found in estates.values() for p in promises(found) if p.kept is False]
    sys.exit(1 if broken else 0)


def measured(name: Name, tables: int, speed: float, sample: int) -> Result:
    """Measure one estate, and the naive collector on a sample of it."""
    print(f"estate {name}: {tables:,} tables, {DESCRIPTIONS[name]} …", file=sys.stderr)
    estate, timing = make_estate(name, tables), model(speed)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as folder:
        taken = measure(estate, timing, Path(folder))
        found = result(
            taken, tables=tables, bound=least_seconds(timing, taken.least, tables), speed=speed
        )
        sample = min(sample, tables)
        seconds = naive_seconds(estate, timing, Path(folder), sample)
    found["naive"] = naive_result(found, sample=sample, seconds=seconds)
    found["load_before"] = round(load, 1)
    return found


def show(name: Name, found: Result) -> None:
    """Print one estate's figures beside what is promised of them."""
    print(
        f"Estate {name}: {found['tables']:,} tables, {DESCRIPTIONS[name]}; "
        f"{found['speed']:g} seconds of the model in a real one"
    )
    for promise in promises(found):
        kept = {True: "kept", False: "BROKEN", None: "too few tables to tell"}[promise.kept]
        print(f"  {promise.what:<21} {promise.measured:<44} {promise.promised} — {kept}")
    naive = found["naive"]
    print(
        f"  naive collector       {naive['seconds_extrapolated']:,} s, {naive['statements']:,} "
        f"statements: {naive['times_the_seconds']:.1f} times the time, "
        f"{naive['times_the_statements']:.1f} times the statements (extrapolated from "
        f"{naive['sample']:,} tables in {naive['sample_seconds']:,} s)"
    )
    print(
        f"  processor time        runner {found['runner_cpu_seconds']:,.0f} s, OPA "
        f"{found['opa_cpu_seconds']:,.0f} s; load of the machine before: {found['load_before']}"
    )


if __name__ == "__main__":
    main()
