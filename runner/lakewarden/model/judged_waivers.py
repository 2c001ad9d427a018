"""What policies about waivers decide: each waiver that hasn't expired, by each of them."""

from __future__ import annotations

from msgspec import Struct

from lakewarden.model.decision import Decision
from lakewarden.model.policy import Policy


class JudgedWaiver(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One waiver that breaks a policy about waivers, or of which one ended in an error."""

    policy: str
    """The policy that it exempts tables from."""
    expires: str
    owner: str
    decisions: dict[str, Decision]
    """Those that are a fail or an error, by the id of the policy about waivers."""
    table: str | None = None
    pattern: str | None = None


class JudgedWaivers(Struct, frozen=True, kw_only=True):
    """The policies about waivers of a run, and how they came out."""

    policies: tuple[Policy, ...]
    waivers: int
    """How many were judged: all about policies of the run that haven't expired."""
    outcomes: dict[str, dict[str, int]]
    """By policy id, outcome to number of waivers; every outcome is present."""
    broken: tuple[JudgedWaiver, ...] = ()
    """The waivers that don't pass, in the order of their file."""
