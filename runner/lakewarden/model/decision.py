"""One policy about one table, and its proof."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias

from msgspec import Meta, Struct

from lakewarden.model.waiver import WaiverKind


class Outcome(StrEnum):
    """The value of a decision; exactly one for each table and policy."""

    PASS = "pass"  # noqa: S105 -- an outcome, no password
    FAIL = "fail"
    EXEMPT = "exempt"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


class Enforcement(StrEnum):
    """How strictly a policy applies: only mandatory policies gate.

    `off` is a team's choice, in the settings; a policy itself is mandatory or advisory.
    """

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    OFF = "off"


DECLARED: Final = (Enforcement.MANDATORY, Enforcement.ADVISORY)
"""What a policy's annotation may say."""


class Severity(StrEnum):
    """How bad a failure is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


_Words: TypeAlias = Annotated[str, Meta(pattern=r"\S")]
"""Text that says something."""

_Statement: TypeAlias = Annotated[str, Meta(pattern=r"[^\s;]\s*$")]
"""One SQL statement, without the semicolon that ends it."""


class Fix(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One way to fix a violation, for a person to review. Lakewarden never runs it."""

    title: _Words
    sql: tuple[_Statement, ...] = ()
    """Statements in the order to run them; empty where a definition has to be changed instead.
    What a person has to choose stands in angle brackets, which no SQL parser accepts."""
    requires: tuple[_Words, ...] = ()
    """What has to be so before: a runtime's version, a right, a backup."""
    note: str = ""
    """What it does to the data and to those who read it: only metadata, bytes rewritten."""
    undo: tuple[_Statement, ...] = ()
    """Statements that take it back; where there are none, `note` says why."""


class Violation(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A broken expectation, written for the table's owner."""

    message: str
    expected: Any = None
    actual: Any = None
    key: _Words | None = None
    """What it is about, such as a column, where a policy can break several times on one table. It
    identifies the violation from run to run, so no two of a decision have the same."""
    fixes: tuple[Fix, ...] = ()
    """Alternatives, the best first."""


class KnownViolation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A violation of a decision that the baseline knows, so that it doesn't gate."""

    key: str | None = None
    """The violation's."""
    since: str
    """The day (UTC) from which it is known, `YYYY-MM-DD`."""
    reason: str | None = None
    """Why it was accepted, where somebody said so."""


class PastFailure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the history knows of one violation of a decision."""

    key: str | None = None
    """The violation's."""
    first_failed_at: str
    """Clock of the first run that is known to have found it, RFC 3339."""
    failing_since: str
    """The same since it was last over: fixed, or the policy didn't apply."""
    reopened: int = 0
    """How often it failed again after it was over."""
    contradicted: bool = False
    """Whether it fails again although a run had reported it fixed, that is, proved a pass."""


class Exemption(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reason not to require the policy: `kind` is rule, flag or waiver.

    The fields after `reason` are a waiver's own and absent for the other kinds.
    """

    kind: str
    reason: str
    owner: str | None = None
    approved_by: str | None = None
    ticket: str | None = None
    starts: str | None = None
    expires: str | None = None
    waiver_kind: WaiverKind | None = None
    """Of a waiver, left out where it's accepted."""


class Missing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Evidence without which the policy cannot decide, and why it is not there.

    `status` is one of the document's evidence statuses, "not_requested" where the document says
    nothing about it, or "inconclusive" where it is there and does not help: a value that nobody
    knows, a size that may not decide.
    """

    kind: str
    status: str
    reason: str = ""


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome and only what that outcome needs.

    `violations` prove a fail, `reasons` a pass, a not_applicable or an error, `missing` an
    unknown, `exemptions` an exempt; `would_be` is an exempt table's outcome without its
    exemptions. `severity`, `enforcement` and `override` are there only where an override of the
    settings changed them for this table, and `effective_on` only beside `enforcement`.
    """

    outcome: Outcome
    violations: tuple[Violation, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    would_be: Outcome | None = None
    severity: Severity | None = None
    enforcement: Enforcement | None = None
    effective_on: str | None = None
    """The day (UTC) from whose start the policy is mandatory for this table; advisory before."""
    override: str | None = None
    baseline: tuple[KnownViolation, ...] = ()
    """Those of its violations that the baseline knows, one for each key; absent without
    `--baseline`. The decision doesn't gate where it knows all of them."""
    history: tuple[PastFailure, ...] = ()
    """Since when its violations are there, one for each key; absent without `--history`."""

    @property
    def is_known(self) -> bool:
        """Whether it fails, and the baseline knows every violation of it."""
        known = {each.key for each in self.baseline}
        return bool(known) and known.issuperset(each.key for each in self.violations)


class TableChange(Struct, frozen=True, kw_only=True):
    """Something that could be different about a table, which its domain offers to try.

    `patch` is a JSON merge patch (RFC 7396) of the table document: objects are merged, null removes
    a field, anything else replaces it.
    """

    title: _Words
    patch: dict[str, Any]


class TableDecisions(Struct, frozen=True, kw_only=True):
    """The router's answer about one table.

    `facts` and `changes` map a domain to what its `lib/<domain>` exports; `decisions` maps a policy
    id to the decision.
    """

    decisions: dict[str, Decision]
    facts: dict[str, dict[str, Any]] = {}
    changes: dict[str, tuple[TableChange, ...]] = {}
    """Only where they were wanted."""
