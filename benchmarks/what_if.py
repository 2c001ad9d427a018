"""What trying other settings costs: `make bench WHAT=what_if`.

Runs the whole of an evaluation on generated documents, in this process, and times its stages: how
long it takes to ask policies again under other settings, beside deciding everything once. Both are
the engine's work, so the ratio says more than the seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.documents import NOW, write_inventory
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Advance, Silent
from lakewarden.renderers import Format
from lakewarden.report.file import open_unchecked_report
from lakewarden.resources import shipped_config
from lakewarden.run import evaluate

RESULTS: Final = Path(__file__).parent / "results" / "what_if.json"


class Timing(Silent):
    """Notes how long each stage took, in seconds, by the first word of its name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, text: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 -- the protocol's
        """Time the stage."""
        begun = time.monotonic()
        yield lambda _: None
        self.seconds[text.partition(" ")[0]] = time.monotonic() - begun


def main() -> None:
    """Measure, print one line and write `benchmarks/results/what_if.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as scratch:
        inventory, report = Path(scratch, "lake.ndjson"), Path(scratch, "report.json")
        write_inventory(inventory, arguments.documents)
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds} …", file=sys.stderr)
            seconds = run(inventory, report)
            ratios.append(seconds["Trying"] / seconds["Deciding"])
        tried = open_unchecked_report(report)
    insight = tried.insight
    factors = [each.factor for each in insight.what_if] if insight else []
    names = {each.policy_id for each in insight.what_if} if insight else set()
    outcomes = [tried.summary.by_policy[name].outcomes for name in names]
    movable = sum(each[kind] for each in outcomes for kind in ("fail", "exempt", "unknown"))
    result = {
        "documents": arguments.documents,
        "policies": len(tried.policies),
        "rounds": arguments.rounds,
        "factors": factors,
        "movable_share": round(movable / arguments.documents, 3),
        "of_the_time_to_decide": round(statistics.median(ratios), 3),
        "each_round": [round(ratio, 3) for ratio in ratios],
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"trying {len(factors)} factors: {result['of_the_time_to_decide']:.1%} of the time to "
        f"decide ({min(ratios):.1%} to {max(ratios):.1%})"
    )
    print(RESULTS)


def run(inventory: Path, report: Path) -> dict[str, float]:
    """Evaluate once with OPA; return the seconds of each stage."""
    timing = Timing()
    options = Options(
        tables=TableOptions(inventory=str(inventory)),
        policies=PolicyOptions(config=shipped_config()),
        engine=EngineOptions(engine_kind=EngineKind.OPA),
        reports=ReportOptions(reports=(ReportTarget(format=Format.JSON, path=report),)),
        clock=ClockOptions(now=NOW),
    )
    evaluate(options, timing)
    return timing.seconds


if __name__ == "__main__":
    main()
