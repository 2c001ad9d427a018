"""Values of a statement's answer: text or None, whatever their type in SQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from lakewarden_collector.document import countable

_T = TypeVar("_T")
_WHOLE: Final = re.compile(r"[0-9]{1,30}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def count(value: str | None) -> int | UnsetType:
    """Return a number of things; NULL, a negative number and anything else is not known."""
    return int(value) if value is not None and _WHOLE.fullmatch(value) else UNSET


def text(value: str | None) -> str | UnsetType:
    """Return a text; NULL is not known."""
    return UNSET if value is None else value


def of_json(value: str | None, kind: type[_T]) -> _T | UnsetType:
    """Return an array or a map, which the API writes as JSON text."""
    if value is None:
        return UNSET
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return UNSET


def moment(value: str | None) -> str | UnsetType:
    """Return a time as RFC 3339 text in UTC.

    One without a zone depends on the session's, which the answer does not name: not known.
    """
    if value is None:
        return UNSET
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return UNSET
    if parsed.tzinfo is None:
        return UNSET
    return _rfc3339(parsed)


def moment_of_millis(value: str | None) -> str | UnsetType:
    """Return milliseconds since 1970 as RFC 3339 text in UTC."""
    millis = count(value)
    if millis is UNSET:
        return UNSET
    try:
        return _rfc3339(_EPOCH + timedelta(milliseconds=millis))
    except OverflowError:
        return UNSET


def midnight(value: str | None) -> str | UnsetType:
    """Return the beginning, in UTC, of a day written `2026-11-23`."""
    return UNSET if value is None else moment(f"{value[:10]}T00:00:00Z")


def _rfc3339(parsed: datetime) -> str | UnsetType:
    """Write a time that OPA can count with, in milliseconds."""
    try:
        utc = parsed.astimezone(UTC)
    except OverflowError:
        return UNSET
    if not countable(utc):
        return UNSET
    spec = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=spec).replace("+00:00", "Z")
