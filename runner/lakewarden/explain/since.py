"""Since when a table is decided as it is, and what changed that: by the runs of a history.

Where the history keeps the packs of the run that changed it and of the one before, the decision is
made again with one part exchanged at a time, and the facts and settings that differ are listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

from msgspec import structs

from lakewarden.engines.choice import EngineKindOptions
from lakewarden.evaluation.variants import Variants
from lakewarden.explain.explanation import ChangedValue, ExplainedDecision, Since
from lakewarden.history.past_report import PastRuns
from lakewarden.history.store import FoundRun
from lakewarden.model.decision import Outcome
from lakewarden.model.diff import Cause, ChangedViolation, ReportedOutcome, ViolationChange
from lakewarden.model.report import Run, TableReport
from lakewarden.packs.causes import CauseFinder
from lakewarden.packs.packed_run import PackedRun
from lakewarden.progress import Progress
from lakewarden.report.causes import Causes, place_of
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden_collector.patterns import fold
from lakewarden_collector.private_folder import PrivateFolder

MOST_CHANGED: Final = 12
"""How many facts, parts of the document and settings are listed."""

_TIMES: Final = ("as_of", "updated_at", "created_at", "last_modified", "last_read_at")
"""Parts of a document that differ from collection to collection."""


class SinceFinder:
    """Looks up the decisions about one table in the runs of a history; used in a `with` block.

    `run` is the run whose decisions are explained, None for those made now; `now` is what a report
    of it says of itself. Raises `ConfigurationError` where the history can't be read.
    """

    def __init__(
        self,
        runs: PastRuns,
        full_name: str,
        now: tuple[Run, FoundRun | None],
        engine: EngineKindOptions,
        progress: Progress,
    ) -> None:
        self._runs = runs
        self._name = full_name
        self._now, self._run = now
        self._engine = engine
        self._progress = progress
        self._outcomes = runs.outcomes(full_name)
        self._line = self._comparable()
        self._past = runs.past_failures(self._line[-1]) if self._line else {}
        self._stack = ExitStack()
        self._packs: dict[str, PackedRun | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, found: ExplainedDecision) -> Since | None:
        """Return since when a decision is as it is; None where the history doesn't know it."""
        policy_id, outcome = found.policy_id, found.decision.outcome
        known = [each for each in self._line if policy_id in self._outcomes[each.run_id]]
        if not known:
            return None
        first: FoundRun | None = None
        previous: FoundRun | None = None
        for run in reversed(known):
            if self._outcomes[run.run_id][policy_id] is not outcome:
                previous = run
                break
            first = run
        since = Since(
            clock=first.run.clock if first else self._now.clock,
            run_id=first.run_id if first else "",
            **self._first_failure(policy_id, outcome),
        )
        return self._changed_by(since, found, first, previous) if previous else since

    def _comparable(self) -> list[FoundRun]:
        """Return the runs with the table, until the explained one, about the same estate as it."""
        end = self._run.clock if self._run else None
        runs = [
            each
            for each in self._runs.every()
            if each.run_id in self._outcomes and (end is None or each.clock <= end)
        ]
        base = self._run or (runs[-1] if runs else None)
        estate = base.values["estate_id"] if base else ""
        return [each for each in runs if each.values["estate_id"] == estate]

    def _first_failure(self, policy_id: str, outcome: Outcome) -> dict[str, Any]:
        past = self._past.get((self._name, policy_id), ())
        if outcome is not Outcome.FAIL or not past:
            return {}
        first = min(past, key=lambda each: each.first_failed_at)
        return {"first_failed_at": first.first_failed_at, "reopened": first.reopened}

    def _changed_by(
        self,
        since: Since,
        found: ExplainedDecision,
        first: FoundRun | None,
        previous: FoundRun,
    ) -> Since:
        before = self._outcomes[previous.run_id][found.policy_id]
        causes = Causes(previous.run, first.run if first else self._now)
        reported = ReportedOutcome(before.value), ReportedOutcome(found.decision.outcome.value)
        since = structs.replace(
            since,
            previous_outcome=before,
            previous_clock=previous.run.clock,
            causes=causes.of(found.policy_id, *reported),
        )
        packs = [self._pack(each) for each in (previous, first) if each]
        both = [each for each in packs if each]
        if len(both) < 2:  # noqa: PLR2004 -- a run and the one before
            return since
        old, new = both
        since = structs.replace(since, changed=tuple(_changed(old, new, self._name, found)))
        proven = self._proven(old, new, found, reported, causes.differing)
        if proven:
            since = structs.replace(since, causes=proven, decided_again=True)
        return since

    def _proven(
        self,
        old: PackedRun,
        new: PackedRun,
        found: ExplainedDecision,
        reported: tuple[ReportedOutcome, ReportedOutcome],
        differing: Sequence[Cause],
    ) -> tuple[Cause, ...]:
        failing = new if reported[1] is ReportedOutcome.FAIL else old
        table = _table(failing, self._name)
        decision = table.decisions.get(found.policy_id) if table else None
        keys = [each.key for each in decision.violations] if decision else []
        change = ChangedViolation(
            full_name=self._name,
            policy_id=found.policy_id,
            key=keys[0] if keys else None,
            change=ViolationChange.NEW,
            before=reported[0],
            after=reported[1],
            severity=found.severity,
            enforcement=found.enforcement,
        )
        with CauseFinder(old, new, self._engine, self._progress) as finder:
            return finder.causes([change], differing).get(place_of(change), ())

    def _pack(self, run: FoundRun) -> PackedRun | None:
        if run.run_id not in self._packs:
            folder = self._stack.enter_context(PrivateFolder("kept"))
            target = folder / "run.zip"
            self._packs[run.run_id] = (
                self._stack.enter_context(PackedRun(target, self._progress))
                if self._runs.unpack(run, target)
                else None
            )
        return self._packs[run.run_id]


def _changed(
    old: PackedRun, new: PackedRun, full_name: str, found: ExplainedDecision
) -> Iterator[ChangedValue]:
    """Yield the facts, settings and parts of the document that differ, the first of them."""
    domain = found.policy_id.partition(".")[0]
    parts = [
        ("fact", _facts(old, full_name, domain), _facts(new, full_name, domain)),
        ("setting", _settings(old, full_name, domain), _settings(new, full_name, domain)),
        ("document", _document(old, full_name), _document(new, full_name)),
    ]
    pairs = [
        (f"{kind} {name}", before.get(name), after.get(name))
        for kind, before, after in parts
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    for name, before, after in pairs[:MOST_CHANGED]:
        yield ChangedValue(name=name, before=before, after=after)


def _table(run: PackedRun, full_name: str) -> TableReport | None:
    wanted = fold(full_name)
    return next((each for each in run.tables() if fold(each.full_name) == wanted), None)


def _facts(run: PackedRun, full_name: str, domain: str) -> Mapping[str, Any]:
    table = _table(run, full_name)
    return table.facts.get(domain, {}) if table else {}


def _settings(run: PackedRun, full_name: str, domain: str) -> Mapping[str, Any]:
    clock = run.manifest.clock
    settings = load_settings(Path(run.config), load_schemas([run.root]), clock=clock)
    variant = Variants(settings, run.policies).of(full_name)
    values: dict[str, dict[str, Any]] = settings.values | (variant.settings if variant else {})
    return values.get(domain, {})


def _document(run: PackedRun, full_name: str) -> Mapping[str, Any]:
    wanted = fold(full_name)
    for document in run.documents.documents():
        if fold(document.full_name) == wanted:
            return dict(_leaves("", json.loads(document.data)))
    return {}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- any JSON
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, each)
    elif path.rpartition(".")[2] not in _TIMES:
        yield path, value
