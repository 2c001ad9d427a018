"""The history's columns: plain types, nullable, each with a comment that readers of Delta show."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.report.table_status import Status

VERSION: Final = "1"
VERSION_PROPERTY: Final = "lakewarden.historyVersion"
"""The table property that says which version of this layout a history has."""

TABLE_ID: Final = "table_id"
"""A column that histories of older versions lack."""

PARTITION: Final = "kind"
RUN: Final = "run"
DECISION: Final = "decision"
FAILURE: Final = "failure"
"""Values of `kind`. A run's rows of all kinds come with one commit, or not at all."""

_TEXT: Final = pa.string()
_TIME: Final = pa.timestamp("us", tz="UTC")
_WHOLE: Final = pa.int64()
_NUMBER: Final = pa.float64()
_YES_NO: Final = pa.bool_()
_TYPE_NAMES: Final = {
    _TEXT: "string",
    _TIME: "timestamp",
    _WHOLE: "long",
    _NUMBER: "double",
    _YES_NO: "boolean",
}


class Column(Struct, frozen=True):
    """One column."""

    name: str
    type: pa.DataType
    comment: str

    @property
    def type_name(self) -> str:
        """Its type as Delta has it."""
        return _TYPE_NAMES[self.type]


_EVERY: Final = (
    Column(PARTITION, _TEXT, "what the row is about: run, decision or failure"),
    Column("run_id", _TEXT, "the run: a digest of its inputs, its clock and its counts"),
    Column("clock", _TIME, "the time that the run counts ages and expiries from"),
    Column("estate_id", _TEXT, "digest of source, scope and narrowing"),
    Column(
        "rules_id",
        _TEXT,
        "digest of policies and settings; of a failure, of those that last found it failing, or "
        "else how it stands",
    ),
    Column("source", _TEXT, "where the run's tables were collected from"),
    Column("scope", _TEXT, "which tables, in words"),
    Column("narrowed", _TEXT, "the --table and --policy patterns; null if there were none"),
)
_A_TABLE: Final = (
    Column("full_name", _TEXT, "the table"),
    Column("catalog_name", _TEXT, "the table's catalog"),
    Column("schema_name", _TEXT, "the table's schema"),
    Column("name", _TEXT, "the table's name within its schema"),
    Column(
        TABLE_ID,
        _TEXT,
        "the table's id, which stays when it is renamed; null where the source has none, or an "
        "older version wrote the row",
    ),
    Column("owner", _TEXT, "the table's owner; empty if nobody owns it, null if not known"),
    Column("bytes", _WHOLE, "the table's size; null if not known"),
    Column("status", _TEXT, "where the table stands over all policies of the run"),
    Column("policy_id", _TEXT, "the policy"),
    Column("severity", _TEXT, "how bad a failure of the policy is for this table"),
    Column("enforcement", _TEXT, "mandatory or advisory, for this table"),
)
_A_DECISION: Final = (
    Column("outcome", _TEXT, "pass, fail, exempt, not_applicable, unknown or error"),
    Column("violations", _WHOLE, "how many violations a fail has"),
    Column("exemption", _TEXT, "the kind of the first exemption: rule, flag or waiver"),
)
_A_FAILURE: Final = (
    Column(
        "violation_key",
        _TEXT,
        "what the violation is about, such as a column; null if the policy doesn't say",
    ),
    Column(
        "state",
        _TEXT,
        "failing; fixed (a run by the same rules proved a pass); not_applicable (a run by the same "
        "rules found so); exempt; other_rules (not failing since the rules changed); gone (failing "
        "until a complete run no longer had the table)",
    ),
    Column("first_failed_at", _TIME, "clock of the first run that found it"),
    Column(
        "failing_since",
        _TIME,
        "clock of the first run that found it since it was last over: fixed, or the policy didn't "
        "apply; exemptions don't end it",
    ),
    Column("last_failed_at", _TIME, "clock of the last run that found it"),
    Column(
        "settled_at",
        _TIME,
        "clock of the run that found it fixed, or else first not failing; null while it fails",
    ),
    Column("decided_at", _TIME, "clock of the last run that decided about it"),
    Column("age_days", _NUMBER, "days from failing_since to clock, while it fails"),
    Column("days_to_fix", _NUMBER, "days from failing_since to settled_at, if it is fixed"),
    Column(
        "reopened",
        _WHOLE,
        "how often it failed again after a run by the same rules had found it fixed, or that the "
        "policy didn't apply",
    ),
    Column("contradicted", _YES_NO, "whether it fails again although a run had reported it fixed"),
)
_A_RUN: Final = (
    Column("started_at", _TIME, "when the run started"),
    Column("finished_at", _TIME, "when the run finished"),
    Column("tool_version", _TEXT, "Lakewarden's version"),
    Column("engine", _TEXT, "what decided, and its version"),
    Column("policies_digest", _TEXT, "digest of the policies"),
    Column("settings_digest", _TEXT, "digest of the settings"),
    Column("waivers_digest", _TEXT, "digest of the waivers"),
    Column("inventory_digest", _TEXT, "digest of the tables' documents"),
    Column("exit_code", _WHOLE, "the exit code that the run earned"),
    Column("complete", _YES_NO, "false if anything is missing from the run"),
    Column("tables_known", _WHOLE, "tables that the run knew of"),
    Column("tables_evaluated", _WHOLE, "tables that it decided about"),
    Column("tables_failed", _WHOLE, "tables that it could not read or decide"),
    *(
        Column(f"{figure}_{status}", _WHOLE, comment.format(status.value.replace("_", " ")))
        for status in Status
        for figure, comment in (
            ("tables", "tables that are {}"),
            ("bytes", "known bytes of the tables that are {}"),
            ("unsized", "tables of unknown size that are {}"),
        )
    ),
    *(
        Column(f"decisions_{outcome}", _WHOLE, f"decisions whose outcome is {outcome}")
        for outcome in Outcome
    ),
    Column("failures_failing", _WHOLE, "violations that fail in this run"),
    Column("failures_new", _WHOLE, "of these, first found by this run"),
    Column("failures_reopened", _WHOLE, "of these, reopened at some time"),
    Column("failures_contradicted", _WHOLE, "of these, contradicted"),
    Column("failures_fixed", _WHOLE, "violations that this run reports fixed"),
    Column("days_to_fix_median", _NUMBER, "median of days_to_fix over the failures that are fixed"),
    Column("policy_ids", _TEXT, "the policies that were evaluated, in their order: a JSON list"),
    Column("run", _TEXT, "the report's `run`: JSON"),
    Column("completeness", _TEXT, "the report's `completeness`: JSON"),
)
SECTIONS: Final = (
    ("Every row", _EVERY),
    ("Decisions and failures", _A_TABLE),
    ("Decisions", _A_DECISION),
    ("Failures", _A_FAILURE),
    ("Runs", _A_RUN),
)
COLUMNS: Final = tuple(column for _, columns in SECTIONS for column in columns)
SCHEMA: Final = pa.schema(
    [pa.field(column.name, column.type, metadata={"comment": column.comment}) for column in COLUMNS]
)
READ_OF_RUNS: Final = (
    *("run_id", "clock", "started_at", "estate_id", "rules_id", "waivers_digest"),
    *("inventory_digest", "complete", "decisions_fail", "decisions_unknown", "decisions_error"),
    *(f"{figure}_{status}" for status in Status for figure in ("tables", "bytes", "unsized")),
    *("source", "scope", "policy_ids", "run"),
)
READ_OF_FAILURES: Final = (
    *("full_name", "policy_id", "violation_key", "state", "first_failed_at", "failing_since"),
    *("last_failed_at", "settled_at", "reopened", "contradicted", "decided_at", "rules_id"),
)
READ_OF_DECISIONS: Final = ("full_name", "policy_id", "outcome", "enforcement", "status", "bytes")
NEEDED: Final = {PARTITION, "completeness", *READ_OF_RUNS, *READ_OF_FAILURES, *READ_OF_DECISIONS}
"""The columns that a run reads. Others are added where an older version hasn't written them."""
