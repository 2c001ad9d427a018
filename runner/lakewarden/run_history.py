"""The history of one run: recalled before the run decides, added to behind its reports.

A history that breaks on the way costs no report: the run goes on without it, says so, and ends with
its error once the reports are written.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lakewarden.model.errors import HistoryError
from lakewarden.model.history import History
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Digests, Report, Run, Summary, TableReport
from lakewarden.open_origin import OpenOrigin, header_of
from lakewarden.progress import Progress
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden.report.previous import PreviousReport
from lakewarden_collector.errors import Problem, clause

if TYPE_CHECKING:
    from lakewarden.history.keeper import HistoryKeeper


class RunHistory:
    """Reads a history for a run and adds the run to it; raises `ConfigurationError` if it can't."""

    def __init__(self, location: str, progress: Progress) -> None:
        from lakewarden.history.keeper import HistoryKeeper  # noqa: PLC0415 -- takes most of a second

        self._progress = progress
        self._keeper: HistoryKeeper | HistoryError
        """What keeps it, or how it broke."""
        try:
            with progress.stage(f"Opening the history {location}"):
                self._keeper = HistoryKeeper(location)
        except HistoryError as error:
            self._keeper = error
            progress.note(_goes_without(error))

    def recall(
        self,
        opened: OpenOrigin,
        rules: tuple[Sequence[Policy], Digests],
        *,
        narrowed: tuple[str, ...],
        clock: str,
        compared: bool,
        names: Container[str],
    ) -> None:
        """Read what earlier runs found, once it is known what this one is about.

        `rules` are the run's policies and its digests. With `compared`, also read the latest run
        to compare with. `names` are those of the run's tables, without case.
        """
        if isinstance(self._keeper, HistoryError):
            return
        from lakewarden.history.identity import About  # noqa: PLC0415 -- as above

        header = header_of(opened)
        policies, digests = rules
        about = About(source=header.source, scope=header.scope, narrowed=narrowed, digests=digests)
        try:
            with self._progress.stage("Recalling earlier runs"):
                self._keeper.begin(
                    policies=policies, about=about, clock=clock, compared=compared, names=names
                )
        except HistoryError as error:
            self._keeper = error

    def follow(self, outputs: ReportOutputs, evidence: Mapping[str, Path]) -> None:
        """Have the run added once all reports are written, with files that are kept beside it."""
        outputs.also(lambda finished: self._add(finished, evidence))

    @property
    def previous(self) -> PreviousReport | None:
        """The latest run to compare with, if there is one."""
        return None if isinstance(self._keeper, HistoryError) else self._keeper.previous

    def with_past(self, table: TableReport) -> TableReport:
        """Return a table whose failing decisions say since when they fail; each table once."""
        return table if isinstance(self._keeper, HistoryError) else self._keeper.with_past(table)

    def history(self, run: Run, completeness: Completeness, summary: Summary) -> History | None:
        """Return the report's part, once every table has been seen."""
        if isinstance(self._keeper, HistoryError):
            return None
        return self._keeper.history(run, completeness, summary)

    def notices(self) -> Iterator[str]:
        """Yield what the reader should know of it."""
        if isinstance(self._keeper, HistoryError):
            yield _goes_without(self._keeper)
        else:
            yield from self._keeper.notices()

    def _add(self, report: Report, evidence: Mapping[str, Path]) -> None:
        if isinstance(self._keeper, HistoryError):
            raise self._keeper
        if evidence:  # before the rows, so that no run of the history lacks its pack
            with self._progress.stage("Keeping the evidence pack in the history"):
                self._keeper.keep_evidence(report, evidence)
        with self._progress.stage("Adding the run to the history"):
            added = self._keeper.add(report)
        if not added:
            self._progress.note("The history has this run already; it wasn't added again.")


def _goes_without(error: HistoryError) -> str:
    cause = error.__cause__
    why = f"it {cause.what}" if isinstance(cause, Problem) else error.what
    return f"The run goes without its history: {clause(why)}."
