"""Decides again what an evidence pack holds, with the policies and settings in it, and compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from lakewarden.engines.choice import EngineOptions
from lakewarden.model.decision import Outcome
from lakewarden.model.report import Gate, Run, TableReport
from lakewarden.options import ClockOptions, Options
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions, PackedBaseline, ReportOptions, ReportTarget
from lakewarden.options.tables import TableOptions
from lakewarden.origin import Origin
from lakewarden.packs.manifest import BASELINE, BASELINE_BEFORE, CONFIG, INVENTORY, Manifest
from lakewarden.packs.reader import Pack
from lakewarden.packs.writer import as_decided
from lakewarden.progress import Progress
from lakewarden.renderers import Format
from lakewarden.report import layout
from lakewarden.report.file import ReportFile, open_unchecked_report
from lakewarden.report.gate import parse_permission
from lakewarden.run import evaluate
from lakewarden_collector.private_folder import PrivateFolder

MOST_SHOWN: Final = 20


class Difference(Struct, frozen=True, kw_only=True):
    """A table that came out otherwise: its policies with the outcomes before and after.

    `changes` is empty where one of the two lacks the table, or where only its facts differ.
    """

    full_name: str
    changes: tuple[tuple[str, Outcome, Outcome], ...]


class Replay(Struct, frozen=True, kw_only=True):
    """The result of deciding again: how much was compared, and what differs."""

    manifest: Manifest
    run: Run
    tables: int
    decisions: int
    different: int
    """Tables with a difference."""
    examples: tuple[Difference, ...]
    """The first of them."""
    digests: tuple[str, ...]
    """What has another digest than in the pack: policies, settings, waivers or inventory."""
    gate: Gate

    @property
    def is_identical(self) -> bool:
        """Whether every decision is the same, and everything that they rest on."""
        return not self.different and not self.digests and self.has_same_gate

    @property
    def has_same_gate(self) -> bool:
        """Whether the gate came to the same, by the same options."""
        return self.gate == self.manifest.gate


@dataclass(frozen=True, kw_only=True)
class _PackedTables(TableOptions):
    """The tables of an unpacked inventory, which everybody knows by its pack."""

    pack: Path

    def origin(self) -> Origin:
        """Return the inventory under the name of its pack."""
        return structs.replace(super().origin(), called=f"{self.pack}: {INVENTORY}")


def replay(
    path: Path, targets: Sequence[ReportTarget], engine: EngineOptions, progress: Progress
) -> Replay:
    """Decide again what a pack holds; write the reports that are wanted.

    Raises `ConfigurationError` for what isn't a pack or is damaged, and what a run raises.
    """
    with PrivateFolder("replay") as folder, Pack(path) as pack:
        with progress.stage(f"Unpacking {path}"):
            policies, config = pack.unpack_rules(folder)
            pack.unpack_inventory(folder / INVENTORY)
        report = folder / "report.json"
        arguments = pack.manifest.arguments
        gate = evaluate(
            Options(
                tables=_PackedTables(
                    inventory=str(folder / INVENTORY), tables=arguments.tables, pack=path
                ),
                policies=PolicyOptions(
                    shipped=policies,
                    config=config,
                    policies=arguments.policies,
                    packed=pack.manifest.policy_sources or (),
                ),
                reports=ReportOptions(
                    reports=(ReportTarget(format=Format.JSON, path=report), *targets),
                    no_what_if=not targets,
                    packed_baseline=_baseline(config, path, arguments.ratchet_against),
                ),
                gate=GateOptions(
                    allow=tuple(map(parse_permission, arguments.allow)),
                    min_coverage=arguments.min_coverage,
                    no_gate=arguments.no_gate,
                    fail_on=arguments.fail_on,
                    strict_waivers=arguments.strict_waivers,
                ),
                clock=ClockOptions(now=pack.manifest.clock),
                engine=engine,
            ),
            progress,
        )
        with progress.stage("Comparing the decisions"):
            return _compared(pack, open_unchecked_report(report), gate)


def _baseline(config: Path, pack: Path, against: str) -> PackedBaseline | None:
    entries, before = config / BASELINE, config / BASELINE_BEFORE
    if not entries.is_file():
        return None
    return PackedBaseline(
        entries=entries,
        called=f"{pack}: {CONFIG}{BASELINE}",
        against=against,
        before=before if before.is_file() else None,
    )


def _compared(pack: Pack, again: ReportFile, gate: Gate) -> Replay:
    tables = decisions = different = 0
    examples: list[Difference] = []
    for packed, after in zip_longest(pack.tables(), map(as_decided, again.tables())):
        tables += 1
        before = None if packed is None else packed[1]
        decisions += len((before or after).decisions)
        if packed is not None and after is not None and packed[0] == layout.table(after):
            continue
        different += 1
        if len(examples) < MOST_SHOWN:
            examples.append(_difference(before, after))
    known, found = structs.asdict(pack.manifest.digests), structs.asdict(again.run.digests)
    return Replay(
        manifest=pack.manifest,
        run=again.run,
        tables=tables,
        decisions=decisions,
        different=different,
        examples=tuple(examples),
        digests=tuple(name for name in known if known[name] != found[name]),
        gate=gate,
    )


def _difference(before: TableReport | None, after: TableReport | None) -> Difference:
    """Return what differs between two decisions about what should be one table."""
    if before is None or after is None or before.full_name != after.full_name:
        named = before or after
        assert named is not None  # noqa: S101 -- at least one of two is there
        return Difference(full_name=named.full_name, changes=())
    return Difference(
        full_name=before.full_name,
        changes=tuple(
            (policy_id, decision.outcome, after.decisions[policy_id].outcome)
            for policy_id, decision in before.decisions.items()
            if policy_id in after.decisions and decision != after.decisions[policy_id]
        ),
    )
