"""Which part of a run changed a decision: found by deciding again, one part exchanged at a time.

A part is a cause where the new run without it, that is, with the old run's part in its place, comes
out as the old one. Where no part alone is needed, each that is enough is one: the old run with the
new part comes out as the new one. Where neither is so, several are needed together, and nothing is
proven.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from msgspec import Struct, structs

from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.diff import Cause, ChangedViolation, ReportedOutcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.packs.packed_run import PackedRun
from lakewarden.policy_set import load_rules
from lakewarden.progress import Progress
from lakewarden.report.causes import Place, ProvenCauses, place_of
from lakewarden.report.violations import outcome_about, violation_keys
from lakewarden.settings.waivers import FILE as WAIVERS_FILE
from lakewarden_collector.counted import counted
from lakewarden_collector.patterns import fold
from lakewarden_collector.private_folder import PrivateFolder

_PARTS: Final = (Cause.DATA, Cause.POLICIES, Cause.SETTINGS, Cause.WAIVERS, Cause.CLOCK)
"""What can be exchanged. The engine of then isn't here any more."""
_EVERY: Final = frozenset(_PARTS)

_Decisions = Mapping[tuple[str, str], Decision]
"""Folded name of today and policy id, to the decision."""


class _Asked(Struct, frozen=True, kw_only=True):
    """What is decided again: tables by their folded names of today and of then, and policies."""

    names: dict[str, str]
    policies: frozenset[str]


class CauseFinder:
    """Decides the changed tables of two packs again; used in a `with` block."""

    def __init__(
        self, old: PackedRun, new: PackedRun, engine: EngineKindOptions, progress: Progress
    ) -> None:
        self._sides = (old, new)
        self._kind = engine
        self._progress = progress
        self._stack = ExitStack()
        self._engines: dict[Path, Engine] = {}
        self._configs: dict[tuple[bool, bool], Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def causes(
        self, changes: Iterable[ChangedViolation], differing: Sequence[Cause]
    ) -> ProvenCauses:
        """Return what changed each violation, as far as deciding again can tell.

        `differing` is what isn't the same in both runs. Raises `EngineError` where the engine is
        gone.
        """
        parts = frozenset(each for each in _PARTS if each in differing)
        wanted = [each for each in changes if _is_decided(each)]
        if not wanted or not parts or len(differing) == 1:  # what differs alone is the cause
            return {}
        asked = _Asked(
            names={fold(each.full_name): fold(each.known_as or each.full_name) for each in wanted},
            policies=frozenset(each.policy_id for each in wanted),
        )
        found: dict[Place, tuple[Cause, ...]] = {}
        before = self._decided(asked, _EVERY - parts)
        after = self._decided(asked, _EVERY)
        open_ends = []
        for each in wanted:
            fails = each.after is ReportedOutcome.FAIL
            if (_fails(before, each), _fails(after, each)) == (not fails, fails):
                open_ends.append(each)
            elif Cause.ENGINE in differing:  # this one decides otherwise than that of then
                found[place_of(each)] = (Cause.ENGINE,)
        without = {part: self._decided(asked, _EVERY - {part}) for part in _ordered(parts)}
        needed = _changing(open_ends, without, like_new=False)
        rest = [each for each in open_ends if place_of(each) not in needed]
        alone = {
            part: self._decided(asked, _EVERY - parts | {part})
            for part in (_ordered(parts) if rest else ())
        }
        return found | needed | _changing(rest, alone, like_new=True)

    def _decided(self, asked: _Asked, new: frozenset[Cause]) -> _Decisions | None:
        """Decide with some parts of the new run and the others of the old; None where none fits."""
        data = self._sides[Cause.DATA in new]
        root = self._sides[Cause.POLICIES in new].root
        clock = self._sides[Cause.CLOCK in new].manifest.clock
        engine = self._engine(root)
        try:
            rules = load_rules(
                engine.modules(),
                policy_dirs=[root],
                config_dir=self._config(Cause.SETTINGS in new, Cause.WAIVERS in new),
                clock=clock,
            )
        except ConfigurationError:  # settings that the policies of the other run don't have
            return None
        policies = tuple(
            each.policy_id for each in rules.policies if each.policy_id in asked.policies
        )
        if not policies:
            return {}
        question = structs.replace(rules.question(clock), policies=policies)
        theirs = {now: now if Cause.DATA in new else then for now, then in asked.names.items()}
        today = {name: now for now, name in theirs.items()}
        documents = (each for each in data.documents.documents() if fold(each.full_name) in today)
        tables = counted(len(today), "changed table")
        with self._progress.stage(f"Deciding {tables} again", len(today)) as advance:
            found: dict[tuple[str, str], Decision] = {}
            for document, answer in decide(engine, question, documents):
                for policy_id, decision in answer.decisions.items():
                    found[today[fold(document.full_name)], policy_id] = decision
                advance(1)
            return found

    def _engine(self, root: Path) -> Engine:
        same = self._sides[0].manifest.digests.policies == self._sides[1].manifest.digests.policies
        root = self._sides[1].root if same else root
        if root not in self._engines:
            engine, _ = start_engine(self._kind, [root], self._progress)
            self._stack.push(engine)
            self._engines[root] = engine
        return self._engines[root]

    def _config(self, settings: bool, waivers: bool) -> Path:  # noqa: FBT001 -- which side each is of
        """Return a folder with the settings of one run and the waivers of one."""
        mix = settings, waivers
        if mix not in self._configs:
            folder = self._stack.enter_context(PrivateFolder("config"))
            for file in self._sides[settings].config.iterdir():
                if file.name != WAIVERS_FILE and file.is_file():
                    shutil.copy(file, folder)
            if (file := self._sides[waivers].config / WAIVERS_FILE).is_file():
                shutil.copy(file, folder)
            self._configs[mix] = folder
        return self._configs[mix]


def _ordered(parts: frozenset[Cause]) -> list[Cause]:
    return [each for each in _PARTS if each in parts]


def _changing(
    changes: Iterable[ChangedViolation],
    decided: Mapping[Cause, _Decisions | None],
    *,
    like_new: bool,
) -> dict[Place, tuple[Cause, ...]]:
    """Return the parts with which each violation stands as in the new run, or as in the old one."""
    found: dict[Place, tuple[Cause, ...]] = {}
    for each in changes:
        wanted = (each.after is ReportedOutcome.FAIL) is like_new
        causes = [part for part, some in decided.items() if _fails(some, each) is wanted]
        if causes:
            found[place_of(each)] = tuple(causes)
    return found


def _is_decided(change: ChangedViolation) -> bool:
    """Whether both runs have a decision about a changed violation, and not the same one."""
    both = {change.before.value, change.after.value}
    return len(both) > 1 and both <= {each.value for each in Outcome}


def _fails(decisions: _Decisions | None, change: ChangedViolation) -> bool | None:
    """Whether a violation fails by these decisions; None where nobody could decide."""
    if decisions is None:
        return None
    decision = decisions.get((fold(change.full_name), change.policy_id))
    if decision is None:
        return False
    outcome = outcome_about(
        decision.outcome, decision.would_be, violation_keys(decision), change.key
    )
    return outcome is Outcome.FAIL
