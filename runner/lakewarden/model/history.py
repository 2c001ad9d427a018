"""What earlier runs say beside this one: the trend, and since when failures are there.

A part of the report of a run with `--history`, which keeps the runs. Two runs can be compared if
they have the same source, scope, narrowing, policies and settings: they are of one line. Waivers
and the version of Lakewarden may differ; the report says so.
"""

from __future__ import annotations

from msgspec import Struct

from lakewarden.model.insight import Amount


class PastRun(Struct, kw_only=True, omit_defaults=True):
    """One run of the history, in figures."""

    run_id: str
    """Digest of what the run's decisions are a function of, and of how they came out."""
    clock: str
    """RFC 3339."""
    complete: bool
    """Whether the run read and decided everything: false also for tables that it couldn't read."""
    tables: dict[str, Amount]
    """Tables by status, every status, by the policies and settings of that run."""
    failing: int
    """Decisions that fail, advisory ones included."""
    undecided: int
    """Decisions that are unknown or an error."""
    differences: tuple[str, ...] = ()
    """Why it can't be compared with this run: a sentence each. None if it can."""
    notes: tuple[str, ...] = ()
    """What else it doesn't have in common with this run, such as waivers: a sentence each."""

    @property
    def comparable(self) -> bool:
        """Whether its figures mean the same as this run's."""
        return not self.differences


class LastingFailure(Struct, kw_only=True, omit_defaults=True):
    """A violation of this run, and since when it is there."""

    full_name: str
    policy_id: str
    key: str | None = None
    """What the violation is about, where the policy says so."""
    first_failed_at: str
    """Clock of the first run that is known to have found it, RFC 3339."""
    failing_since: str
    """The same since it was last over: fixed, or the policy didn't apply."""
    reopened: int = 0
    """How often it failed again after it was over."""
    contradicted: bool = False
    """Whether it fails again although a run had reported it fixed, that is, proved a pass."""


class History(Struct, kw_only=True):
    """This run among the earlier ones of its history.

    A violation is the same from run to run if table, policy and key are: a table by its name, case
    aside, or by its id where it was renamed. A run that
    doesn't decide, because something is unknown or the table wasn't read, changes nothing.
    """

    runs: tuple[PastRun, ...]
    """Oldest first; the last is this one. None has a later clock. They are the runs of its line,
    and those that the line took up: about the same tables, by other policies or settings."""
    not_listed: int
    """Runs of this trend that are older than those listed."""
    apart: int = 0
    """Runs of the history that aren't part of this trend: about other tables, or by the policies
    and settings of another job."""
    failing: int
    """Violations of this run: what follows counts them."""
    new: int
    """First found by this run."""
    reopened: int
    """Fail again after they were over: fixed, or the policy didn't apply."""
    contradicted: int
    """Of the reopened ones, those that had been reported fixed."""
    fixed: int
    """Violations that this run reports fixed: the same policies and settings prove a pass."""
    days_to_fix: float | None
    """The median time from failing to fixed of all failures that are fixed, in days; None where
    none is. Counted from clock to clock."""
    oldest: tuple[LastingFailure, ...]
    """The ten that fail longest without interruption."""
    contradictions: tuple[LastingFailure, ...]
    """Up to fifty that are contradicted, by name."""
