"""What a report says against its tables, one finding at a time, as CI systems want it.

A finding is a violation of a failed decision, or a decision that nobody could make. Waived ones
are findings too, and say so.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Fix,
    KnownViolation,
    Outcome,
    Severity,
    Violation,
)
from lakewarden.model.policy import Policy
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.completeness import evaluated
from lakewarden.renderers.words.proof import evidence_remedies, missing_evidence
from lakewarden.renderers.words.wording import visible
from lakewarden.report.amounts import bytes_of
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    enforcement_of,
    failure_gates,
    severity_of,
)
from lakewarden.report.weight import weight_of
from lakewarden_collector.document import Definition
from lakewarden_collector.patterns import fold

MOST: Final = 25_000
"""Findings that a file for a CI system names: GitHub refuses a file with more results."""

_WAIVER: Final = "waiver"
_PAGE: Final = "tables"
"""The folder of the paths that stand for tables."""

Kept = TypeVar("Kept")


class Level(StrEnum):
    """How loud a finding is; the words are SARIF's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_LEVELS: Final = {
    Severity.CRITICAL: Level.ERROR,
    Severity.HIGH: Level.ERROR,
    Severity.MEDIUM: Level.WARNING,
    Severity.LOW: Level.NOTE,
    Severity.INFO: Level.NOTE,
}
_QUIETER: Final = {Level.ERROR: Level.WARNING, Level.WARNING: Level.NOTE, Level.NOTE: Level.NOTE}


def level_of(severity: Severity, enforcement: Enforcement) -> Level:
    """Return how loud a failure is: by its severity, one level lower where it is advisory."""
    level = _LEVELS[severity]
    return level if enforcement is Enforcement.MANDATORY else _QUIETER[level]


class Finding(Struct, frozen=True, kw_only=True):
    """One violation, or one decision that couldn't be made; text is shown as text."""

    table: TableReport
    policy: Policy
    decision: Decision
    outcome: Outcome
    """`fail`, `unknown` or `error`; under a waiver, what the decision would be without it."""
    severity: Severity
    enforcement: Enforcement
    message: str
    violation: Violation | None
    """None where the decision couldn't be made."""
    waivers: tuple[Exemption, ...]
    gates: bool
    """Whether it counts for the exit code, `--allow` aside."""
    known: KnownViolation | None
    """What the baseline says of it, where it knows it."""
    fingerprint: str
    """Identifies it from run to run: table without case, policy and the violation's key."""

    @property
    def level(self) -> Level:
        """How loud it is: an error is an error whatever the policy's severity is."""
        if self.outcome is Outcome.ERROR:
            return Level.ERROR
        return _LEVELS[self.severity] if self.gates else level_of(self.severity, self.enforcement)

    @property
    def is_suppressed(self) -> bool:
        """Whether it is waived, or known to the baseline."""
        return bool(self.waivers) or self.known is not None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The alternatives that the policy gives, the best first."""
        return self.violation.fixes if self.violation else ()

    @property
    def advice(self) -> str:
        """What to do about it, in one paragraph; a planned table is changed in its definition."""
        if self.outcome is Outcome.ERROR:
            return wording.ERROR_REMEDY
        if self.outcome is Outcome.UNKNOWN:
            return " ".join(evidence_remedies(self.decision.missing))
        best = next(iter(self.fixes), None)
        if definition := self.table.definition:
            change = best.title if best and not best.sql else self.policy.remediation
            text = f"{wording.change_definition(definition)} {change}"
        elif best:
            text = "\n".join((best.title, *map(statement, best.sql)))
        else:
            text = self.policy.remediation
        return visible(text.strip(), keep="\n")

    @property
    def worst_first(self) -> tuple[bool, bool, bool, int, int, str, str, str, str]:
        """A sort key: what gates, failures first, by weight as `report.weight` has it.

        What is waived or known comes last of all.
        """
        return (
            self.is_suppressed,
            not self.gates,
            self.outcome is not Outcome.FAIL,
            -weight_of(self.severity, bytes_of(self.table)),
            SEVERITY_RANK[self.severity],
            self.table.full_name,
            self.policy.policy_id,
            (self.violation.key if self.violation else None) or "",
            self.fingerprint,
        )


def statement(sql: str) -> str:
    """Return a statement with the semicolon that ends it."""
    return f"{sql};"


def findings(
    table: TableReport, policy_index: PolicyIndex, fail_on: Severity | None = None
) -> Iterator[Finding]:
    """Yield what there is against a table, policy by policy.

    `fail_on` is the severity from which advisory failures gate; None where none does.
    """
    for policy_id, decision in sorted(table.decisions.items()):
        policy = policy_index[policy_id]
        enforcement = enforcement_of(policy, decision)
        outcome = decision.outcome
        waivers: tuple[Exemption, ...] = ()
        if outcome is Outcome.EXEMPT:
            waivers = tuple(each for each in decision.exemptions if each.kind == _WAIVER)
            outcome = decision.would_be or Outcome.FAIL if waivers else outcome
        if outcome not in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR):
            continue
        gates = (
            failure_gates(policy, decision, fail_on)
            if outcome is Outcome.FAIL
            else outcome is Outcome.ERROR or enforcement is Enforcement.MANDATORY
        )
        known = {each.key: each for each in decision.baseline}
        seen: Counter[str | None] = Counter()
        for violation, message in _messages(table, decision, outcome):
            key = violation.key if violation else None
            seen[key] += 1
            yield Finding(
                table=table,
                policy=policy,
                decision=decision,
                outcome=outcome,
                severity=severity_of(policy, decision),
                enforcement=enforcement,
                message=message,
                violation=violation,
                waivers=waivers,
                gates=gates and key not in known,
                known=known.get(key),
                fingerprint=_fingerprint(table.full_name, policy_id, outcome, key, seen[key]),
            )


def _messages(
    table: TableReport, decision: Decision, outcome: Outcome
) -> Iterator[tuple[Violation | None, str]]:
    if outcome is Outcome.FAIL and decision.violations:
        for violation in decision.violations:
            yield violation, _naming(table, violation.message)
        return
    match outcome:
        case Outcome.FAIL:
            text = f"{table.full_name} fails."
        case Outcome.UNKNOWN:
            lacks = wording.sentences(map(missing_evidence, decision.missing))
            text = f"{table.full_name} can't be decided: {lacks or wording.NO_REASON}"
        case _:
            reasons = wording.sentences(decision.reasons)
            text = f"The decision about {table.full_name} ended in an error: "
            text += reasons or wording.NO_REASON
    yield None, visible(text, keep="\n\t")


def _naming(table: TableReport, message: str) -> str:
    """Return the message with the table's name before it, where it doesn't have it."""
    text = message if table.full_name in message else f"{table.full_name}: {message}"
    return visible(text, keep="\n\t")


def _fingerprint(
    full_name: str,
    policy_id: str,
    outcome: Outcome,
    key: str | None,
    occurrence: int,
) -> str:
    """Return 64 hexadecimal digits; nothing of a message is in them, since wording changes."""
    kind = "fail" if outcome is Outcome.FAIL else "undecided"
    identity = (fold(full_name), policy_id, kind, key, occurrence)
    return hashlib.sha256(msgspec.json.encode(identity)).hexdigest()


class Place(Struct, frozen=True, kw_only=True):
    """The file and line that a finding is shown at."""

    path: str
    """As a path, `/` between its parts; relative where the definition's is."""
    line: int
    """1 where no line is known."""
    stands_for_table: bool = False
    """Whether there is no such file, only a table."""


def place_of(table: TableReport) -> Place:
    """Return where a planned table is declared, else a path that stands for the table.

    GitHub and GitLab show nothing that has no path. The path is the table's full name without
    case, in a folder `tables`, so that a table keeps it from run to run.
    """
    definition = table.definition
    if definition and (path := _path(definition)):
        return Place(path=path, line=definition.line or 1)
    return Place(path=f"{_PAGE}/{_flat(fold(table.full_name))}", line=1, stands_for_table=True)


def _path(definition: Definition) -> str:
    file = definition.file or ""
    if "/" not in file:  # of Windows, if there are any signs
        file = file.replace("\\", "/")
    path = posixpath.normpath(file) if file else ""
    return "" if path in ("", ".", "..", "/", "//") else path


def _flat(name: str) -> str:
    """Return a name as one part of a path: what would end the part is percent-encoded."""
    return name.replace("%", "%25").replace("/", "%2F")


class Worst(Generic[Kept]):
    """Keeps the `keep` worst of any number of findings, made into what a format needs of them."""

    def __init__(self, keep: int = MOST) -> None:
        self.seen = 0
        self._keep = keep
        self._spare = max(keep // 4, 100)
        self._kept: list[tuple[Any, Kept]] = []
        self._limit: Any = None
        """What sorts behind this isn't among the worst."""

    def offer(self, finding: Finding, make: Callable[[Finding], Kept]) -> None:
        """Count a finding, and keep what `make` returns of it if it is among the worst."""
        self.seen += 1
        key = finding.worst_first
        if self._limit is not None and key > self._limit:
            return
        self._kept.append((key, make(finding)))
        if len(self._kept) > self._keep + self._spare:
            self._prune()

    def ordered(self) -> list[Kept]:
        """Return what is kept, the worst first."""
        self._prune()
        return [kept for _, kept in self._kept]

    @property
    def left_out(self) -> int:
        """How many findings `ordered` doesn't have."""
        return max(self.seen - self._keep, 0)

    def _prune(self) -> None:
        self._kept.sort(key=lambda each: each[0])
        del self._kept[self._keep :]
        if self._kept and len(self._kept) == self._keep:
            self._limit = self._kept[-1][0]


class Cause(Struct, frozen=True):
    """One thing that a run couldn't read or decide."""

    identity: tuple[str, ...]
    """The same from run to run, whatever the words."""
    text: str
    """Text as text."""


def causes(report: Report) -> list[Cause]:
    """Return what a run couldn't read or decide; empty where it is complete."""
    state = report.completeness
    if state.complete and state.tables_evaluated:
        return []
    texts: list[tuple[tuple[str, ...], str]] = [(("run",), f"{evaluated(state)}.")]
    seen: Counter[tuple[str, str]] = Counter()
    for failure in state.failures:
        place = failure.what, failure.where
        seen[place] += 1
        stated = wording.sentences((f"{failure.what}: {failure.reason}", failure.remedy))
        texts.append(((*place, str(seen[place])), stated))
    texts += [(("reason", str(number)), each) for number, each in enumerate(state.reasons)]
    return [
        Cause(identity, visible(text, keep="\n\t").strip() or wording.NO_REASON)
        for identity, text in texts
    ]
