"""The watch: decide once, then again when a policy, a setting, a waiver or the inventory changes.

A change that cannot be used, such as a syntax error, is told and otherwise ignored: the decisions
that stood before stay the ones that the next good state is compared with.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from lakewarden.dependents import Basis, affected
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden.progress import Progress, Silent
from lakewarden.watch.files import Kind, Pause, Snapshot, Waker, difference, look, of_kind
from lakewarden.watch.flips import DecisionTable, Flip, take
from lakewarden.watch.idle import IdleWatch
from lakewarden.watch.job import Job, WatchOptions
from lakewarden_collector.errors import Problem


class Round(Struct, frozen=True, kw_only=True):
    """One evaluation after a change."""

    changed: tuple[Path, ...]
    """The files that have changed since the last try."""
    flips: list[Flip]
    before: DecisionTable
    decisions: DecisionTable
    seconds: float
    """From noticing the change to the last decision."""


class Listener(Protocol):
    """Who is told what the watch sees."""

    def begun(self, job: Job, decisions: DecisionTable) -> None:
        """Hear that everything was decided for the first time."""
        ...

    def decided(self, job: Job, done: Round) -> None:
        """Hear what a change has flipped."""
        ...

    def refused(self, changed: Sequence[Path], problem: Problem) -> None:
        """Hear that the files as they are cannot be used."""
        ...


def watch(options: WatchOptions, listener: Listener, progress: Progress) -> None:
    """Watch until interrupted.

    Raises `Problem` if the first evaluation is not possible: there is nothing yet to compare with.
    """
    with Job(options) as job:
        Watch(job, listener, progress).run()


class Watch:
    """One watch at work."""

    def __init__(self, job: Job, listener: Listener, progress: Progress) -> None:
        self._job = job
        self._listener = listener
        self._progress = progress
        self._waker = Waker(progress.note)
        self._pause = Pause()
        self._seen: Snapshot = {}
        """The files as they were when they were last tried."""
        self._read_from: dict[Kind, Snapshot] = {}
        """The files as they were when tables were read, and the engine was started, from them."""
        self._basis: tuple[Basis, Snapshot] | None = None
        """What the decisions that stand were made from: the rules, and the inventory."""
        self._idle = IdleWatch(job.clock)
        self._refused: tuple[tuple[Path, ...], str] | None = None
        """What was changed when the last try failed, and why, until that was tried twice."""

    def run(self) -> None:
        """Decide once, then after every change; only an exception ends it."""
        try:
            decisions = self.begin()
            while True:
                woken = self._waker.wait(self._pause.seconds)
                decisions = self.turn(decisions, woken=woken)
        finally:
            self._waker.close()

    def begin(self) -> DecisionTable:
        """Decide for the first time; raises `Problem` if that is not possible."""
        # The origin may bring its own settings: what else there is to look at is known after it.
        self._read_from[Kind.TABLES] = of_kind(self._look(), Kind.TABLES)
        self._job.read_tables(self._progress)
        self._seen = self._look()
        self._heed()
        decisions, _ = self._decide(self._seen, self._progress, None)
        self._listener.begun(self._job, decisions)
        return decisions

    def turn(self, before: DecisionTable, *, woken: bool) -> DecisionTable:
        """Look, and decide if something has changed; return the decisions that stand then.

        What is refused is tried once more when it is quiet: a file may have been away for as long
        as the try lasted, and be back as it was when it was looked at.
        """
        begun = time.monotonic()
        now = self._look()
        changed = tuple(difference(self._seen, now))
        again = self._refused if not changed and not woken else None
        if not changed and again is None:
            return before
        changed, reported = again or (changed, "")
        self._seen, self._refused = now, None
        # If nobody woke us, a folder was replaced, and what is watched is no longer there.
        self._heed(restart=not woken)
        try:
            decisions, flips = self._decide(now, Silent(), before)
        except (Problem, OSError) as error:
            problem = error if isinstance(error, Problem) else _gone(error)
            if isinstance(problem, EngineError):
                self._job.drop_engine()
                self._read_from.pop(Kind.POLICY, None)  # the next change starts another
            elif not again:
                self._refused = changed, str(problem)
            if str(problem) != reported:
                self._listener.refused(changed, problem)
            return before
        seconds = time.monotonic() - begun
        done = Round(
            changed=changed, flips=flips, before=before, decisions=decisions, seconds=seconds
        )
        self._listener.decided(self._job, done)
        return decisions

    def _decide(
        self, now: Snapshot, progress: Progress, before: DecisionTable | None
    ) -> tuple[DecisionTable, list[Flip]]:
        """Renew what is no longer as the files are, and decide what that may have flipped."""
        renewals = {Kind.TABLES: self._job.read_tables, Kind.POLICY: self._job.start_engine}
        for kind, renew in renewals.items():
            files = of_kind(now, kind)
            if self._read_from.get(kind) != files:
                renew(progress)
                self._read_from[kind] = files
        basis = self._job.load_rules()
        tables = self._read_from[Kind.TABLES]
        asked = None
        if self._basis is not None and self._basis[1] == tables:
            asked = affected(self._basis[0], basis)
        every = [policy.policy_id for policy in basis.rules.policies]
        decided = self._job.decide(basis.rules, every if asked is None else asked)
        decisions, flips = take(decided, basis.rules.policies, before, asked)
        self._basis = basis, tables
        idle = self._idle.of(basis.rules, decisions.tables, whole=self._job.whole)
        return msgspec.structs.replace(decisions, idle=idle), flips

    def _look(self) -> Snapshot:
        job = self._job
        folders = job.options.policies.roots
        return self._pause.timed(lambda: look(folders, job.config, job.inventory))

    def _heed(self, *, restart: bool = False) -> None:
        inventory = self._job.inventory
        flat = [self._job.config, *([inventory.absolute().parent] if inventory else [])]
        self._waker.watch(self._job.options.policies.roots, flat, restart=restart)


def _gone(error: OSError) -> ConfigurationError:
    """Return the problem of a file or folder that has gone, or closed, while it was read."""
    return ConfigurationError(
        f"can't be read: {error.strerror or error}",
        where=str(error.filename or ""),
        remedy="It is read again when something changes.",
    )
