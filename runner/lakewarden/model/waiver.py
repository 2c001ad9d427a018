"""Waivers as a report shows them: what each one allows, where it stands, what became of it."""

from __future__ import annotations

from enum import StrEnum

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
    ACTIVE = "active"
    EXPIRED = "expired"
    UNMATCHED = "unmatched"
    UNSEEN = "unseen"


class WaiverStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One waiver about a policy of the run, and what became of it.

    `active`: it has started and not expired, and at least one evaluated table has its name.
    `pending` and `expired`: it has no effect yet, or any more. `unmatched`: no table has its name.
    `unseen`: the same, in a run that was narrowed or could not read every table, so that its table
    may be there all the same.
    """

    policy: str
    reason: str
    owner: str
    approved_by: str
    expires: str
    state: WaiverState
    excuses: int
    """The decisions that it turned from fail or unknown into exempt."""
    kind: WaiverKind = WaiverKind.ACCEPTED
    """Left out where it's accepted."""
    starts: str | None = None
    """When it begins: a day (UTC) or a time; absent where it always applies until it expires."""
    table: str | None = None
    pattern: str | None = None
    ticket: str | None = None
