"""The words for a violation's past and for earlier runs, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.model.decision import PastFailure
from lakewarden.model.history import History, LastingFailure, PastRun
from lakewarden.renderers.words import wording
from lakewarden_collector.counted import counted

INCOMPLETE: Final = "?"
"""Marks a run in a trend that couldn't read or decide everything."""


def notes(run: PastRun) -> Iterator[str]:
    """Yield what a reader of a run's figures must know, a sentence or a lead to the next each."""
    if not run.complete:
        yield "Incomplete."
    if not run.comparable:
        yield "Not comparable:"
    yield from run.differences
    yield from run.notes


def apart(history: History) -> str:
    """Say how many runs of the history aren't part of the trend, a sentence; empty if none."""
    if not history.apart:
        return ""
    runs = counted(history.apart, "run")
    verb, whose = ("isn't", "its") if history.apart == 1 else ("aren't", "their")
    return f"{runs} of the history {verb} shown: {whose} tables, policies or settings differ."


def past(failure: PastFailure | LastingFailure) -> str:
    """Say since when: `since 2026-11-23 05:10:00 UTC, first found …, reopened 2 times`."""
    parts = [f"since {wording.utc(failure.failing_since)}"]
    if failure.first_failed_at != failure.failing_since:
        parts.append(f"first found {wording.utc(failure.first_failed_at)}")
    if failure.reopened:
        parts.append(f"reopened {counted(failure.reopened, 'time')}")
    if failure.contradicted:
        parts.append("although it had been reported fixed")
    return ", ".join(parts)
