"""What the means of governance cost, as ratios to an evaluation: `make bench WHAT=governance`.

Evaluates generated documents in this process, without and with an evidence pack, checks the pack,
decides again what is in it, and compares the report with one under a larger threshold. The ratios
say more than the seconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.documents import NOW, write_inventory
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.packs.reader import verify
from lakewarden.progress import Silent
from lakewarden.renderers import Format
from lakewarden.replay import replay
from lakewarden.report.diff import Differ
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.old_report import OldReport
from lakewarden.report.recount import open_report, recounted
from lakewarden.resources import shipped_config
from lakewarden.run import evaluate

RESULTS: Final = Path(__file__).parent / "results" / "governance.json"
_ENGINE: Final = EngineOptions(engine_kind=EngineKind.OPA)


def main() -> None:
    """Measure, print a line for each and write `benchmarks/results/governance.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {"packing": [], "verify": [], "replay": [], "diff": []}
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as scratch:
        inventory, pack = Path(scratch, "lake.ndjson"), Path(scratch, "pack.zip")
        write_inventory(inventory, arguments.documents)
        report, other = inventory.with_suffix(".json"), Path(scratch, "other.json")
        _evaluate(inventory, None, config=_other_settings(Path(scratch, "config")))
        report.rename(other)
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds} …", file=sys.stderr)
            plain = _seconds(lambda: _evaluate(inventory, None))
            found["packing"].append(_seconds(lambda: _evaluate(inventory, pack)) / plain - 1)
            found["verify"].append(_seconds(lambda: _verify(pack)) / plain)
            found["replay"].append(_seconds(lambda: replay(pack, (), _ENGINE, Silent())) / plain)
            found["diff"].append(_seconds(lambda: _diff(report, other)) / plain)
        size = pack.stat().st_size
    result = {
        "documents": arguments.documents,
        "rounds": arguments.rounds,
        "pack_bytes": size,
        "of_an_evaluation": {
            name: round(statistics.median(ratios), 3) for name, ratios in found.items()
        },
        "each_round": {name: [round(each, 3) for each in found[name]] for name in found},
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    for name, ratios in found.items():
        print(
            f"{name}: {statistics.median(ratios):.1%} of an evaluation "
            f"({min(ratios):.1%} to {max(ratios):.1%})"
        )
    print(RESULTS)


def _other_settings(config: Path) -> Path:
    """Return a folder of settings with a threshold that more tables are below."""
    shutil.copytree(shipped_config(), config)
    file = config / "clustering_config.yaml"
    file.write_text("size_threshold_bytes: 68719476736\n")  # 64 GiB
    return config


def _diff(old: Path, new: Path) -> None:
    report = open_report(new)
    before = open_unchecked_report(old)
    differ = Differ(OldReport(before, recounted(old, before)), report)
    changed = sum(1 for _ in differ.changes(report.tables(), report.tables))
    assert changed  # noqa: S101 -- as below
    assert differ.result().causes  # noqa: S101 -- as below


def _evaluate(inventory: Path, pack: Path | None, config: Path | None = None) -> None:
    evaluate(
        Options(
            tables=TableOptions(inventory=str(inventory)),
            policies=PolicyOptions(config=config or shipped_config()),
            engine=_ENGINE,
            reports=ReportOptions(
                reports=(ReportTarget(format=Format.JSON, path=inventory.with_suffix(".json")),),
                no_what_if=True,
                pack=pack,
            ),
            clock=ClockOptions(now=NOW),
        ),
        Silent(),
    )


def _verify(pack: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as folder:
        _, faults = verify(pack, Path(folder))
    assert not faults  # noqa: S101 -- a benchmark of what went wrong says nothing


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
