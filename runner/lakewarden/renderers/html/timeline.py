"""Figures of when waivers end: by month around the run's clock, the rest before and after."""

from __future__ import annotations

from calendar import month_abbr
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import Struct

from lakewarden.model.waiver import WaiverState, WaiverStatus

BEFORE, AFTER = 3, 12
"""How many months before and after that of the clock have a column of their own."""

HEIGHT: Final = 90
"""Of the tallest column, in pixels."""

_TOP: Final = 18
_MONTHS: Final = 12
_LEAST: Final = 3.0


class Piece(Struct, frozen=True):
    """The waivers of one state in a column; `y` and `height` in pixels."""

    state: str
    number: int
    y: str
    height: str


class Column(Struct, frozen=True):
    """The waivers that end in one month, or earlier or later than any that is shown."""

    label: str
    """`Dec 2026`, `earlier`, `later` or `no date`."""
    short: str
    """A label for the axis; empty where the axis has no room."""
    x: str
    width: str
    middle: str
    """Per cent of the whole width, as are `x` and `width`."""
    pieces: list[Piece]
    number: int
    number_y: str
    """Where the number stands, in pixels."""


class Timeline(Struct, frozen=True):
    """`today` is a place in per cent."""

    columns: list[Column]
    today: str
    base: int
    """Where columns stand, in pixels."""

    def has(self, state: str) -> bool:
        """Say whether any waiver has the state."""
        return any(piece.state == state for column in self.columns for piece in column.pieces)


_ORDER: Final = (
    WaiverState.ACTIVE,
    WaiverState.EXPIRING,
    WaiverState.PENDING,
    WaiverState.EXPIRED,
)


def timeline(waivers: Iterable[WaiverStatus], clock: str) -> Timeline | None:
    """Return the time line; None where there are no waivers, or the clock isn't a date."""
    now = _date(clock)
    columns: dict[int | None, Counter[WaiverState]] = {}
    for waiver in waivers:
        ends = _date(waiver.expires)
        place = None if ends is None or now is None else _place(ends, now)
        columns.setdefault(place, Counter())[waiver.state] += 1
    if now is None or not columns:
        return None
    first, last = -BEFORE - 1, AFTER + 1  # earlier, later
    places: list[int | None] = list(range(first, last + 1))
    if None in columns:
        places.append(None)
    most = max(counts.total() for counts in columns.values())
    each = 100 / len(places)
    base = _TOP + HEIGHT
    result = []
    for number, place in enumerate(places):
        counts = columns.get(place, Counter())
        pieces, top = [], float(base)
        for state in _ORDER:
            if counts[state]:
                height = max(HEIGHT * counts[state] / most, _LEAST)
                top -= height
                pieces.append(Piece(state, counts[state], f"{top:.1f}", f"{height:.1f}"))
        label = _label(place, now, first, last)
        result.append(
            Column(
                label=label,
                short=label if place in {first, last, None, 0, 3, 6, 9} else "",
                x=f"{each * number + each * 0.15:.2f}",
                width=f"{each * 0.7:.2f}",
                middle=f"{each * (number + 0.5):.2f}",
                pieces=pieces,
                number=counts.total(),
                number_y=f"{top - 4:.1f}",
            )
        )
    today = each * (BEFORE + 1 + (now.day - 1) / 31)
    return Timeline(columns=result, today=f"{today:.2f}", base=base)


def _place(ends: date, now: date) -> int:
    months = (ends.year - now.year) * _MONTHS + ends.month - now.month
    return min(max(months, -BEFORE - 1), AFTER + 1)


def _label(place: int | None, now: date, first: int, last: int) -> str:
    if place is None:
        return "no date"
    if place in {first, last}:
        return "earlier" if place == first else "later"
    year, month = divmod(now.year * _MONTHS + now.month - 1 + place, _MONTHS)
    return f"{month_abbr[month + 1]} {year}"  # may be outside of what a date can be


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
