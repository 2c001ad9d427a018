"""Waits until a statement has ended, however it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from databricks.sdk.service.sql import StatementResponse, StatementState

from lakewarden_collector.sources.databricks.paced_clock import PacedClock
from lakewarden_collector.sources.databricks.statements.errors import StatementError, failure

OVER: Final = frozenset(
    {
        StatementState.SUCCEEDED,
        StatementState.FAILED,
        StatementState.CANCELED,
        StatementState.CLOSED,
    }
)
_FIRST, _SLOWER, _SLOWEST = 1.0, 1.5, 5.0
"""Seconds before the second look, the factor to the next wait, and the longest wait. A look may
itself take 5 seconds to tell the latest (`get_statement` in the SDK)."""


@dataclass(frozen=True)
class Deadlines:
    """Seconds that a statement is waited for."""

    pending: float = 900.0
    """For the warehouse: a classic one that starts takes minutes."""
    running: float = 600.0
    """For the statement, once it runs."""
    cancelling: float = 15.0
    """For a statement to end that was given up and cancelled."""
    leaving: float = 1.0
    """For those under way to get an id when the run is to stop, and then for them to be cancelled:
    an interrupt ends a run within two seconds."""


def state_of(response: StatementResponse) -> StatementState | None:
    """Return the state; None for one that the SDK does not know, which is not over."""
    return response.status.state if response.status else None


def follow(
    response: StatementResponse,
    ask: Callable[[], StatementResponse],
    *,
    begun: float,
    clock: PacedClock,
    deadlines: Deadlines,
    on_pending: Callable[[float], None],
    where: str,
) -> StatementResponse:
    """Return the statement's last response, with a state that is over.

    `begun` is when it was sent, by `clock`. Raises `StatementError` past a deadline, when the
    statement may still run.
    """
    wait, running_since = _FIRST, None
    while (state := state_of(response)) not in OVER:
        now = clock.time()
        if state is StatementState.PENDING:
            if now - begun > deadlines.pending:
                raise _not_started(deadlines.pending, where)
            on_pending(now - begun)
        elif running_since is None:
            running_since = now
        elif now - running_since > deadlines.running:
            raise StatementError(
                kind="failed",
                message=f"it was still running after {deadlines.running / 60:.0f} minutes",
                where=where,
            )
        clock.sleep(wait)
        wait = min(wait * _SLOWER, _SLOWEST)
        response = ask()
    return response


def check_succeeded(response: StatementResponse, where: str) -> None:
    """Raise `StatementError` unless the statement succeeded and its answer can be had."""
    status, state = response.status, state_of(response)
    if state is StatementState.SUCCEEDED:
        return
    if status is not None and state is StatementState.FAILED:
        raise failure(status, where)
    closed = state is StatementState.CLOSED
    raise StatementError(
        kind="failed",
        message="its answer is no longer there" if closed else "somebody else cancelled it",
        transient=closed,
        where=where,
    )


def _not_started(seconds: float, where: str) -> StatementError:
    return StatementError(
        kind="failed",
        message=f"the SQL warehouse did not take the statement up in {seconds / 60:.0f} minutes",
        fatal=True,
        where=where,
        remedy="see whether the warehouse starts, or name another one with --warehouse-id",
    )
