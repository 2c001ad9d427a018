"""Where waivers stand by the clock."""

from __future__ import annotations

from lakewarden.model.waiver import WaiverState
from lakewarden.settings.waivers import Waiver, is_expired, is_pending


def state_of(waiver: Waiver, clock: str) -> WaiverState:
    """Return where a waiver stands at an RFC 3339 time."""
    if is_expired(waiver.expires, clock):
        return WaiverState.EXPIRED
    return WaiverState.PENDING if is_pending(waiver.starts, clock) else WaiverState.ACTIVE
