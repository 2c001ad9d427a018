"""`lakewarden watch`: what an edit flips, a moment after it is saved."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer

from lakewarden.commands.inputs import refuse_workspace, with_local_policies
from lakewarden.commands.terminal import TerminalProgress, show, stderr
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.model.decision import Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.policy_sources.source import OPTION, FolderSource
from lakewarden.renderers.safe_console import console
from lakewarden.renderers.words.wording import OUTCOMES
from lakewarden.watch.flips import DecisionTable, Flip, Turn, bites
from lakewarden.watch.job import Job, WatchOptions
from lakewarden.watch.watch import Round
from lakewarden.watch.watch import watch as run_watch
from lakewarden_collector.counted import counted
from lakewarden_collector.errors import Problem

_STYLES: Final = {
    Turn.FAILING: "red",
    Turn.UNDECIDED: "yellow",
    Turn.FIXED: "green",
    Turn.OTHER: "dim",
}
"""The flips that are shown one by one; of decisions that are new or gone, the number says all."""

_DIGITS: Final = 9
_ALWAYS: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)
"""Outcomes whose number is said even if it is nought."""


def _number(text: str | int) -> int:
    """Read how many flips are shown; raises `ConfigurationError`."""
    if isinstance(text, str) and not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise ConfigurationError(
            f"{text!r} isn't a number of flips", where="--limit", remedy="Write, for example, 10."
        )
    return max(int(text), 1)


def watch(
    tables: TableOptions,
    policies: PolicyOptions,
    *,
    limit: Annotated[
        int,
        typer.Option(
            metavar="NUMBER", parser=_number, help="How many flips of each kind are shown."
        ),
    ] = 10,
    clock: ClockOptions,
    engine: EngineKindOptions,
) -> None:
    """Evaluate again whenever a policy, a setting, a waiver or the inventory changes.

    Shows which decisions a change flips, new failures first. Stop it with Ctrl-C:

        lakewarden watch --inventory inventory.ndjson --policy-source my-policies
    """
    refuse_workspace(
        tables.origin(),
        "a workspace is not watched: it would be collected again with each change",
        "watch with",
    )
    _refuse_what_stays(policies)
    options = WatchOptions(
        tables=tables, policies=with_local_policies(policies), engine=engine, clock=clock
    )
    run_watch(options, Screen(limit), TerminalProgress())


def _refuse_what_stays(policies: PolicyOptions) -> None:
    """Raise `ConfigurationError` for a source that nobody edits while it's watched."""
    for each in policies.policy_sources:
        if not isinstance(each, FolderSource):
            raise ConfigurationError(
                f"{each} isn't a folder, and only folders are watched",
                where=OPTION,
                remedy="Name the folder in which you edit the policies.",
            )


class Screen:
    """Prints what the watch sees: flips to standard output, what cannot be used to the other."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._warned: list[str] = []
        self._out = console()

    def begun(self, job: Job, decisions: DecisionTable) -> None:
        """See `watch.Listener.begun`."""
        about = f"{counted(job.tables, 'table')}, {counted(len(decisions.policies), 'policy')}"
        self._out.print(f"{about}: {_totals(decisions, every=True)}", style="bold")
        self._unread(job)
        _warn(decisions.idle.values())
        folders = [*job.options.policies.roots, job.config, job.inventory]
        for place in filter(None, folders):
            self._out.print(f"watching {_place(place)}")

    def decided(self, job: Job, done: Round) -> None:
        """See `watch.Listener.decided`."""
        turns = Counter(flip.turn for flip in done.flips)
        flipped = ", ".join(f"{turns[turn]:,} {turn}" for turn in Turn if turns[turn])
        self._out.print(
            f"{_head(done.changed)}: {flipped or 'nothing flipped'} in {done.seconds:.2f} s; "
            f"now {_totals(done.decisions)}",
            style="bold",
        )
        self._unread(job)
        idle = done.decisions.idle
        _warn(text for key, text in idle.items() if key not in done.before.idle)
        for line in bites(done.before, done.decisions):
            self._out.print(line)
        for turn, flips in groupby(done.flips, key=lambda flip: flip.turn):
            if turn in _STYLES:
                for line in _lines(turn, list(flips), self._limit):
                    self._out.print(line, style=_STYLES[turn])

    def refused(self, changed: Sequence[Path], problem: Problem) -> None:
        """See `watch.Listener.refused`."""
        stderr().print(f"{_head(changed)}: can't be used; the decisions before it stand")
        show(problem)

    def _unread(self, job: Job) -> None:
        """Say what could not be read, once."""
        lines = [f"INCOMPLETE: {reason}" for reason in job.shortcomings]
        if job.failures:
            first = job.failures[0]
            number = counted(len(job.failures), "table")
            lines.append(
                f"INCOMPLETE: {number} not decided, the first is {first.what}: {first.reason}"
            )
        if lines != self._warned:
            _warn(lines)
        self._warned = lines


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        stderr().print(line)


def _lines(turn: Turn, flips: Sequence[Flip], limit: int) -> Iterator[str]:
    for flip in flips[:limit]:
        old, new = (OUTCOMES[each] if each else "none" for each in (flip.old, flip.new))
        yield f"  {flip.table}  {flip.policy_id}  {old} → {new}  {flip.message}".rstrip()
    if len(flips) > limit:
        yield f"  … and {len(flips) - limit:,} more {turn}"


def _totals(decisions: DecisionTable, *, every: bool = False) -> str:
    words = []
    for outcome, number in decisions.counts.items():
        if outcome in _ALWAYS or (every and number):
            mandatory = f" ({decisions.gating:,} mandatory)" if outcome is Outcome.FAIL else ""
            words.append(f"{number:,} {OUTCOMES[outcome]}{mandatory}")
    return ", ".join(words)


def _head(changed: Sequence[Path]) -> str:
    first, *others = changed
    more = f" and {counted(len(others), 'other file')}" if others else ""
    return f"{time.strftime('%H:%M:%S')}  {_place(first)}{more}"


def _place(path: Path) -> str:
    """Return a path as short as it can be named from here."""
    absolute = path.absolute()
    return os.path.relpath(absolute) if absolute.is_relative_to(Path.cwd()) else str(absolute)
