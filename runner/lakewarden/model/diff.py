"""What differs between two reports, violation by violation. JSON, schema version 1."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from lakewarden.model.baseline import RenamedTable
from lakewarden.model.decision import Enforcement, Exemption, PastFailure, Severity
from lakewarden.model.insight import Amount
from lakewarden.model.report import Digests, EngineInfo

DIFF_SCHEMA_VERSION: Final = 1


class ReportedOutcome(StrEnum):
    """How one report sees a violation: its outcome there, or why it has none.

    `no_policy`: the report doesn't have the policy. `no_table`: the run would have seen the table,
    and it wasn't there. `unread`: the run couldn't read the table, or may have missed it.
    `out_of_scope`: the run was limited to other tables or policies.
    """

    PASS = "pass"  # noqa: S105 -- an outcome, no password
    FAIL = "fail"
    EXEMPT = "exempt"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"
    NO_POLICY = "no_policy"
    NO_TABLE = "no_table"
    UNREAD = "unread"
    OUT_OF_SCOPE = "out_of_scope"


class ViolationChange(StrEnum):
    """What became of a violation, in the order in which a person wants to know.

    `new`: only the new report has it. `reopened`: the same, and the new report's history says that
    it had failed before. `mandatory`: both reports have it, and its policy is mandatory for the
    table only in the new one. `undecided`: it failed, and the new report doesn't decide it any
    more. `exempt`: it failed, and is exempt now. `other_rules`: the policy passes or doesn't apply
    now, by other policies or settings than before. `not_applicable`: the policy doesn't apply now,
    by the same policies and settings. `fixed`: the same policies and settings prove a pass. `gone`:
    its table isn't there any more. `advisory`: both reports have it, and its policy is mandatory
    for the table only in the old one. `still_failing`: both reports have it, as hard as before.
    """

    NEW = "new"
    REOPENED = "reopened"
    MANDATORY = "mandatory"
    UNDECIDED = "undecided"
    EXEMPT = "exempt"
    OTHER_RULES = "other_rules"
    NOT_APPLICABLE = "not_applicable"
    FIXED = "fixed"
    GONE = "gone"
    ADVISORY = "advisory"
    STILL_FAILING = "still_failing"


WORSE: Final = (ViolationChange.NEW, ViolationChange.REOPENED)
"""Failures that only the new report has."""


class Cause(StrEnum):
    """What can change a decision. All but the clock and the scope have a digest or a version."""

    DATA = "data"
    POLICIES = "policies"
    SETTINGS = "settings"
    WAIVERS = "waivers"
    ENGINE = "engine"
    """The engine, or the version of Lakewarden."""
    CLOCK = "clock"
    """Time that has passed: a waiver has begun or expired, a size has become too old."""
    SCOPE = "scope"
    """The source, the scope or the limits of a run: `--table`, `--policy`."""


class ReportSide(Struct, frozen=True, kw_only=True):
    """One of the two reports."""

    clock: str
    """RFC 3339."""
    source: str
    scope: str
    narrowed: tuple[str, ...]
    """The `--table` and `--policy` patterns that limited the run."""
    complete: bool
    tool_version: str
    engine: EngineInfo
    digests: Digests


class ChangedViolation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A violation that only one of the two reports has, or that is mandatory in one only.

    Size, owner, severity and enforcement are those of the report in which it fails, of the new one
    where both have it.
    """

    full_name: str
    policy_id: str
    key: str | None = None
    """What the violation is about, where the policy says so."""
    change: ViolationChange
    before: ReportedOutcome
    """In the old report."""
    after: ReportedOutcome
    """In the new report."""
    severity: Severity
    enforcement: Enforcement
    bytes: int | None = None
    """Absent where nobody knows."""
    owner: str | None = None
    """Absent where the owner isn't known; empty where nobody owns the table."""
    known_as: str | None = None
    """The table's name in the old report, where its `table_id` says that it was renamed."""
    causes: tuple[Cause, ...] = ()
    """One: that changed the decision. Several: one or more of them did. None: nothing that the
    reports know of differs."""
    proven: bool = False
    """Whether the causes were found by deciding again: then each of them is one."""
    message: str = ""
    """What proves the new report's outcome, on one line; empty where it has none."""
    exemptions: tuple[Exemption, ...] = ()
    """Why it is exempt now."""
    history: PastFailure | None = None
    """What the new report's history knows of it, where it fails now."""
    contradicted: bool = False
    """Whether the old report proved a pass, and a history knows that it had failed before."""


HeaviestViolations = dict[ViolationChange, list[ChangedViolation]]
"""Some of the violations of each change, the heaviest first."""


class ChangeCount(Amount, kw_only=True):
    """A number of violations, and the tables that have one or more of them."""

    violations: int = 0
    mandatory: int = 0
    """Those whose policy is mandatory for the table."""


ChangeCounts = dict[ViolationChange, ChangeCount]


class TableGroup(Struct, kw_only=True):
    """A number of tables, and the largest by name."""

    amount: Amount
    examples: tuple[str, ...]


class RenamedTables(Struct, kw_only=True):
    """Tables that both reports have, by their `table_id`, under two names."""

    amount: Amount
    examples: tuple[RenamedTable, ...]
    """The first, by their name in the new report."""


class TableChanges(Struct, kw_only=True):
    """Tables that only one of the reports has, and renamed ones.

    The first three lack in the old one.
    """

    added: TableGroup
    """The old run would have seen them, and they weren't there."""
    newly_read: TableGroup
    """The old run couldn't read them, or may have missed them."""
    newly_in_scope: TableGroup
    """The old run was limited to other tables."""
    vanished: TableGroup
    """The new run would have seen them, and they aren't there."""
    no_longer_read: TableGroup
    """The new run couldn't read them, or may have missed them."""
    no_longer_in_scope: TableGroup
    """The new run was limited to other tables."""
    renamed: RenamedTables
    """They're compared under their new name, and not among the others."""


class NewlyUndecided(Struct, kw_only=True):
    """What the new report leaves open and the old one didn't: there may be failures in it."""

    decisions: int = 0
    """`error`, or `unknown` of a mandatory policy, where the old report had a decision or none."""
    tables: Amount
    """The tables of these decisions."""
    lost: tuple[str, ...] = ()
    """What couldn't be read, and wasn't among what the old run couldn't read."""


class Diff(Struct, kw_only=True):
    """What differs between two reports, in figures."""

    old: ReportSide
    new: ReportSide
    differences: tuple[str, ...]
    """What has to be kept in mind, since it isn't the same in both: a sentence each."""
    causes: tuple[Cause, ...]
    """What differs between the two runs, and so can have changed decisions."""
    total: ChangeCounts
    """Every change is present."""
    contradicted: ChangeCount
    """Of the reopened ones, those that the old report had proved a pass of."""
    newly_undecided: NewlyUndecided
    tables: TableChanges
    by_policy: dict[str, ChangeCounts]
    """Only policies and changes that there are."""
    by_owner: dict[str, ChangeCounts]
    """The same by the owner of the table."""


class DiffDocument(Diff, kw_only=True):
    """A diff as JSON."""

    schema_version: Literal[1]
    violations: tuple[ChangedViolation, ...]
    """All that changed, in the new report's order; then those of tables that it doesn't have."""
