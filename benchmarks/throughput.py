"""Documents a second and peak memory, as ratios within one run: `make bench`.

Runs Lakewarden and `opa eval` in turn on the same generated documents, so that both see the same
machine, and prints and stores the medians. `opa bench` shows what one thread of OPA can do at
best: input parsed already, no server, no report.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contenders import Bench, Measured
from benchmarks.documents import policy_ids
from lakewarden.engines.install.install import install_opa

RESULTS = Path(__file__).parent / "results" / "throughput.json"


def main() -> None:
    """Measure, print a table and write `benchmarks/results/throughput.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    arguments = parser.parse_args()
    opa = install_opa(lambda text: print(text, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as folder:
        rows = [
            measure(Bench(Path(folder), opa.path, size), size, arguments.rounds)
            for size in arguments.sizes
        ]
        limit = Bench(Path(folder), opa.path, 500).opa_bench()
    result = {
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "opa": opa.version,
        },
        "rounds": arguments.rounds,
        "policies": len(policy_ids()),
        "opa_bench_documents_per_second_one_thread": round(limit),
        "estates": rows,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def measure(bench: Bench, size: int, rounds: int) -> dict[str, Any]:
    """Run both contenders in turn; return medians and their ratio pair by pair."""
    ours: list[Measured] = []
    theirs: list[Measured] = []
    for number in range(rounds):
        print(f"{size:,} documents, round {number + 1} of {rounds} …", file=sys.stderr)
        ours.append(bench.lakewarden())
        theirs.append(bench.opa_eval())
    return {
        "documents": size,
        "lakewarden_documents_per_second": round(size / median(ours)),
        "opa_eval_documents_per_second": round(size / median(theirs)),
        "throughput_ratio": round(
            statistics.median(b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True)), 2
        ),
        "runner_peak_mb": round(max(each.peak_mb for each in ours)),
        "opa_eval_peak_mb": round(max(each.peak_mb for each in theirs)),
    }


def median(runs: list[Measured]) -> float:
    """Return the median of the wall times in seconds."""
    return statistics.median(run.seconds for run in runs)


def show(result: dict[str, Any]) -> None:
    """Print the results as a table."""
    print(f"{'documents':>10} {'lakewarden':>12} {'opa eval':>12} {'ratio':>7} {'runner':>9}")
    for row in result["estates"]:
        print(
            f"{row['documents']:>10,} {row['lakewarden_documents_per_second']:>10,}/s "
            f"{row['opa_eval_documents_per_second']:>10,}/s {row['throughput_ratio']:>6.2f}x "
            f"{row['runner_peak_mb']:>6,} MB"
        )
    limit = result["opa_bench_documents_per_second_one_thread"]
    print(f"opa bench, one thread, input parsed already: {limit:,} documents/s")
    print(RESULTS)


if __name__ == "__main__":
    main()
