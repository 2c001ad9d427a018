"""What-ifs over drawn tables, decided by the policies that ship, in one engine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import Mock, patch

from msgspec import Struct

from lakewarden import run
from lakewarden.engines.opa.managed import managed
from lakewarden.model.diff import ChangedViolation, Diff
from lakewarden.model.effect import Effect
from lakewarden.model.report import Report
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions, ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Silent
from lakewarden.proposal import present
from lakewarden.proposal.present import PresentDecisions
from lakewarden.proposal.version import TrialOptions
from lakewarden.renderers import Format
from lakewarden.report.diff import Differ
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.old_report import OldReport
from lakewarden.resources import shipped_policies
from lakewarden.settings.changes import NOTHING, Changes
from tests.support import documents, rego
from tests.support.drawing.waivers import waiver

Json = dict[str, Any]

POLICIES: Final = (
    "clustering.exclusion_justified",
    "clustering.frequently_read",
    "clustering.key_limit",
    "clustering.keys_exist",
    "clustering.partitioned_table",
    "clustering.strategy_required",
    "documentation.table_commented",
)
"""Some of each kind: that read settings, none, or waivers, of both domains."""

_SELECTED: Final = (*POLICIES, "approval.*")
"""These, and the policies about waivers."""


class Compared(Struct, frozen=True, kw_only=True):
    """What a what-if says."""

    effect: Effect
    violations: list[ChangedViolation]


class Reported(Struct, frozen=True, kw_only=True):
    """What a diff of two reports says, and the newer one."""

    diff: Diff
    violations: list[ChangedViolation]
    new: Report


@contextmanager
def shared_engine() -> Iterator[None]:
    """Have all runs decided by one engine, which is started once."""
    with managed(rego.opa_binary(), [shipped_policies()]) as engine:
        # What a run enters, it leaves.
        entered = Mock(wraps=engine, info=engine.info, binary=None, concurrency=1)
        entered.__exit__ = Mock(return_value=None)
        started = Mock(return_value=(entered, ()))
        with (
            patch.object(run, "start_engine", started),
            patch.object(present, "start_engine", started),
        ):
            yield


def write_tables(file: Path, tables: int, seed: int) -> list[str]:
    """Write an inventory of drawn documents near the default settings; return their names."""
    rng = random.Random(seed)  # noqa: S311 -- a repeatable sample
    drawn = [documents.document(rng, n, documents.DEFAULT_SETTINGS) for n in range(tables)]
    file.write_text("".join(f"{json.dumps(each)}\n" for each in drawn), "utf-8")
    return [each["full_name"] for each in drawn]


def write_waivers(file: Path, names: list[str], number: int, seed: int) -> None:
    """Write drawn waivers; JSON is YAML."""
    rng = random.Random(seed)  # noqa: S311 -- as above
    drawn = [waiver(rng, names, POLICIES) for _ in range(number)]
    known = [
        # A file has times in UTC, and no start after the end.
        {name: text.replace("+01:00", "Z") for name, text in each.items() if name != "starts"}
        for each in drawn
        if each["policy"] in POLICIES
    ]
    file.write_text(json.dumps({"waivers": known}), "utf-8")


def write_config(folder: Path, stated: Mapping[str, Json]) -> Path:
    """Write a folder of settings, by domain."""
    folder.mkdir(exist_ok=True)
    for domain, settings in stated.items():
        (folder / f"{domain}_config.yaml").write_text(json.dumps(settings), "utf-8")
    return folder


def what_if(
    tables: Path,
    config: Path,
    changes: Changes = NOTHING,
    other: Path | None = None,
    *,
    gate: GateOptions | None = None,
    only: tuple[str, ...] = _SELECTED,
) -> Compared:
    """Compare changed rules, perhaps of another folder of settings, with the present ones."""
    policies = PolicyOptions(config=config, policies=only)
    options = TrialOptions(
        tables=TableOptions(inventory=str(tables)),
        policies=policies,
        gate=gate or GateOptions(),
        clock=ClockOptions(now=documents.NOW),
    )
    with PresentDecisions(options, Silent()) as decided:
        changed = decided.version_of(replace(policies, config=other or config), changes)
        decided.decide()
        proposal = decided.compared_with(changed, changes)
        violations = list(proposal.violations())
        return Compared(effect=proposal.effect(), violations=violations)


def report_of(tables: Path, config: Path, gate: GateOptions | None = None) -> Report:
    """Evaluate the tables, and return the report."""
    path = config / "report.json"
    run.evaluate(
        Options(
            tables=TableOptions(inventory=str(tables)),
            policies=PolicyOptions(config=config, policies=_SELECTED),
            reports=ReportOptions(
                reports=(ReportTarget(format=Format.JSON, path=path),), no_what_if=True
            ),
            gate=gate or GateOptions(),
            clock=ClockOptions(now=documents.NOW),
        ),
        Silent(),
    )
    return open_unchecked_report(path)


def diff_of(old: Report, new: Report) -> Reported:
    """Compare two reports as `lakewarden diff` does."""
    differ = Differ(OldReport(old, old.tables()), new)
    violations = list(differ.changes(new.tables()))
    return Reported(diff=differ.result(), violations=violations, new=new)
