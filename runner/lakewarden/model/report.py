"""The report: what one run found. JSON, schema version 1; every other format is made from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

from msgspec import UNSET, Struct, UnsetType, field

from lakewarden.model.baseline import Baseline
from lakewarden.model.decision import Decision, Severity
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.waiver import WaiverStatus
from lakewarden_collector.document import Definition
from lakewarden_collector.inventory import Failure, LeftOut

SCHEMA_VERSION: Final = 1

UNDECIDED: Final = "read but not decided"
"""Follows the number of tables in the failure of an engine that was lost on the way."""

_UNDECIDED: Final = re.compile(rf"([\d,]+) tables?, {UNDECIDED}")


class EngineInfo(Struct, frozen=True, kw_only=True):
    """Who decided."""

    name: str
    version: str


class Digests(Struct, frozen=True, kw_only=True):
    """SHA-256, as `sha256:<hex>`, of everything that a decision is a function of."""

    policies: str
    settings: str
    waivers: str
    inventory: str


class PinnedSource(Struct, frozen=True, kw_only=True):
    """Policies that aren't Lakewarden's own: where they come from, and which they are.

    `source` is as it was written, without credentials; `digest` is the SHA-256 of the policies and
    the schemas of their settings, as `sha256:<hex>`.
    """

    source: str
    digest: str
    commit: str | UnsetType = UNSET
    """The commit, where they come from a git reference."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What a line about it shows: the source, the commit where there is one, the digest."""
        return (self.source, *([self.commit] if self.commit else []), self.digest)


class Run(Struct, frozen=True, kw_only=True):
    """Where the report comes from. Only this part differs between two runs over one input.

    `clock` is the time that ages and expiries are counted from, RFC 3339; `narrowed` lists the
    `--table` and `--policy` patterns that narrowed the run.
    """

    tool: str
    tool_version: str
    engine: EngineInfo
    digests: Digests
    clock: str
    started_at: str
    finished_at: str
    source: str
    scope: str
    narrowed: tuple[str, ...] = ()
    policies_off: tuple[str, ...] = ()
    """Policies that the settings switch off for every table; they were not evaluated."""
    notices: tuple[str, ...] = ()
    """What the reader should know about how the run went, for example a fallback engine."""
    spent: dict[str, int] = {}
    """What the collection asked of its source, by kind of request."""
    workspace: str | UnsetType = UNSET
    """The one Databricks workspace that was read, as `https://HOST`; absent where there was none,
    or several."""
    policy_sources: tuple[PinnedSource, ...] | UnsetType = UNSET
    """What `--policy-source` and `./policies` gave; absent where there was nothing of these."""


def narrowed_by(tables: Iterable[str], policies: Iterable[str]) -> tuple[str, ...]:
    """Return what `Run.narrowed` says of a run that is limited to these patterns."""
    return (*(f"--table {each}" for each in tables), *(f"--policy {each}" for each in policies))


class Completeness(Struct, frozen=True, kw_only=True):
    """What the run knew of against what it decided; `complete` is false if anything is missing.

    tables_known = tables_evaluated + tables_failed + tables_left_out. A failure that covers a
    number of tables that nobody knows, such as a schema or a SQL file, isn't part of these.
    """

    complete: bool
    tables_known: int
    tables_evaluated: int
    tables_failed: int
    tables_left_out: int
    """Left out by `--table`."""
    decisions_expected: int
    decisions_made: int
    failures: tuple[Failure, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the run is incomplete, beyond the failures: a truncated inventory, a dead engine."""
    left_out: tuple[LeftOut, ...] = ()
    """What the source was not asked for, with the reason: not counted as known."""
    min_coverage: float | None = None
    """The share of the known tables that must be evaluated, where less than all is enough."""

    @property
    def coverage(self) -> float | None:
        """The share of the known tables that were evaluated; None where nobody knows it.

        A schema that cannot be listed, or a SQL file that can't be read, has a number of tables
        that nobody knows: leave it out by `--exclude` or the pattern to say that it doesn't count.
        """
        asked = self.tables_known - self.tables_left_out
        return None if self.unlisted or not asked else self.tables_evaluated / asked

    @property
    def undecided(self) -> int | None:
        """How many tables were read and not decided; None where the engine was there to the end."""
        found = (_UNDECIDED.fullmatch(each.what) for each in self.failures)
        return next((int(each[1].replace(",", "")) for each in found if each), None)

    @property
    def unlisted(self) -> dict[str, int]:
        """How many things with tables that nobody could count are lost, by that word."""
        return dict(Counter(each.covers for each in self.failures if each.covers != "table"))

    @property
    def suffices(self) -> bool:
        """Whether as much was evaluated as has to be."""
        if self.min_coverage is None:
            return not self.tables_failed and not self.unlisted
        return self.coverage is not None and self.coverage >= self.min_coverage


class Group(Struct, kw_only=True):
    """A number of tables, their known bytes, and how the decisions about them came out."""

    tables: int = 0
    bytes: int = 0
    unsized: int = 0
    """Tables whose size is not known; they add nothing to `bytes`."""
    non_compliant: int = 0
    """Tables with a mandatory fail."""
    outcomes: dict[str, int] = {}
    """Outcome to number of decisions; every outcome is present."""
    exempt: dict[str, int] = {}
    """The exempt ones by who exempts: `flag` (the owner, on the table), `rule` (the policy) and
    `waiver` (approved). One with exemptions of several kinds counts under the first of these."""


class PolicyCounts(Struct, kw_only=True):
    """How one policy's decisions came out, and the bytes of the tables that fail it."""

    outcomes: dict[str, int] = {}
    failing_bytes: int = 0


class Summary(Struct, kw_only=True):
    """Counts of tables, decisions and bytes."""

    total: Group
    tables_by_status: dict[str, int]
    """Each table once: non_compliant (a mandatory fail), undecided (no mandatory fail, but a
    mandatory unknown or any error), compliant (the rest: every mandatory policy passes, is
    exempt or does not apply), not_applicable (no policy is about it at all)."""
    by_policy: dict[str, PolicyCounts]
    by_severity: dict[str, dict[str, int]]
    by_owner: dict[str, Group]
    by_catalog: dict[str, Group]
    by_schema: dict[str, Group]
    """Keys are `catalog.schema`."""
    by_fact: dict[str, dict[str, Group]]
    """`<domain>.<fact>` to the fact's value (text) to the tables that have it. Only facts that
    are text or true/false are grouped."""


class FactLabel(Struct, frozen=True, kw_only=True):
    """How a fact is shown to people, as the domain's annotation has it."""

    label: str
    values: dict[str, str] = {}
    """The fact's value, as a key of `by_fact` has it, to the words for it."""


class Upcoming(Struct, frozen=True, kw_only=True):
    """A policy that is advisory until a day, for some tables or all, and what changes then."""

    policy_id: str
    effective_on: str
    """The day (UTC) from whose start it is mandatory."""
    days_left: int
    """Days from the run's clock to that start, rounded up: at least 1."""
    tables: int
    """The evaluated tables for which it is advisory until then."""
    failing: int
    """Of its failures about them, those that don't gate yet and would then."""
    unknown: int
    """The same of its unknown decisions."""


class Gate(Struct, frozen=True, kw_only=True):
    """The exit code that the run earned, and why.

    `softened` says that `--no-gate` turned it into 0; `allowed` lists what `--allow` permitted;
    `fail_on` is the severity from which `--fail-on` makes advisory failures gate;
    `strict_waivers` says that waivers gate which somebody has to put right.
    """

    exit_code: int
    reasons: tuple[str, ...] = ()
    gate_disabled: bool = field(default=False, name="softened")  # its name in JSON stays
    allowed: tuple[str, ...] = ()
    fail_on: Severity | None = None
    strict_waivers: bool = False
    upcoming: tuple[Upcoming, ...] = ()
    """The policies that settings make mandatory from a later day on, the nearest first."""
    known: int = 0
    """Mandatory decisions that fail and don't gate, since the baseline knows all violations."""


class TableReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One table with its decisions, keyed by policy id."""

    full_name: str
    catalog_name: str
    schema_name: str
    name: str
    decisions: dict[str, Decision]
    table_type: str | None = None
    data_source_format: str | None = None
    owner: str | None = None
    """Absent where the owner isn't known; empty where nobody owns the table."""
    size: dict[str, Any] = {}
    """The document's `size`: bytes, files, origin, as_of, exact."""
    facts: dict[str, dict[str, Any]] = {}
    definition: Definition | None = None
    """Where a planned table is declared; absent for a table of an estate."""
    table_id: str | None = None
    """The document's, which stays when the table is renamed; absent where the source has none."""


class Report(Protocol):
    """A finished report; its tables are read as a stream, as often as asked."""

    run: Run
    completeness: Completeness
    summary: Summary
    fact_labels: dict[str, FactLabel]
    gate: Gate
    policies: tuple[Policy, ...]
    waivers: tuple[WaiverStatus, ...]
    insight: Insight | None
    """None in a report that a version of Lakewarden without it wrote."""
    promises: Promises | None
    """None without `--promises`."""
    baseline: Baseline | None
    """None without `--baseline`."""
    judged: JudgedWaivers | None
    """None where no policy about waivers had a waiver to judge."""
    history: History | None
    """None without `--history`."""

    def tables(self) -> Iterator[TableReport]:
        """Yield the tables in the inventory's order."""
        ...
