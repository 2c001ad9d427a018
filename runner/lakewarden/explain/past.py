"""Explains decisions of the past: of a report, an evidence pack, or a run of the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import structs

from lakewarden.engines.choice import EngineKindOptions
from lakewarden.evaluation.name_patterns import there_is
from lakewarden.evaluation.policy_index import select
from lakewarden.explain.explanation import VERSION, Decided, ExplainedDecision, Explanation
from lakewarden.explain.from_document import (
    DocumentCase,
    ExplainedRun,
    explain_document,
    explained_decision,
    explained_table,
)
from lakewarden.model.clock import end_of_day, is_day, parse_clock
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import FactLabel, Run, TableReport
from lakewarden.options.policies import PolicyOptions
from lakewarden.origin import Origin
from lakewarden.packs.manifest import INVENTORY
from lakewarden.packs.reader import Pack
from lakewarden.progress import Progress
from lakewarden_collector.patterns import fold
from lakewarden_collector.private_folder import PrivateFolder

if TYPE_CHECKING:
    from lakewarden.history.past_report import PastRuns
    from lakewarden.history.store import FoundRun
    from lakewarden.model.report import Report

_BY_REPORT: Final = (
    "A report has no documents and no settings: for the settings and the changes that would flip "
    "a decision, name an inventory (--inventory) or an evidence pack (--pack)."
)
_BY_HISTORY: Final = (
    "The history keeps how decisions came out, not their proofs: a run whose pack it keeps "
    "(`evaluate --keep-packs`) is explained in full."
)


def moment(text: str) -> datetime:
    """Read a day, which means its end, or an RFC 3339 time; raises `ConfigurationError`."""
    if is_day(text):
        return end_of_day(text)
    try:
        return datetime.fromisoformat(parse_clock(text))
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{text!r} isn't a day or an RFC 3339 time",
            where="--at",
            remedy="Write a day such as 2026-03-03, or a time such as 2026-03-03T05:10:00Z.",
        ) from error


def explain_report(
    report: Report, table: TableReport, path: Path, patterns: Sequence[str]
) -> Explanation:
    """Explain what a report says of a table. Raises `ConfigurationError` for unknown policies."""
    return _brief(
        table,
        select(report.policies, patterns),
        Decided(
            clock=report.run.clock,
            engine=report.run.engine,
            source=report.run.source,
            scope=report.run.scope,
            origin=str(path),
        ),
        note=_BY_REPORT,
        fact_labels=report.fact_labels,
        off=report.run.policies_off,
    )


def explain_pack(
    path: Path,
    table: str,
    patterns: Sequence[str],
    engine: EngineKindOptions,
    progress: Progress,
    *,
    called: str = "",
) -> ExplainedRun:
    """Explain a table of an evidence pack: its document, decided again by what is in the pack.

    Raises `ConfigurationError` for what isn't a pack, and as `explain_document` does.
    """
    name = called or str(path)
    with PrivateFolder("explain") as folder, Pack(path) as pack:
        with progress.stage(f"Unpacking {name}"):
            policies, config = pack.unpack_rules(folder)
            pack.unpack_inventory(folder / INVENTORY)
        case = DocumentCase(
            table=table,
            origin=Origin(source_kind="inventory", location=str(folder / INVENTORY), called=name),
            policies=PolicyOptions(shipped=policies, config=config, policies=tuple(patterns)),
            engine=engine,
            clock=pack.manifest.clock,
            called=name,
            renamed=((f"{folder}/", f"{name}: "), (str(folder), name)),
        )
        return explain_document(case, progress)


class PastTables:
    """The tables of a history's runs.

    Raises `ConfigurationError` where the history isn't there or can't be read.
    """

    def __init__(self, location: str) -> None:
        from lakewarden.history.past_report import PastRuns  # noqa: PLC0415 -- takes most of a second

        self.runs: PastRuns = PastRuns(location)
        self._where = f"--history {location}"

    def explain(
        self,
        at: str,
        table: str,
        patterns: Sequence[str],
        engine: EngineKindOptions,
        progress: Progress,
    ) -> tuple[Explanation, FoundRun]:
        """Explain a table as of a moment, by the last run until then that decided about it.

        Raises `ConfigurationError` where there is none, naming tables that are near.
        """
        end = moment(at)
        with progress.stage(f"Looking for the last run until {at}"):
            found, row = self._found(end, at, table)
        with ExitStack() as stack:
            target = stack.enter_context(PrivateFolder("run")) / "run.zip"
            if self.runs.unpack(found, target):
                called = "the pack that the history keeps"
                made = explain_pack(
                    target, row.full_name, patterns, engine, progress, called=called
                )
                return with_run(made.explanation, found.run_id), found
        report = self.runs.report(found)
        decided = Decided(
            clock=found.run.clock,
            engine=found.run.engine,
            source=found.run.source,
            scope=found.run.scope,
            origin=self._where.removeprefix("--"),
            run_id=found.run_id,
        )
        brief = _brief(row, select(report.policies, patterns), decided, note=_BY_HISTORY)
        return brief, found

    def with_since(
        self,
        found: Explanation,
        now: tuple[Run, FoundRun | None],
        engine: EngineKindOptions,
        progress: Progress,
    ) -> Explanation:
        """Return an explanation that says since when each decision is as it is."""
        from lakewarden.explain.since import SinceFinder  # noqa: PLC0415 -- as above

        with SinceFinder(self.runs, found.full_name, now, engine, progress) as finder:
            decisions = tuple(
                structs.replace(each, since=finder.of(each)) for each in found.decisions
            )
        return structs.replace(found, decisions=decisions)

    def _found(self, end: datetime, at: str, table: str) -> tuple[FoundRun, TableReport]:
        until = self.runs.until(end)
        if not until:
            first = next(iter(self.runs.every()), None)
            began = f" The first one is of {first.run.clock}." if first else ""
            raise ConfigurationError(
                f"has no run until {at}",
                where=self._where,
                remedy=f"Name a later day with --at.{began}",
            )
        for found in reversed(until):
            for row in self.runs.report(found).tables():
                if fold(row.full_name) == fold(table):
                    return found, row
        names = [each.full_name for each in self.runs.report(until[-1]).tables()]
        raise ConfigurationError(
            f"no run until {at} has the table {table}",
            where="FULL_NAME",
            remedy=there_is(table, names),
        )


def with_run(found: Explanation, run_id: str) -> Explanation:
    """Return an explanation that names the run of the history that it is about."""
    return structs.replace(found, decided=structs.replace(found.decided, run_id=run_id))


def _brief(
    table: TableReport,
    policies: Iterable[Policy],
    decided: Decided,
    *,
    note: str,
    fact_labels: dict[str, FactLabel] | None = None,
    off: tuple[str, ...] = (),
) -> Explanation:
    """Explain by decisions alone."""
    return Explanation(
        version=VERSION,
        full_name=table.full_name,
        decided=decided,
        table=explained_table(table, None),
        decisions=tuple(_decisions(table, policies)),
        off=off,
        fact_labels=fact_labels or {},
        notes=(note,),
    )


def _decisions(table: TableReport, policies: Iterable[Policy]) -> Iterator[ExplainedDecision]:
    for policy in policies:
        decision = table.decisions.get(policy.policy_id)
        if decision is not None:
            yield explained_decision(policy, decision)
