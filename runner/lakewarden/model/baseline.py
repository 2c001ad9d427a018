"""What a run's baseline hides, and what of it is no longer needed."""

from __future__ import annotations

from msgspec import Struct

from lakewarden.model.insight import Amount


class BaselineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of the baseline, as a report names it."""

    policy_id: str
    full_name: str
    key: str | None = None
    since: str
    """The day (UTC) from which it is known, `YYYY-MM-DD`."""


class Baseline(Struct, frozen=True, kw_only=True):
    """A baseline after the run: entries = failing + over + undecided."""

    file: str
    digest: str
    """SHA-256 of its entries, as `sha256:<hex>`."""
    entries: int
    failing: int
    """Entries whose violation is still there."""
    over: int
    """Slack: the policy decided the table and no longer finds the violation."""
    undecided: int
    """Entries that the run says nothing of: the table or the policy wasn't decided."""
    hidden: Amount
    """Tables with a mandatory decision that fails and doesn't gate, since all of it is known."""
    oldest: str | None = None
    """The day from which the oldest entry that still fails is known."""
    slack: tuple[BaselineEntry, ...] = ()
    """The first of those that are over, by policy and table."""
