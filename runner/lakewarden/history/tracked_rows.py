"""What the history's rows of a run follow: its violations, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from lakewarden.history.columns import FAILURE, READ_OF_FAILURES, TABLE_ID
from lakewarden.history.failures import State, TrackedFailure, TrackedTable
from lakewarden.history.store import FoundRun, Snapshot


def tracked_tables(snapshot: Snapshot, run: FoundRun) -> Iterator[TrackedTable]:
    """Yield the tables of a run of which something is followed, with that."""
    tables: dict[str, list[TrackedFailure]] = {}
    ids: dict[str, str] = {}
    has_ids = snapshot.has_column(TABLE_ID)
    names = (*READ_OF_FAILURES, TABLE_ID) if has_ids else READ_OF_FAILURES
    for columns in snapshot.rows_of(FAILURE, run.run_id, names):
        for row in zip(*(columns[name] for name in READ_OF_FAILURES), strict=True):
            full_name, failure = _failure(row)
            tables.setdefault(full_name, []).append(failure)
        if has_ids:
            ids |= {n: i for n, i in zip(columns["full_name"], columns[TABLE_ID], strict=True) if i}
    return (TrackedTable(name, tuple(found), ids.get(name)) for name, found in tables.items())


def _failure(row: Sequence[Any]) -> tuple[str, TrackedFailure]:
    full_name, policy_id, key, state, first, since, last, settled, reopened, again, at, rules = row
    return full_name, TrackedFailure(
        policy_id=policy_id,
        key=key,
        state=State(state),
        first_failed_at=moment_text(first),
        failing_since=moment_text(since),
        last_failed_at=moment_text(last),
        settled_at=None if settled is None else moment_text(settled),
        reopened=reopened,
        contradicted=again,
        decided_at=moment_text(at),
        rules_id=rules,
    )


def moment_text(moment: datetime) -> str:
    """Write a row's moment as reports do, RFC 3339 in UTC."""
    return moment.replace(tzinfo=None).isoformat() + "Z"
