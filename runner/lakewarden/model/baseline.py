"""What a run's baseline hides, what working it off takes, and what of it is no longer needed."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from lakewarden.model.insight import Amount


class BaselineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of the baseline, as a report names it."""

    policy_id: str
    full_name: str
    key: str | None = None
    since: str
    """The day (UTC) from which it is known, `YYYY-MM-DD`."""


class BaselineOrigin(StrEnum):
    """Where the accepted set comes from."""

    FILE = "file"
    """A baseline that the team keeps."""
    REPORT = "report"
    """What failed in a previous report."""
    INVENTORY = "inventory"
    """What the present policies and settings say of the tables of a previous inventory."""
    GIT = "git"
    """What the policies and settings of a git reference say of the tables of this run."""


class RenamedTable(Struct, frozen=True, kw_only=True):
    """A table that the baseline knows by its id, since it has another name now."""

    full_name: str
    known_as: str
    """Its name in the baseline."""


class FixCost(StrEnum):
    """What the cheapest fix of a violation takes, the cheapest first.

    `metadata`: its statements change metadata only. `rewrite`: one of them may read or write data.
    `definition`: no statement fixes it, a person has to change something. `unknown`: the policy
    names no fix.
    """

    METADATA = "metadata"
    REWRITE = "rewrite"
    DEFINITION = "definition"
    UNKNOWN = "unknown"


class BacklogPart(Amount, kw_only=True):
    """Failures of one policy that the baseline knows, and whose cheapest fix costs the same.

    `tables`, `bytes` and `unsized` are of the tables that have them.
    """

    cost: FixCost
    policy_id: str
    violations: int = 0


class Swap(Struct, frozen=True, kw_only=True):
    """A violation that the baseline knows in place of another."""

    out: BaselineEntry
    into: BaselineEntry


class Ratchet(Struct, frozen=True, kw_only=True):
    """How a baseline differs from the same file at a git reference; anything added fails the gate.

    What was added is in `swaps` or in `growth`.
    """

    against: str
    """The reference and its commit."""
    is_there: bool
    """Whether the reference has the file; all of it is new where it hasn't."""
    added: int
    removed: int
    swapped: int
    """Of those added, as many as were removed: they're new all the same."""
    younger: int
    """Entries that claim to be known since a later day than at the reference; they fail, too."""
    swaps: tuple[Swap, ...] = ()
    """The first of them."""
    growth: tuple[BaselineEntry, ...] = ()
    """The first of those added beyond."""

    @property
    def holds(self) -> bool:
        """Whether nothing was added, and no entry made younger."""
        return not self.added and not self.younger


class Baseline(Struct, frozen=True, kw_only=True):
    """A baseline after the run: entries = failing + over + undecided."""

    file: str
    """What it was read or worked out from."""
    origin: BaselineOrigin = BaselineOrigin.FILE
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
    oldest_days: int | None = None
    """Its age at the run's clock, in days."""
    median_days: int | None = None
    """The median age of the entries that still fail, in days."""
    backlog: tuple[BacklogPart, ...] = ()
    """The failures that it knows, the cheapest fixes first, and of these the fewest bytes."""
    slack: tuple[BaselineEntry, ...] = ()
    """The first of those that are over, by policy and table."""
    renamed: int = 0
    """Tables that have another name now, and are known by their id."""
    renames: tuple[RenamedTable, ...] = ()
    """The first of them, by their name of today."""
    ratchet: Ratchet | None = None
    """Absent without `--ratchet-against`."""
