"""The words for a violation's past, the same in every format."""

from __future__ import annotations

from lakewarden.model.decision import PastFailure
from lakewarden.model.history import LastingFailure
from lakewarden.renderers.words import wording
from lakewarden_collector.counted import counted


def past(failure: PastFailure | LastingFailure) -> str:
    """Say since when: `since 2026-11-23 05:10:00 UTC, first found …, reopened 2 times`."""
    parts = [f"since {wording.utc(failure.failing_since)}"]
    if failure.first_failed_at != failure.failing_since:
        parts.append(f"first found {wording.utc(failure.first_failed_at)}")
    if failure.reopened:
        parts.append(f"reopened {counted(failure.reopened, 'time')}")
    if failure.contradicted:
        parts.append("although it had been reported fixed")
    return ", ".join(parts)
