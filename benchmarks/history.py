"""What keeping a history costs: `make bench WHAT=history`.

Evaluates generated documents beside a history of many runs as large, in this process, and times the
stages: what earlier runs found is read, compared with, and the run is added. The ratio to the time
of deciding says more than the seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa
from msgspec import structs

from benchmarks.documents import NOW, header, write_inventory
from benchmarks.what_if import Timing
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.history.failures import FailureLedger, RunFailures
from lakewarden.history.identity import About
from lakewarden.history.rows import RunKey, batches
from lakewarden.history.store import HistoryTable, Snapshot
from lakewarden.model.report import Report
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.renderers import Format
from lakewarden.report.file import open_unchecked_report
from lakewarden.resources import shipped_config
from lakewarden.run import evaluate
from lakewarden_collector.inventory import Header

RESULTS: Final = Path(__file__).parent / "results" / "history.json"
STAGES: Final = ("Opening", "Recalling", "Adding")


def main() -> None:
    """Measure, print one line and write `benchmarks/results/history.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="tables of each run")
    parser.add_argument("--runs", type=int, default=100, help="earlier runs")
    parser.add_argument("--rounds", type=int, default=3, help="runs that are measured")
    arguments = parser.parse_args()
    found: list[dict[str, float]] = []
    ratios: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as scratch:
        inventory, report = Path(scratch, "lake.ndjson"), Path(scratch, "report.json")
        place = Path(scratch, "history")
        write_inventory(inventory, arguments.documents)
        run(inventory, report, 0, None)
        fill(place, open_unchecked_report(report), header(arguments.documents), arguments.runs)
        size = sum(each.stat().st_size for each in place.rglob("*.parquet"))
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds} …", file=sys.stderr)
            seconds = run(inventory, report, number, place)
            found.append({each.lower(): round(seconds[each], 2) for each in STAGES})
            ratios.append({each: seconds[each] / seconds["Deciding"] for each in STAGES})
        policies = open_unchecked_report(report).policies
    whole = [sum(each.values()) for each in ratios]
    result = {
        "documents": arguments.documents,
        "policies": len(policies),
        "earlier_runs": arguments.runs,
        "bytes_a_run": size // arguments.runs,
        "rounds": arguments.rounds,
        "seconds": {
            each.lower(): statistics.median(one[each.lower()] for one in found) for each in STAGES
        },
        "of_the_time_to_decide": round(statistics.median(whole), 3),
        "each_round": [round(ratio, 3) for ratio in whole],
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    stages = ", ".join(
        f"{each.lower()} {statistics.median(one[each] for one in ratios):.1%}" for each in STAGES
    )
    print(
        f"{arguments.documents:,} tables, a history of {arguments.runs} such runs: it adds "
        f"{result['of_the_time_to_decide']:.1%} to the time to decide ({min(whole):.1%} to "
        f"{max(whole):.1%}): {stages}; {result['bytes_a_run']:,} bytes a run"
    )
    print(RESULTS)


def run(inventory: Path, report: Path, minute: int, history: Path | None) -> dict[str, float]:
    """Evaluate once with OPA; return the seconds of each stage."""
    timing = Timing()
    clock = datetime.fromisoformat(NOW) + timedelta(minutes=minute)
    options = Options(
        tables=TableOptions(inventory=str(inventory)),
        policies=PolicyOptions(config=shipped_config()),
        engine=EngineOptions(engine_kind=EngineKind.OPA),
        reports=ReportOptions(
            reports=(ReportTarget(format=Format.JSON, path=report),),
            history=str(history) if history else None,
            no_what_if=True,
        ),
        clock=ClockOptions(now=_text(clock)),
    )
    evaluate(options, timing)
    return timing.seconds


def fill(place: Path, report: Report, about: Header, runs: int) -> None:
    """Make a history of a run a day that can be compared with those that are measured."""
    table, now = HistoryTable(str(place)), report.run
    table.open()
    for day in range(runs, 0, -1):
        clock = _text(datetime.fromisoformat(NOW) - timedelta(days=day))
        report.run = structs.replace(now, clock=clock)
        same = About(
            source=about.source, scope=about.scope, narrowed=now.narrowed, digests=now.digests
        )
        key = RunKey(run_id=f"{day:032x}", clock=clock, about=same)
        table.append(key.run_id, partial(_rows, report, key))
    report.run = now


def _rows(report: Report, key: RunKey, _: Snapshot) -> Iterator[pa.RecordBatch]:
    first = RunFailures(FailureLedger(), clock=key.clock, rules_id=key.about.rules_id)
    return batches(report, key, first)


def _text(clock: datetime) -> str:
    return clock.replace(tzinfo=None).isoformat() + "Z"


if __name__ == "__main__":
    main()
