"""Values of a statement's answer: text or None, whatever their type in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document_rules import MOST, plausible
from lakewarden_collector.sources.databricks.client.server_text import sound
from lakewarden_collector.times import rfc3339, utc_now

_T = TypeVar("_T")
_FLAGS: Final = {"true": True, "false": False}
_WHOLE: Final = re.compile(r"[0-9]{1,19}")

texts: Final = decoder(list[str]).decode
text_by_name: Final = decoder(dict[str, str]).decode


def count(value: str | None) -> int | UnsetType:
    """Return a number of things; NULL, one that cannot be, and anything else is not known."""
    number = int(value) if value is not None and _WHOLE.fullmatch(value) else -1
    return number if 0 <= number <= MOST else UNSET


def flag(value: str | None) -> bool | UnsetType:
    """Return a boolean, `true` or `false` in any case; anything else is not known."""
    return _FLAGS.get(value.strip().lower(), UNSET) if value is not None else UNSET


def text(value: str | None) -> str | UnsetType:
    """Return a text that can be written as UTF-8; NULL is not known."""
    return UNSET if value is None else str(sound(value))


def of_json(value: str | None, decode: Callable[[str], _T]) -> _T | UnsetType:
    """Return an array or a map, which the API writes as JSON text."""
    if value is None:
        return UNSET
    try:
        return decode(value)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return UNSET


def moment(value: str | None) -> str | UnsetType:
    """Return a time as RFC 3339 text in UTC.

    One without a zone depends on the session's, which the answer does not name: not known. Nor is
    one before 1970, or more than a day in the future.
    """
    if value is None:
        return UNSET
    # assumes timestamps-have-a-zone
    try:
        parsed = datetime.fromisoformat(value)
        utc = None if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return UNSET
    return UNSET if utc is None or not plausible(utc, utc_now()) else rfc3339(utc)


def midnight(value: str | None) -> str | UnsetType:
    """Return the beginning, in UTC, of a day written `2026-11-23`."""
    if value is None or moment(f"{value}T00:00:00Z") is UNSET:
        return UNSET
    return f"{value}T00:00:00Z"
