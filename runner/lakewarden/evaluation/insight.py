"""Gathers a run's insight: counts as the decisions come, then other settings, then what changed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from lakewarden.evaluation.what_if import Candidates
from lakewarden.model.comparison import Comparison
from lakewarden.model.earlier import Earlier
from lakewarden.model.insight import Insight, WhatIf
from lakewarden.model.insight_tally import InsightTally
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Run, TableReport


class Tried(Struct, frozen=True, kw_only=True):
    """What came of trying other settings."""

    what_if: tuple[WhatIf, ...] = ()
    not_tried: str = ""
    """Why nothing was tried although a policy asks for it."""


class InsightLedger:
    """Follows a run's tables; `earlier` is a report to compare them with, which it uses up."""

    def __init__(self, policies: Sequence[Policy], earlier: Earlier | None = None) -> None:
        self.candidates = Candidates(policies)
        self._tally = InsightTally(policies)
        self._comparison = Comparison(earlier, policies) if earlier else None

    def add(self, table: TableReport) -> None:
        """Take the next table and its decisions into account."""
        self._tally.add(table)
        self.candidates.add(table)
        if self._comparison:
            self._comparison.add(table)

    def insight(self, tried: Tried, run: Run, completeness: Completeness) -> Insight:
        """Return the report's part, once every table has been added."""
        return Insight(
            governance=self._tally.governance(completeness),
            exempted=self._tally.exempted,
            lacking=self._tally.lacking,
            what_if=tried.what_if,
            not_tried=tried.not_tried,
            change=self._comparison.change(run, completeness) if self._comparison else None,
        )
