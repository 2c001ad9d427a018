"""Times as the documents have them: RFC 3339 text in UTC, whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime

from lakewarden.model.errors import ConfigurationError


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
            f"{text!r} is no RFC 3339 time",
            where="--now",
            remedy="Write a time with its offset, for example --now 2026-11-23T05:10:00Z",
        )
    return _text(time.astimezone(UTC))


def _text(time: datetime) -> str:
    return time.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
