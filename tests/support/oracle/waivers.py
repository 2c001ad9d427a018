"""Which policies an active waiver excuses for a table."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.support.oracle.expected import Json
from tests.support.oracle.texts import glob, time


def waived(full_name: str, waivers: list[Json], now: datetime) -> frozenset[str]:
    """Return the ids of the policies for which an active waiver covers the table."""
    return frozenset(
        waiver["policy"]
        for waiver in waivers
        if _names(waiver, full_name)
        and now < _end(waiver["expires"])
        and not ("starts" in waiver and now < _start(waiver["starts"]))
    )


def _names(waiver: Json, full_name: str) -> bool:
    if "pattern" in waiver and glob(waiver["pattern"], full_name):
        return True
    return bool(waiver.get("table") == full_name)


def _start(starts: str) -> datetime:
    return time(f"{starts}T00:00:00Z" if len(starts) == len("2026-11-23") else starts)


def _end(expires: str) -> datetime:
    if len(expires) == len("2026-11-23"):  # a day: through its end
        return time(f"{expires}T00:00:00Z") + timedelta(days=1)
    return time(expires)
