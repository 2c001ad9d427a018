"""What plans left unknown, and what became of it once the tables were there."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from lakewarden_collector.document import Definition


class PromiseStatus(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    SETTLED = "settled"
    BROKEN = "broken"


class Promise(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A decision that a plan left unknown: one table and one policy."""

    full_name: str
    policy_id: str
    evidence: tuple[str, ...]
    """The kinds of evidence that only applying the plan tells."""
    status: PromiseStatus
    """`open` until an estate decides; `settled` if the policy then doesn't fail, else `broken`."""
    definition: Definition
    inventory: str
    """The digest of the inventory of the run that promised it first."""
    promised_at: str
    """The clock of that run, RFC 3339."""
    commit: str | None = None
    """The commit of that run, where a CI system named it."""
    settled_at: str | None = None
    """The clock of the run that settled or broke it."""


class Promises(Struct, frozen=True, kw_only=True):
    """The promises of a file after the run: promised = settled + broken + open."""

    promised: int
    settled: int
    broken: int
    open: int
    unkept: tuple[Promise, ...] = ()
    """The broken ones, then the open ones, by table and policy."""
