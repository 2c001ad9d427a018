"""How long a waiver may last and how many tables it may cover, as each domain's settings say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec import UNSET, Struct

from lakewarden.model.decision import Severity
from lakewarden.settings.waivers import Waiver, end_of, start_of
from lakewarden_collector.counted import counted

MAX_DAYS: Final = "max_waiver_days"
MAX_TABLES: Final = "max_waiver_tables"

DEFAULT_MAX_TABLES: Final = 100


class WaiverLimit(Struct, frozen=True, kw_only=True):
    """What one waiver may do, and whether it lasts longer than that."""

    max_tables: int = DEFAULT_MAX_TABLES
    too_long: str = ""
    """A sentence that says so; empty for one that may last as long as it does."""


def limit_of(waiver: Waiver, severity: Severity, stated: Mapping[str, Any]) -> WaiverLimit:
    """Return what a waiver may do about a policy of a severity.

    `stated` is what the settings file of the policy's domain says, its schema checked.
    """
    days = stated.get(MAX_DAYS, {}).get(severity.value)
    return WaiverLimit(
        max_tables=stated.get(MAX_TABLES, DEFAULT_MAX_TABLES),
        too_long="" if days is None else _too_long(waiver, severity, days),
    )


def _too_long(waiver: Waiver, severity: Severity, days: int) -> str:
    allowed = f"a waiver of a policy of severity {severity} may last {counted(days, 'day')}"
    if waiver.starts is UNSET:
        return f"It doesn't say when it starts, and {allowed} from there."
    lasts = end_of(waiver.expires) - start_of(waiver.starts)
    if lasts <= timedelta(days=days):
        return ""
    whole = -(-lasts // timedelta(days=1))
    return f"It lasts {counted(whole, 'day')}, and {allowed}."
