"""Sends statements that only read to a SQL warehouse, and brings their answers.

All that this project ever asks of the Statement Execution API is asked here
(https://docs.databricks.com/api/workspace/statementexecution). Its answer to a statement that
fails is HTTP 200 with the state FAILED; a statement whose answer nobody waits for goes on running
until it is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import (
    Disposition,
    ExecuteStatementRequestOnWaitTimeout,
    Format,
    QueryTag,
    ResultData,
    StatementParameterListItem,
    StatementResponse,
    StatementState,
)

from lakewarden_collector.sources.databricks.pacing import Interrupted, Pace, Spent
from lakewarden_collector.sources.databricks.statements.answers import read
from lakewarden_collector.sources.databricks.statements.calls import call
from lakewarden_collector.sources.databricks.statements.errors import (
    StatementError,
    exceeds_inline,
    refuses_links,
    understood,
    unusable,
)
from lakewarden_collector.sources.databricks.statements.in_flight import InFlight
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.polling import (
    OVER,
    Deadlines,
    check_succeeded,
    follow,
    state_of,
)
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

RESENDS: Final = 6
"""How many times a statement is sent again: after failures that may pass, or another way."""
_LONGEST_REST: Final = 10.0
"""Seconds before the last times: 33 in all."""
_WAIT: Final = "5s"
"""How long the first request waits for the answer: the least that the API allows besides 0."""
_CANCELLERS: Final = 16

T = TypeVar("T")


class StatementRunner:
    """Runs statements on one warehouse; any number of threads may call it.

    `on_pending` is told, now and then, for how many seconds a statement has waited for the
    warehouse. What is sent is counted in `spent` by kind, and under `resent` when sent again.
    """

    def __init__(
        self,
        client: WorkspaceClient,
        warehouse_id: str,
        *,
        pace: Pace,
        spent: Spent,
        on_pending: Callable[[float], None] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._api = client.statement_execution
        self._warehouse_id = warehouse_id
        self._pace = pace
        self._clock = pace.clock
        self._spent = spent
        self._on_pending = on_pending or (lambda _: None)
        self._deadlines = deadlines or Deadlines()
        self._links = Links(pace.clock)
        self._links_refused = False
        self._in_flight = InFlight()

    def __call__(self, statement: Statement) -> Rows:
        """Return all rows of the statement's answer.

        Raises `StatementError`; and `Interrupted` where the run is to stop, when the statement may
        still run until `cancel_all` has cancelled it.
        """
        with self._pace.statements.permit():
            resends, links = 0, statement.large
            while True:
                asked = links and not self._links_refused
                try:
                    return self._once(statement, links=asked, resends=resends)
                except StatementError as error:
                    if asked and refuses_links(error):
                        self._links_refused = True
                    elif not links and exceeds_inline(error):
                        links = True
                    elif error.transient and resends < RESENDS:
                        if error.overloaded:
                            self._pace.statements.throttled()
                        self._clock.sleep(min(2.0**resends, _LONGEST_REST))
                    else:
                        raise
                resends += 1

    run = __call__

    def cancel_all(self) -> int:
        """Cancel what is running, wait for it to end, and send nothing more.

        Returns how many statements could not be seen to end.
        """
        ids, unknown = self._in_flight.close(self._deadlines.cancelling)
        if not ids:
            return unknown
        with ThreadPoolExecutor(min(len(ids), _CANCELLERS)) as pool:
            return unknown + sum(not ended for ended in pool.map(self._cancel, ids))

    def _once(self, statement: Statement, *, links: bool, resends: int) -> Rows:
        where, begun = statement.kind, self._clock.time()
        response = self._send(statement, links=links, resends=resends)
        known = response.statement_id or ""
        try:
            response = follow(
                response,
                lambda: self._about(lambda: self._api.get_statement(known), where),
                begun=begun,
                clock=self._clock,
                deadlines=self._deadlines,
                on_pending=self._on_pending,
                where=where,
            )
        except StatementError:
            self._cancel(known)
            raise
        self._in_flight.ended(known)
        if state_of(response) is StatementState.CANCELED and self._in_flight.closed:
            raise Interrupted

        def chunk(index: int) -> ResultData:
            return self._about(lambda: self._api.get_statement_result_chunk_n(known, index), where)

        with understood(where, ValueError):
            check_succeeded(response, where)
            return read(response, chunk, self._links, where)

    def _send(self, statement: Statement, *, links: bool, resends: int) -> StatementResponse:
        self._pace.check()
        with self._in_flight.posting():
            self._spent.add("resent" if resends else statement.kind)
            try:
                response = call(
                    self._clock, lambda: self._post(statement, links=links), statement.kind
                )
            except StatementError as error:
                # 404 is about the request: a table that is missing fails the statement instead.
                if error.kind == "missing":
                    raise _no_warehouse(error) from error
                raise
            if not isinstance(response.statement_id, str) or not response.statement_id:
                raise unusable("it names no statement", statement.kind)
            if state_of(response) not in OVER:
                self._in_flight.sent(response.statement_id)
        if self._in_flight.left_behind(response.statement_id):
            self._cancel(response.statement_id or "")
            raise Interrupted
        return response

    def _about(self, request: Callable[[], T], where: str) -> T:
        """Return what a request about a statement that was sent answers."""
        if self._in_flight.closed:
            raise Interrupted
        try:
            return call(self._clock, request, where)
        except StatementError as error:
            if error.kind != "missing":
                raise
            # The statement is gone, not what it asked about.
            raise StatementError(
                kind="failed", message=error.message, transient=True, where=where
            ) from error

    def _cancel(self, known: str) -> bool:
        """Cancel one statement; return whether it has ended by now."""
        ask = partial(self._api.get_statement, known)
        with self._clock.shielded(self._deadlines.cancelling):
            try:
                call(self._clock, lambda: self._api.cancel_execution(known), "cancel")
                wait = 0.25
                # The cancelling may be lost, or come too late: only the state tells.
                while state_of(call(self._clock, ask, "cancel")) not in OVER:
                    self._clock.sleep(wait)
                    wait = min(2 * wait, 2.0)
            except StatementError as error:
                if error.kind != "missing":  # else it is gone, and has ended before
                    return False
            except Interrupted:
                return False
        self._in_flight.ended(known)
        return True

    def _post(self, statement: Statement, *, links: bool) -> StatementResponse:
        return self._api.execute_statement(
            statement.text,
            self._warehouse_id,
            disposition=Disposition.EXTERNAL_LINKS if links else Disposition.INLINE,
            format=Format.JSON_ARRAY,
            # Ignored with a wait of 0 seconds.
            on_wait_timeout=None if links else ExecuteStatementRequestOnWaitTimeout.CONTINUE,
            wait_timeout="0s" if links else _WAIT,
            parameters=[
                StatementParameterListItem(name=each.name, value=each.value, type=each.type)
                for each in statement.parameters
            ]
            or None,
            query_tags=[QueryTag(key="lakewarden", value=statement.kind)],
        )


def _no_warehouse(error: StatementError) -> StatementError:
    return StatementError(
        kind="missing",
        message=f"the SQL warehouse is not there: {error.message}",
        error_class=error.error_class,
        fatal=True,
        where=error.where,
        remedy="name another one with --warehouse-id or DATABRICKS_WAREHOUSE_ID",
    )
