"""Times as the documents have them: RFC 3339 text in UTC, whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime

from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.document_rules import FIRST_YEAR, LAST_YEAR, countable


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


def _text(time: datetime) -> str:
    return time.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
