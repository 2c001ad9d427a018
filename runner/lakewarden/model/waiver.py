"""Waivers as a report shows them: what each one allows, where it stands, what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct


class WaiverKind(StrEnum):
    """What those who approved a waiver think of the failure that it exempts from."""

    ACCEPTED = "accepted"
    """It's there, and the risk is accepted."""
    MITIGATED = "mitigated"
    """It's there, and something else makes up for it."""
    FALSE_POSITIVE = "false_positive"
    """It isn't there: the policy is wrong about the table."""


class WaiverState(StrEnum):
    """Where a waiver stands at the run's clock."""

    PENDING = "pending"
    """It hasn't started, so it has no effect yet."""
    ACTIVE = "active"
    EXPIRING = "expiring"
    """Active, and over within 30 days."""
    EXPIRED = "expired"
    """It has no effect any more."""

    @property
    def applies(self) -> bool:
        """Whether a waiver in this state can exempt anything."""
        return self in (WaiverState.ACTIVE, WaiverState.EXPIRING)


class WaiverCondition(StrEnum):
    """What a run finds of a waiver, beyond its state; it can find several things."""

    TOO_LONG = "too_long"
    """It lasts longer than the settings allow for the policy's severity, so it isn't applied."""
    UNUSED = "unused"
    """No table has its name. Said only of what the run had in scope."""
    UNSEEN = "unseen"
    """No table of the run has its name, but one that the run didn't see may."""
    OVER_BROAD = "over_broad"
    """It covers more tables than the settings allow."""
    CONFLICTING = "conflicting"
    """Another waiver of the policy covers a table of it, and is of another kind or owner; or it
    names a table that its owner exempts by a flag already."""
    UNNEEDED = "unneeded"
    """It exempts nothing: no decision of its tables would be otherwise without it."""


FAULTS: Final = tuple(each for each in WaiverCondition if each is not WaiverCondition.UNSEEN)
"""The conditions that somebody has to put right."""


class WaiverStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One waiver about a policy of the run, and what became of it."""

    policy: str
    reason: str
    owner: str
    approved_by: str
    expires: str
    state: WaiverState
    excuses: int
    """The decisions that it turned from fail or unknown into exempt."""
    tables: int = 0
    """The evaluated tables that it covers."""
    conditions: dict[WaiverCondition, str] = {}
    """What the run finds of it, with a sentence about each."""
    kind: WaiverKind = WaiverKind.ACCEPTED
    """Left out where it's accepted."""
    starts: str | None = None
    """When it begins: a day (UTC) or a time; absent where it always applies until it expires."""
    table: str | None = None
    pattern: str | None = None
    ticket: str | None = None

    @property
    def faults(self) -> tuple[WaiverState | WaiverCondition, ...]:
        """What somebody has to put right, `expired` first; nothing where all is well."""
        expired = (self.state,) if self.state is WaiverState.EXPIRED else ()
        return (*expired, *(each for each in FAULTS if each in self.conditions))


def bad(waivers: Iterable[WaiverStatus]) -> list[WaiverStatus]:
    """Return those that somebody has to put right, in their order."""
    return [each for each in waivers if each.faults]
