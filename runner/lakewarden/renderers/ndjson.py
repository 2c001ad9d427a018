"""The report as lines of JSON: the run, then a line for each decision, as tools for data read them.

Every line of one type has every field, with `null` where there is nothing, and each field holds one
type of value: what reads a table from lines guesses its columns from the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, TextIO, TypeVar

import msgspec
from msgspec import UNSET, Struct

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Fix,
    KnownViolation,
    Missing,
    Outcome,
    PastFailure,
    Severity,
    Violation,
)
from lakewarden.model.policy import Policy
from lakewarden.model.report import SCHEMA_VERSION, Completeness, Gate, Report, Run, TableReport
from lakewarden.renderers.words import wording
from lakewarden.report.amounts import bytes_of
from lakewarden.report.table_status import enforcement_of, severity_of

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class RunLine(Struct, frozen=True, kw_only=True, tag="run", tag_field="type"):
    """The first line: where the report comes from, and what the run couldn't evaluate."""

    schema_version: Literal[1] = SCHEMA_VERSION
    policies: tuple[Policy, ...]
    """The policies that were evaluated, with the enforcement in force."""
    completeness: Completeness
    gate: Gate
    run: Run


class FixLine(Fix, frozen=True, kw_only=True, omit_defaults=False):
    """One way to fix a violation, for a person to review."""


class ViolationLine(Violation, frozen=True, kw_only=True, omit_defaults=False):
    """A broken expectation; `expected` and `actual` are text, JSON where they aren't text."""

    expected: str | None = None
    actual: str | None = None
    fixes: tuple[FixLine, ...] = ()


class ExemptionLine(Exemption, frozen=True, kw_only=True, omit_defaults=False):
    """A reason not to require the policy."""


class MissingLine(Missing, frozen=True, kw_only=True, omit_defaults=False):
    """Evidence without which the policy can't decide."""


class PastFailureLine(PastFailure, frozen=True, kw_only=True, omit_defaults=False):
    """Since when a violation is there; only in reports with `--history`."""


class KnownViolationLine(KnownViolation, frozen=True, kw_only=True, omit_defaults=False):
    """What the baseline says of a violation; only in reports with `--baseline`."""


class DefinitionLine(Struct, frozen=True, kw_only=True):
    """Where a planned table is declared, and what applying the plan does to it."""

    tool: str | None
    address: str | None
    file: str | None
    line: int | None
    action: str | None


class DecisionLine(Struct, frozen=True, kw_only=True, tag="decision", tag_field="type"):
    """One policy about one table, with its proof, in the report's order of tables and policies."""

    clock: str
    """The run's clock, RFC 3339, so that files of several runs can be read as one."""
    full_name: str
    catalog_name: str
    schema_name: str
    name: str
    table_type: str | None
    data_source_format: str | None
    owner: str | None
    """`null` where it isn't known, empty where nobody owns the table."""
    bytes: int | None
    """The table's size; `null` where it isn't known."""
    definition: DefinitionLine | None
    """Of a planned table."""
    policy_id: str
    title: str
    severity: Severity
    """In force for this table."""
    enforcement: Enforcement
    """In force for this table."""
    override: str | None
    """The override of the settings that changed something for this table."""
    outcome: Outcome
    would_be: Outcome | None
    """The outcome without the exemptions."""
    violations: tuple[ViolationLine, ...]
    exemptions: tuple[ExemptionLine, ...]
    reasons: tuple[str, ...]
    missing: tuple[MissingLine, ...]
    baseline: tuple[KnownViolationLine, ...]
    history: tuple[PastFailureLine, ...]


class NdjsonRenderer:
    """Writes the run, then every decision of every table."""

    format = "ndjson"

    def render(self, report: Report, out: TextIO) -> None:
        """Write the lines, a table's at a time."""
        for line in lines(report):  # noqa: FURB122 -- some streams join all lines first
            out.write(f"{_encode(line).decode()}\n")


def lines(report: Report) -> Iterator[RunLine | DecisionLine]:
    """Yield what each line holds."""
    yield RunLine(
        policies=report.policies,
        completeness=report.completeness,
        gate=report.gate,
        run=report.run,
    )
    index = {policy.policy_id: policy for policy in report.policies}
    for table in report.tables():
        for policy_id, decision in table.decisions.items():
            yield _decision(table, index[policy_id], decision, report.run.clock)


def _decision(table: TableReport, policy: Policy, decision: Decision, clock: str) -> DecisionLine:
    return DecisionLine(
        clock=clock,
        full_name=table.full_name,
        catalog_name=table.catalog_name,
        schema_name=table.schema_name,
        name=table.name,
        table_type=table.table_type,
        data_source_format=table.data_source_format,
        owner=table.owner,
        bytes=bytes_of(table),
        definition=_whole(DefinitionLine, table.definition) if table.definition else None,
        policy_id=policy.policy_id,
        title=policy.title,
        severity=severity_of(policy, decision),
        enforcement=enforcement_of(policy, decision),
        override=decision.override,
        outcome=decision.outcome,
        would_be=decision.would_be,
        violations=tuple(map(_violation, decision.violations)),
        exemptions=tuple(_whole(ExemptionLine, each) for each in decision.exemptions),
        reasons=decision.reasons,
        missing=tuple(_whole(MissingLine, each) for each in decision.missing),
        baseline=tuple(_whole(KnownViolationLine, each) for each in decision.baseline),
        history=tuple(_whole(PastFailureLine, each) for each in decision.history),
    )


def _violation(violation: Violation) -> ViolationLine:
    return ViolationLine(
        message=violation.message,
        expected=_text(violation.expected),
        actual=_text(violation.actual),
        key=violation.key,
        fixes=tuple(_whole(FixLine, each) for each in violation.fixes),
    )


def _text(thing: Any) -> str | None:  # noqa: ANN401 -- whatever a policy says
    return None if thing is None else wording.value(thing)


_Line = TypeVar("_Line", bound=Struct)


def _whole(of: type[_Line], value: Struct) -> _Line:
    """Return the same fields in a line's type, which leaves none out."""
    fields = {name: getattr(value, name) for name in of.__struct_fields__}
    return of(**{name: None if each is UNSET else each for name, each in fields.items()})
