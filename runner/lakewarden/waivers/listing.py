"""Waivers as `lakewarden waivers list` shows them: chosen, with their states, by their ends."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverState
from lakewarden.settings.waivers import end_of, state_at
from lakewarden.waivers.states import Statuses
from lakewarden.waivers.waiver_file import Located
from lakewarden_collector.patterns import Pattern

_DAYS: Final = re.compile(r"([0-9]{1,5})d?")
_DAY: Final = timedelta(days=1)


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One waiver of the list."""

    policy: str
    state: WaiverState
    days_left: int
    """Whole days and the one begun until it ends; 0 or less where it has ended."""
    reason: str
    owner: str
    approved_by: str
    expires: str
    where: str
    """File and line."""
    table: str | None = None
    pattern: str | None = None
    kind: WaiverKind = WaiverKind.ACCEPTED
    ticket: str | None = None
    starts: str | None = None
    conditions: dict[WaiverCondition, str] = {}
    """What is wrong with it, with a sentence about each; most of it only a run can tell."""
    excuses: int | None = None
    """The decisions that it excuses, by the report that was given."""


class Filters(Struct, frozen=True, kw_only=True):
    """Which waivers are meant; None is all."""

    expiring: int | None = None
    """Days."""
    owner: str | None = None
    policy: str | None = None
    table: str | None = None

    def chosen(self, waivers: Iterable[Located], clock: str) -> list[Located]:
        """Return those that are meant."""
        return [each for each in waivers if self._is_meant(each, clock)]

    def _is_meant(self, one: Located, clock: str) -> bool:
        waiver = one.waiver
        soon = self.expiring is None or (0 < days_left(waiver.expires, clock) <= self.expiring)
        return (
            soon
            and _matches(self.owner, waiver.owner)
            and _matches(self.policy, waiver.policy)
            and (
                _matches(self.table, one.target)
                or (isinstance(waiver.pattern, str) and _matches(waiver.pattern, self.table or ""))
            )
        )


def read_days(text: str) -> int:
    """Read a number of days, `30d`; raises `ConfigurationError` for anything else."""
    found = _DAYS.fullmatch(text)
    if found is None:
        raise ConfigurationError(
            f"{text!r} isn't a number of days", where="--expiring", remedy="Write one such as 30d."
        )
    return int(found[1])


def days_left(expires: str, clock: str) -> int:
    """Return the days from an RFC 3339 time to a waiver's end, rounded up."""
    return math.ceil((end_of(expires) - datetime.fromisoformat(clock)) / _DAY)


def list_waivers(
    waivers: Sequence[Located], clock: str, filters: Filters, found: Statuses
) -> list[Listed]:
    """Return the waivers that are meant, those that end first before the others."""
    chosen = sorted(filters.chosen(waivers, clock), key=lambda each: end_of(each.waiver.expires))
    return [_listed(each, clock, found) for each in chosen]


def _listed(one: Located, clock: str, found: Statuses) -> Listed:
    waiver, status = one.waiver, found.get(one.index)
    conditions = dict(status.conditions) if status else {}
    if one.too_long:
        conditions[WaiverCondition.TOO_LONG] = one.too_long
    return Listed(
        policy=waiver.policy,
        state=state_at(waiver.starts, waiver.expires, clock),
        days_left=days_left(waiver.expires, clock),
        reason=waiver.reason,
        owner=waiver.owner,
        approved_by=waiver.approved_by,
        expires=waiver.expires,
        where=one.where,
        table=waiver.table or None,
        pattern=waiver.pattern or None,
        kind=waiver.kind,
        ticket=waiver.ticket or None,
        starts=waiver.starts or None,
        conditions=conditions,
        excuses=status.excuses if status else None,
    )


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is None or Pattern(pattern).matches(text)
