"""From a report to the rows that the history keeps of it, some thousand tables at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import pyarrow as pa
from msgspec import Struct

from lakewarden.history.columns import DECISION, FAILURE, PARTITION, RUN, SCHEMA, TABLE_ID
from lakewarden.history.failures import (
    RunFailures,
    State,
    TrackedFailure,
    age_days,
    days_to_fix,
    with_past,
)
from lakewarden.history.identity import About
from lakewarden.model.decision import Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Report, TableReport
from lakewarden.report.amounts import bytes_of
from lakewarden.report.history_tally import HistoryTally
from lakewarden.report.table_status import enforcement_of, severity_of, status_of
from lakewarden_collector.names import split_name

_TABLES: Final = 1_000
"""Tables that are held at a time."""

_PARTS: Final = 3
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class RunKey(Struct, frozen=True, kw_only=True):
    """What all rows of one run say."""

    run_id: str
    clock: str
    about: About


def batches(report: Report, key: RunKey, failures: RunFailures) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a run: decisions and failures by table, the run itself last."""
    index = {policy.policy_id: policy for policy in report.policies}
    tally = HistoryTally(key.clock, report.policies)
    chunk: list[TableReport] = []
    for table in report.tables():
        chunk.append(table)
        if len(chunk) == _TABLES:
            yield from _of_tables(chunk, index, key, failures, tally)
            chunk = []
    yield from _of_tables(chunk, index, key, failures, tally)
    gone = [
        (_names(each.full_name) | {TABLE_ID: each.table_id}, each.failures)
        for each in failures.rest(complete=report.completeness.complete)
    ]
    yield _failures(gone, key)
    yield _run(report, key, tally, failures)


def _of_tables(
    tables: Sequence[TableReport],
    index: Mapping[str, Policy],
    key: RunKey,
    failures: RunFailures,
    tally: HistoryTally,
) -> Iterator[pa.RecordBatch]:
    about, tracked = [], []
    for table in tables:
        values = {
            "full_name": table.full_name,
            "catalog_name": table.catalog_name,
            "schema_name": table.schema_name,
            "name": table.name,
            TABLE_ID: table.table_id,
            "owner": table.owner,
            "bytes": bytes_of(table),
            "status": status_of(table, index).value,
        }
        about.append(values)
        found = failures.follow(table)
        tally.add(with_past(table, found))
        tracked.append((values, found))
    yield _decisions(tables, about, index, key)
    yield _failures(tracked, key, {table.full_name: table for table in tables}, index)


def _decisions(
    tables: Sequence[TableReport],
    about: Sequence[dict[str, Any]],
    index: Mapping[str, Policy],
    key: RunKey,
) -> pa.RecordBatch:
    repeated = pa.array([n for n in range(len(tables)) for _ in index], pa.int32())
    columns: dict[str, Any] = {
        name: pa.array([values[name] for values in about], SCHEMA.field(name).type).take(repeated)
        for name in (about[0] if about else ())
    }
    policies = list(index.items())
    rows = [(policy, table.decisions[name]) for table in tables for name, policy in policies]
    columns |= {
        "policy_id": [policy.policy_id for policy, _ in rows],
        "severity": [severity_of(*row).value for row in rows],
        "enforcement": [enforcement_of(*row).value for row in rows],
        "outcome": [decision.outcome.value for _, decision in rows],
        "violations": [
            len(each.violations) if each.outcome is Outcome.FAIL else None for _, each in rows
        ],
        "exemption": [each.exemptions[0].kind if each.exemptions else None for _, each in rows],
    }
    return _batch(DECISION, key, columns, len(rows))


def _failures(
    tracked: Sequence[tuple[dict[str, Any], Sequence[TrackedFailure]]],
    key: RunKey,
    tables: Mapping[str, TableReport] | None = None,
    index: Mapping[str, Policy] | None = None,
) -> pa.RecordBatch:
    rows: list[dict[str, Any]] = []
    for values, failures in tracked:
        table = (tables or {}).get(values["full_name"])
        for each in failures:
            row = {**values, **_failure(each, key.clock)}
            policy = (index or {}).get(each.policy_id)
            if table is not None and policy is not None:
                decision = table.decisions[each.policy_id]
                row["severity"] = severity_of(policy, decision).value
                row["enforcement"] = enforcement_of(policy, decision).value
            rows.append(row)
    names = {name for row in rows for name in row}
    columns = {name: [row.get(name) for row in rows] for name in names}
    return _batch(FAILURE, key, columns, len(rows))


def _failure(failure: TrackedFailure, clock: str) -> dict[str, Any]:
    settled_at, fails = failure.settled_at, failure.state is State.FAILING
    return {
        "policy_id": failure.policy_id,
        "violation_key": failure.key,
        "state": failure.state.value,
        "first_failed_at": _time(failure.first_failed_at),
        "failing_since": _time(failure.failing_since),
        "last_failed_at": _time(failure.last_failed_at),
        "settled_at": _time(settled_at) if settled_at else None,
        "decided_at": _time(failure.decided_at),
        "age_days": age_days(failure.failing_since, clock) if fails else None,
        "days_to_fix": days_to_fix(failure) if failure.state is State.FIXED else None,
        "reopened": failure.reopened,
        "contradicted": failure.contradicted,
        "rules_id": failure.rules_id,
    }


def _run(report: Report, key: RunKey, tally: HistoryTally, failures: RunFailures) -> pa.RecordBatch:
    run, completeness = report.run, report.completeness
    own = tally.run(key.run_id, completeness, report.summary)
    history = tally.history(
        (own,), not_listed=0, apart=0, fixed=failures.fixed, days_to_fix=failures.days_to_fix
    )
    values: dict[str, Any] = {
        "started_at": _time(run.started_at),
        "finished_at": _time(run.finished_at),
        "tool_version": run.tool_version,
        "engine": f"{run.engine.name} {run.engine.version}",
        "policies_digest": run.digests.policies,
        "settings_digest": run.digests.settings,
        "waivers_digest": run.digests.waivers,
        "inventory_digest": run.digests.inventory,
        "exit_code": report.gate.exit_code,
        "complete": completeness.complete,
        "tables_known": completeness.tables_known,
        "tables_evaluated": completeness.tables_evaluated,
        "tables_failed": completeness.tables_failed,
        "failures_failing": history.failing,
        "failures_new": history.new,
        "failures_reopened": history.reopened,
        "failures_contradicted": history.contradicted,
        "failures_fixed": history.fixed,
        "days_to_fix_median": history.days_to_fix,
        "policy_ids": _encode([policy.policy_id for policy in report.policies]).decode(),
        "run": _encode(run).decode(),
        "completeness": _encode(completeness).decode(),
    }
    for status, amount in own.tables.items():
        values[f"tables_{status}"] = amount.tables
        values[f"bytes_{status}"] = amount.bytes
        values[f"unsized_{status}"] = amount.unsized
    for outcome in Outcome:
        values[f"decisions_{outcome}"] = report.summary.total.outcomes[outcome]
    return _batch(RUN, key, {name: [value] for name, value in values.items()}, 1)


def _batch(kind: str, key: RunKey, columns: Mapping[str, Any], rows: int) -> pa.RecordBatch:
    """Return a batch with all columns; those that aren't given are null."""
    constants = {
        PARTITION: kind,
        "run_id": key.run_id,
        "clock": _time(key.clock),
        "estate_id": key.about.estate_id,
        "rules_id": key.about.rules_id,
        "source": key.about.source,
        "scope": key.about.scope,
        "narrowed": " ".join(key.about.narrowed) or None,
    }
    arrays = []
    for field in SCHEMA:
        given = columns.get(field.name)
        if isinstance(given, pa.Array):
            arrays.append(given)
        elif given is not None:
            arrays.append(pa.array(given, field.type))
        elif field.name in constants:
            arrays.append(pa.repeat(pa.scalar(constants[field.name], field.type), rows))
        else:
            arrays.append(pa.nulls(rows, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _names(full_name: str) -> dict[str, Any]:
    """Return what is known of a table that the run didn't evaluate."""
    try:
        parts = split_name(full_name)
    except ValueError:
        parts = ()
    named = dict(zip(("catalog_name", "schema_name", "name"), parts, strict=False))
    return {"full_name": full_name, **(named if len(parts) == _PARTS else {})}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
