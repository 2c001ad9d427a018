"""What the means of governance cost, as ratios to an evaluation: `make bench WHAT=governance`.

Evaluates generated documents in this process, without and with an evidence pack, checks the pack,
decides again what is in it, compares the report with one under a larger threshold, marks what a
baseline of 10,000 entries knows, and evaluates with 10,000 waivers. Asks what that threshold would
do, and what a change that reaches every policy would. The ratios say more than the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.documents import NOW, write_inventory
from lakewarden.baseline.entries import Entry, written
from lakewarden.baseline.failing import failing
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.packs.reader import verify
from lakewarden.progress import Silent
from lakewarden.proposal.present import PresentDecisions
from lakewarden.proposal.version import TrialOptions
from lakewarden.renderers import Format
from lakewarden.replay import replay
from lakewarden.report.diff import Differ
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.old_report import OldReport
from lakewarden.report.recount import open_report, recounted
from lakewarden.resources import shipped_config, shipped_policies
from lakewarden.run import evaluate
from lakewarden.settings.changes import NOTHING
from lakewarden_collector.patterns import fold

RESULTS: Final = Path(__file__).parent / "results" / "governance.json"
ENTRIES: Final = 10_000
MEASURED: Final = (
    *("packing", "verify", "replay", "diff", "baseline", "waivers"),
    *("what_if", "what_if_of_all_policies"),
)
_ENGINE: Final = EngineOptions(engine_kind=EngineKind.OPA)


def main() -> None:
    """Measure, print a line for each and write `benchmarks/results/governance.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", action="append", choices=MEASURED, help="measure these; the other figures stay"
    )
    arguments = parser.parse_args()
    measured = arguments.only or MEASURED
    found: dict[str, list[float]] = {name: [] for name in MEASURED if name in measured}
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as scratch:
        inventory, pack = Path(scratch, "lake.ndjson"), Path(scratch, "pack.zip")
        write_inventory(inventory, arguments.documents)
        report, other = inventory.with_suffix(".json"), Path(scratch, "other.json")
        settings = _other_settings(Path(scratch, "config"))
        changes = _changes(settings, Path(scratch, "policies"))
        if "diff" in found:
            _evaluate(inventory, None, config=settings)
            report.rename(other)
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds} …", file=sys.stderr)
            used = _processor_seconds()
            plain = _seconds(lambda: _evaluate(inventory, None))
            used = _processor_seconds() - used
            if "packing" in found:
                found["packing"].append(_seconds(lambda: _evaluate(inventory, pack)) / plain - 1)
            elif {"verify", "replay"} & found.keys():
                _evaluate(inventory, pack)
            if "verify" in found:
                found["verify"].append(_seconds(lambda: _verify(pack)) / plain)
            if "replay" in found:
                again = _seconds(lambda: replay(pack, (), _ENGINE, Silent()))
                found["replay"].append(again / plain)
            if "diff" in found:
                found["diff"].append(_seconds(lambda: _diff(report, other)) / plain)
            _by_processor(found, inventory, Path(scratch), used)
            _ask(inventory, changes, found, plain)
        known = json.loads(RESULTS.read_text()) if arguments.only else {}
        size = pack.stat().st_size if pack.exists() else known["pack_bytes"]
    result = {
        "documents": arguments.documents,
        "rounds": arguments.rounds,
        "pack_bytes": size,
        "of_an_evaluation": known.get("of_an_evaluation", {})
        | {name: round(statistics.median(ratios), 3) for name, ratios in found.items()},
        "each_round": known.get("each_round", {})
        | {name: [round(each, 3) for each in found[name]] for name in found},
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    for name, ratios in found.items():
        print(
            f"{name}: {statistics.median(ratios):.1%} of an evaluation "
            f"({min(ratios):.1%} to {max(ratios):.1%})"
        )
    print(RESULTS)


def _by_processor(
    found: dict[str, list[float]], inventory: Path, scratch: Path, used: float
) -> None:
    """Measure what is a share of the processor time `used` by an evaluation."""
    if "baseline" in found:
        report = inventory.with_suffix(".json")
        found["baseline"].append(_marking(report, scratch / "known.txt") / used)
    if "waivers" in found:
        config = _waived(inventory, scratch / f"waived-{len(found['waivers'])}")
        began = _processor_seconds()
        _evaluate(inventory, None, config=config)
        found["waivers"].append((_processor_seconds() - began) / used - 1)


def _waived(inventory: Path, config: Path) -> Path:
    """Return a folder of settings with 10,000 waivers: nine of ten name a table, one a pattern."""
    shutil.copytree(shipped_config(), config)
    with inventory.open("rb") as lines:
        names = [found for line in lines if (found := json.loads(line).get("full_name"))]
    with (config / "waivers.yaml").open("w") as file:
        file.write("waivers:\n")
        for each in range(ENTRIES):
            name = names[each % len(names)]
            where = f'pattern: "{name}*"' if each % 10 == 0 else f"table: {name}"
            file.write(
                f"- policy: clustering.strategy_required\n  {where}\n  reason: moves in spring\n"
                "  owner: data@example.com\n  approved_by: governance@example.com\n"
                f"  ticket: GOV-{each}\n  starts: 2026-01-01\n  expires: 2099-12-31\n"
            )
    return config


def _other_settings(config: Path) -> Path:
    """Return a folder of settings with a threshold that more tables are below."""
    shutil.copytree(shipped_config(), config)
    file = config / "clustering_config.yaml"
    file.write_text("size_threshold_bytes: 68719476736\n")  # 64 GiB
    return config


def _marking(report: Path, file: Path) -> float:
    """Return the processor's seconds for a baseline in a run: read, marked, counted, summed up.

    Its entries are what fails in a report, and as many others as make them 10,000.
    """
    opened = open_unchecked_report(report)
    tables, index = list(opened.tables()), {each.policy_id: each for each in opened.policies}
    entries = list(failing(opened))[:ENTRIES]
    others = (f"elsewhere.sales.t{number}" for number in range(ENTRIES - len(entries)))
    entries += [
        Entry(policy=opened.policies[0].policy_id, table=each, since=NOW[:10]) for each in others
    ]
    file.write_text(written(entries))

    def mark() -> None:
        ledger = BaselineLedger.read(file)
        ledger.see(frozenset(fold(each.full_name) for each in tables))
        for table in tables:
            ledger.add(ledger.mark(table), index)
        assert ledger.baseline(NOW).failing  # noqa: S101 -- as below

    used = _processor_seconds()
    mark()
    return _processor_seconds() - used


def _changes(settings: Path, policies: Path) -> dict[str, PolicyOptions]:
    """Return what is tried: other settings, and a router by which every decision may be another."""
    shutil.copytree(shipped_policies(), policies)
    router = policies / "lakewarden" / "main" / "main.rego"
    router.write_text(f"{router.read_text('utf-8')}\n# edited\n", "utf-8")
    return {
        "what_if": PolicyOptions(config=settings),
        "what_if_of_all_policies": PolicyOptions(config=shipped_config(), shipped=policies),
    }


def _ask(
    inventory: Path, changes: dict[str, PolicyOptions], found: dict[str, list[float]], plain: float
) -> None:
    """Add the ratio of each what-if that is measured."""
    for name in found.keys() & changes.keys():
        found[name].append(_seconds(partial(_what_if, inventory, changes[name])) / plain)


def _what_if(inventory: Path, changed: PolicyOptions) -> None:
    options = TrialOptions(
        tables=TableOptions(inventory=str(inventory)),
        policies=PolicyOptions(config=shipped_config()),
        engine=_ENGINE,
        clock=ClockOptions(now=NOW),
    )
    with PresentDecisions(options, Silent()) as present:
        version = present.version_of(changed, NOTHING)
        present.decide()
        proposal = present.compared_with(version, NOTHING)
        flipped = sum(1 for _ in proposal.violations())
        assert proposal.effect().after.decided  # noqa: S101 -- as below
        assert bool(flipped) is (changed.config != shipped_config())  # noqa: S101 -- as below


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


def _processor_seconds() -> float:
    """Return the processor time of this process and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
