"""Figures of the trend: a column for each run of the history, its tables by status."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from lakewarden.model.history import History, PastRun
from lakewarden.model.insight import Amount
from lakewarden.renderers.words.history import INCOMPLETE
from lakewarden.report.table_status import Status

RUNS: Final = 40
"""How many runs are drawn, the latest."""

HEIGHT: Final = 150
"""Of the run with the most tables, in pixels."""

INCOMPARABLE: Final = "≠"
"""Marks a run that can't be compared with the last one."""

_TOP: Final = 30  # two marks above the tallest column
_FEW_COLUMNS: Final = 8  # fewer runs than this don't make broader columns
_LABEL_WIDTH: Final = 22  # per cent that a day takes


class Piece(Struct, frozen=True):
    """The tables of one status; `y` and `height` in pixels."""

    status: Status
    y: str
    height: str


class Column(Struct, frozen=True):
    """One run; `x`, `width` and `middle` in per cent."""

    run: PastRun
    x: str
    width: str
    middle: str
    label: str
    """The day for the axis; empty where there is no room."""
    edge: bool
    """Whether it is the first or last label, for which there is always room."""
    pieces: list[Piece]
    marks: list[tuple[str, str]]
    """Signs above the column, each with its place in pixels."""


class Trend(Struct, frozen=True):
    """`base` is where columns stand, in pixels."""

    columns: list[Column]
    left_out: int
    """How many runs are older than those that are drawn."""
    base: int
    incomparable: bool
    """Whether any run can't be compared with the last one."""
    incomplete: bool
    """Whether any run couldn't read or decide everything."""


def trend(history: History | None) -> Trend | None:
    """Return the trend; None without a history of at least two runs."""
    if history is None or len(history.runs) <= 1:
        return None
    runs = history.runs[-RUNS:]
    most = max(1, *(_tables(run) for run in runs))
    each = 100 / max(len(runs), _FEW_COLUMNS)
    base = _TOP + HEIGHT
    last = len(runs) - 1
    gaps = max(1, math.floor(last * each / _LABEL_WIDTH))
    labelled = {round(last * gap / gaps) for gap in range(gaps + 1)}
    columns = []
    for number, run in enumerate(runs):
        pieces, top = [], float(base)
        for status in Status:  # the worst stands on the line, where it can be compared
            height = HEIGHT * run.tables.get(status, Amount()).tables / most
            if height:
                top -= height
                pieces.append(Piece(status, f"{top:.1f}", f"{height:.1f}"))
        columns.append(
            Column(
                run=run,
                x=f"{each * (number + 0.1):.2f}",
                width=f"{each * 0.8:.2f}",
                middle=f"{each * (number + 0.5):.2f}",
                label=run.clock[:10] if number in labelled else "",
                edge=number in {0, last},
                pieces=pieces,
                marks=[
                    (sign, f"{top - 4 - 13 * place:.1f}") for place, sign in enumerate(_signs(run))
                ],
            )
        )
    return Trend(
        columns=columns,
        left_out=history.not_listed + len(history.runs) - len(runs),
        base=base,
        incomparable=not all(run.comparable for run in runs),
        incomplete=not all(run.complete for run in runs),
    )


def _signs(run: PastRun) -> Iterator[str]:
    if not run.complete:
        yield INCOMPLETE
    if not run.comparable:
        yield INCOMPARABLE


def _tables(run: PastRun) -> int:
    return sum(amount.tables for amount in run.tables.values())
