"""A report cut by owner: the tables of each, read once and kept on disk meanwhile."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Final, Self

import msgspec
from msgspec import structs

from lakewarden.model.baseline import Baseline
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.report import Completeness, FactLabel, Gate, Report, Run, Summary, TableReport
from lakewarden.model.waiver import WaiverStatus
from lakewarden.report.summary import Tally
from lakewarden_collector.counted import counted
from lakewarden_collector.decoding import decoder
from lakewarden_collector.errors import OutputError
from lakewarden_collector.patterns import fold

_TABLE: Final = decoder(TableReport)

Owner = str | None
"""As a table has it: None where it isn't known, empty where nobody owns the table."""


class OwnerReport:
    """What a report says of one owner's tables, as a report of its own.

    What isn't about single tables is left out: insight, promises, history, waivers by pattern,
    policies about waivers. What couldn't be read belongs to the report of the unknown owner.
    """

    run: Run
    completeness: Completeness
    summary: Summary
    fact_labels: dict[str, FactLabel]
    gate: Gate
    policies: tuple[Policy, ...]
    waivers: tuple[WaiverStatus, ...]
    insight: Insight | None = None
    promises: Promises | None = None
    baseline: Baseline | None = None
    history: History | None = None
    judged: JudgedWaivers | None = None

    def __init__(self, whole: Report, owner: Owner, tables: TablesByOwner) -> None:
        self._tables = tables
        self._owner = owner
        tally = Tally(whole.policies)
        names = set()
        decisions = 0
        for table in self.tables():
            tally.add(table)
            names.add(fold(table.full_name))
            decisions += len(table.decisions)
        self.run = whole.run
        self.summary = tally.summary
        self.fact_labels = whole.fact_labels
        self.gate = whole.gate
        self.policies = whole.policies
        self.waivers = tuple(
            waiver for waiver in whole.waivers if waiver.table and fold(waiver.table) in names
        )
        self.completeness = _completeness(
            whole.completeness, owner, tally.summary.total.tables, decisions
        )

    def tables(self) -> Iterator[TableReport]:
        """Yield the owner's tables in the whole report's order."""
        return self._tables.of(self._owner)


class TablesByOwner:
    """All tables of a report in a temporary file, and where those of each owner stand in it.

    Raises `OutputError` where the file can't be written.
    """

    def __init__(self, report: Report) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="lakewarden-")  # noqa: SIM115 -- closed by __exit__
        self._places: dict[Owner, array[int]] = {}
        encode = msgspec.json.Encoder().encode
        place = 0
        try:
            for table in report.tables():
                line = encode(table)
                self._file.write(line)
                self._places.setdefault(table.owner, array("Q")).extend((place, len(line)))
                place += len(line)
        except OSError as error:
            self._file.close()
            raise OutputError(
                f"the tables can't be kept while the pages are written: {error.strerror}",
                where=tempfile.gettempdir(),
                remedy="Free some space, or set TMPDIR to a folder that has it.",
            ) from error
        except BaseException:
            self._file.close()
            raise
        if report.completeness.failures:
            self._places.setdefault(None, array("Q"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._file.close()

    @property
    def owners(self) -> list[Owner]:
        """The owners by name, those without one last."""
        return sorted(self._places, key=lambda owner: (owner is None, not owner, owner or ""))

    def of(self, owner: Owner) -> Iterator[TableReport]:
        """Yield an owner's tables in the report's order."""
        places = self._places[owner]
        for number in range(0, len(places), 2):
            self._file.seek(places[number])
            yield _TABLE.decode(self._file.read(places[number + 1]))


def _completeness(whole: Completeness, owner: Owner, tables: int, decisions: int) -> Completeness:
    if owner is None:
        failed, failures, reasons = whole.tables_failed, whole.failures, whole.reasons
    else:
        failed, failures, reasons = 0, (), whole.reasons
        if lost := _lost(whole):
            reasons = (*reasons, f"{lost}, and nobody knows whose that is")
    return structs.replace(
        whole,
        tables_known=tables + failed,
        tables_evaluated=tables,
        tables_failed=failed,
        tables_left_out=0,
        decisions_expected=decisions,
        decisions_made=decisions,
        failures=failures,
        reasons=reasons,
        left_out=(),
    )


def _lost(whole: Completeness) -> str:
    numbers: Mapping[str, int] = {"table": whole.tables_failed, **whole.unlisted}
    some = [counted(number, thing) for thing, number in numbers.items() if number]
    return f"{' and '.join(some)} of the run couldn't be read" if some else ""
