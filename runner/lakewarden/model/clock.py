"""Times as the documents have them: RFC 3339 text in UTC, whole seconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.document_rules import FIRST_YEAR, LAST_YEAR, countable

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def utc_now() -> str:
    """Return the time now, for example `2026-11-23T05:10:00Z`."""
    return _text(datetime.now(UTC))


def parse_clock(text: str) -> str:
    """Return an RFC 3339 time in UTC; raises `ConfigurationError` for anything else."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ConfigurationError(
            f"{text!r} isn't an RFC 3339 time",
            where="--now",
            remedy="Write a time with its offset, for example --now 2026-11-23T05:10:00Z",
        )
    try:
        utc = time.astimezone(UTC)
    except OverflowError:
        utc = None
    if utc is None or not countable(utc):
        raise ConfigurationError(
            f"{text!r} isn't a time that OPA can count with",
            where="--now",
            remedy=f"Write a time between the years {FIRST_YEAR} and {LAST_YEAR}.",
        )
    return _text(utc)


def is_day(text: str) -> bool:
    """Whether a text is a day, `2027-01-31`, that the calendar has."""
    try:
        _day(text)
    except ValueError:
        return False
    return True


def has_begun(day: str, clock: str) -> bool:
    """Whether a day (UTC), `2027-01-31`, has begun at an RFC 3339 time.

    Raises `ValueError` for text that isn't a day or a time.
    """
    return _day(day) <= _day_of(clock)


def days_until(day: str, clock: str) -> int:
    """Return how many days lie between an RFC 3339 time and the start of a day (UTC), rounded up.

    Raises `ValueError` for text that isn't a day or a time.
    """
    return (_day(day) - _day_of(clock)).days


def days_since(day: str, clock: str) -> int:
    """Return the age in days, at an RFC 3339 time, of what began on a day (UTC); 0 before it.

    Raises `ValueError` for text that isn't a day or a time.
    """
    return max(0, (_day_of(clock) - _day(day)).days)


def end_of_day(day: str) -> datetime:
    """Return the last moment of a day (UTC). Raises `ValueError` for text that isn't one."""
    return datetime.combine(_day(day), datetime.max.time(), UTC)


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} isn't a day such as 2027-01-31")
    return date.fromisoformat(text)


def _day_of(clock: str) -> date:
    time = datetime.fromisoformat(clock)
    if time.tzinfo is None:
        raise ValueError(f"{clock!r} has no zone")
    return time.astimezone(UTC).date()


def _text(time: datetime) -> str:
    return time.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
