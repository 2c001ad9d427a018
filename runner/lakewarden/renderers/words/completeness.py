"""How much was evaluated, what a collection left out and what it asked of its source, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import UNSET, Struct

from lakewarden.model.report import Completeness
from lakewarden_collector.counted import counted
from lakewarden_collector.inventory import LeftOut

NOTHING: Final = "nothing to evaluate"

_NAMED: Final = 3


def evaluated(state: Completeness) -> str:
    """Say how much of what is known was evaluated: `INCOMPLETE: 41 of 43 tables evaluated, …`."""
    left_out = f", {state.tables_left_out:,} left out by --table" if state.tables_left_out else ""
    whole = "complete" if state.tables_evaluated else NOTHING
    return (
        f"{whole if state.complete else 'INCOMPLETE'}: "
        f"{state.tables_evaluated:,} of {counted(state.tables_known, 'table')} evaluated, "
        f"{state.tables_failed:,} couldn't be read{left_out}; "
        f"{state.decisions_made:,} of {counted(state.decisions_expected, 'decision')} made"
    )


class Omission(Struct, frozen=True, kw_only=True):
    """Things that were left out for one and the same reason."""

    reason: str
    things: tuple[str, ...]
    tables: int | None
    """How many tables they hold, where that is known of any."""

    def __str__(self) -> str:
        named = ", ".join(self.things[:_NAMED])
        more = len(self.things) - _NAMED
        tables = "" if self.tables is None else f" ({counted(self.tables, 'table')})"
        return f"{named}{f' and {more:,} more' if more > 0 else ''}{tables}: {self.reason}"


def omissions(left_out: Sequence[LeftOut]) -> Sequence[Omission]:
    """Return what was left out, by reason, in the order of the first of each."""
    reasons: dict[str, list[LeftOut]] = {}
    for each in left_out:
        reasons.setdefault(each.reason, []).append(each)
    return [
        Omission(
            reason=reason,
            things=tuple(each.what for each in group),
            tables=_tables(group),
        )
        for reason, group in reasons.items()
    ]


def _tables(group: Sequence[LeftOut]) -> int | None:
    known = [each.tables for each in group if each.tables is not UNSET]
    return sum(known) if known else None


def spending(spent: Mapping[str, int]) -> str:
    """Say which requests the source got, by kind; empty where nothing was counted."""
    return ", ".join(f"{number:,} {kind.replace('_', ' ')}" for kind, number in spent.items())
