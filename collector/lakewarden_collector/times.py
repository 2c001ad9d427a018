"""Moments as the document writes them: RFC 3339 text in UTC with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """Return an aware datetime as text, cut to milliseconds: Delta and Databricks keep no more."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of_millis(millis: int) -> datetime:
    """Return milliseconds since 1970 as a moment; raises `OverflowError` beyond the year 9999."""
    return EPOCH + timedelta(milliseconds=millis)


def rfc3339_of_millis(millis: int) -> str:
    """Return milliseconds since 1970 as text; raises `OverflowError` beyond the year 9999."""
    return rfc3339(moment_of_millis(millis))


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
