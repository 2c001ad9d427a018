"""Which older runs a run goes on from, where several jobs write into one history.

A line is the runs about the same tables by the same rules. Jobs with other settings have lines of
their own, however they alternate. The first run of a line takes up what is known of its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from lakewarden.history.identity import About
from lakewarden.history.store import FoundRun

_ELSEWHERE: Final = 8
"""From how many other choices of tables at most the first run about some takes up, the latest."""


class Line(Struct, frozen=True, kw_only=True):
    """A run's past, oldest first."""

    same: Sequence[FoundRun]
    """Earlier runs of the line: those that the run can be compared with."""
    before: Sequence[FoundRun]
    """Runs about the same tables that the line took up, and those that they took up."""
    base: FoundRun | None
    """The latest of both: whose failures are followed."""
    elsewhere: Sequence[FoundRun]
    """Where there is none: the latest run for each other choice of tables of the source."""

    @property
    def sources(self) -> list[str]:
        """The ids of the runs whose failures the run takes up."""
        found = self.elsewhere if self.base is None else [self.base]
        return [each.run_id for each in found]


def line_of(runs: Sequence[FoundRun], about: About) -> Line:
    """Return the past of a run about `about`, from all runs before it, oldest first."""
    mates = [each for each in runs if each.values["estate_id"] == about.estate_id]
    same = _by_rules(mates, about.rules_id)
    before: list[FoundRun] = []
    older = _until(mates, same)
    while older:
        taken_up = _by_rules(older, older[-1].values["rules_id"])
        before = taken_up + before
        older = _until(older, taken_up)
    latest = {
        each.values["estate_id"]: each for each in runs if each.values["source"] == about.source
    }
    elsewhere = sorted(latest.values(), key=runs.index)[-_ELSEWHERE:]
    return Line(
        same=same,
        before=before,
        base=(same or mates)[-1] if mates else None,
        elsewhere=[] if mates else elsewhere,
    )


def _by_rules(runs: Sequence[FoundRun], rules_id: str) -> list[FoundRun]:
    return [each for each in runs if each.values["rules_id"] == rules_id]


def _until(runs: Sequence[FoundRun], line: Sequence[FoundRun]) -> Sequence[FoundRun]:
    """Return the runs that are older than a line; all where it has none."""
    return runs[: runs.index(line[0])] if line else runs
