"""What fifty overrides cost: `make bench WHAT=overrides`.

Runs the whole of `lakewarden evaluate` on the same generated documents in turn, with the settings
that ship and with fifty overrides added to them, so that both see the same machine. Each override
names ten schemas and changes a threshold or an enforcement; together they match half of the
tables, some of them twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.contenders import Bench
from lakewarden.engines.install.install import install_opa
from lakewarden.resources import shipped_config

RESULTS: Final = Path(__file__).parent / "results" / "overrides.json"
OVERRIDES: Final = 50
_SCHEMA_TABLES: Final = 250
"""Tables in each schema of the generated estate."""


def main() -> None:
    """Measure, print one line and write `benchmarks/results/overrides.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn")
    arguments = parser.parse_args()
    opa = install_opa(lambda text: print(text, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as folder:
        bench = Bench(Path(folder), opa.path, arguments.documents)
        config = overridden(Path(folder) / "config", arguments.documents // _SCHEMA_TABLES)
        ratios = []
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds} …", file=sys.stderr)
            without = bench.lakewarden().seconds
            ratios.append(without / bench.lakewarden(config).seconds)
    result = {
        "documents": arguments.documents,
        "overrides": OVERRIDES,
        "rounds": arguments.rounds,
        "throughput_of_that_without": round(statistics.median(ratios), 3),
        "each_round": [round(ratio, 3) for ratio in ratios],
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"with {OVERRIDES} overrides: {result['throughput_of_that_without']:.1%} "
        f"of the throughput without ({min(ratios):.1%} to {max(ratios):.1%})"
    )
    print(RESULTS)


def overridden(folder: Path, schemas: int) -> Path:
    """Copy the shipped settings and add the overrides; return the new folder."""
    shutil.copytree(shipped_config(), folder)
    file = folder / "clustering_config.yaml"
    lines = ["", "overrides:"]
    for number in range(OVERRIDES):
        first = number * schemas // OVERRIDES // 2
        lines.append(f"- tables: [prod.schema_{first:04}.*, 'prod.*.table_{number:03}*7']")
        if number % 3:
            lines.append(f"  size_threshold_bytes: {2**30 + number}")
        else:
            lines.append("  enforcement: {key_limit: advisory}")
    file.write_text(file.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
