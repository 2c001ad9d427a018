"""Sends statements that only read to a SQL warehouse, and brings their answers.

All that this project ever asks of the Statement Execution API is asked here
(https://docs.databricks.com/api/workspace/statementexecution). Its answer to a statement that
fails is HTTP 200 with the state FAILED; a statement whose answer nobody waits for goes on running
until it is cancelled.
"""

from __future__ import annotations

import threading
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
from msgspec import Struct

from lakewarden_collector.errors import clause
from lakewarden_collector.sources.databricks.concurrency.pace import (
    Interrupted,
    Pace,
    RequestCounts,
)
from lakewarden_collector.sources.databricks.statements.calls import (
    call,
    is_gone,
    is_of_request,
    is_refused,
)
from lakewarden_collector.sources.databricks.statements.errors import (
    ANOTHER_WAREHOUSE,
    LinksError,
    StatementError,
    UnusableError,
    exceeds_inline,
    names_warehouse,
    refuses_links,
    refuses_tags,
    understood,
    unusable,
)
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.polling import (
    OVER,
    Deadlines,
    InFlight,
    check_succeeded,
    follow,
    read,
    state_of,
)
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

RESENDS: Final = 6
"""How many times a statement is sent again: after failures that may pass, or another way."""
_LONGEST_REST: Final = 10.0
"""Seconds before the last times: 33 in all."""
_WAIT: Final = "5s"
"""How long the first request waits for the answer: the least that the API allows apart from 0."""
_CANCELLERS: Final = 64
_SLICES: Final = 4
_MOST_SLICES: Final = 256
"""In how many parts an answer is asked for that is too large: four, then each again in four."""

_FIRST_FAILURES: Final = 4
"""How many statements' requests may fail until the others are spared, where none was ever accepted:
more than are about system tables, each of which could be wrong by itself."""
_FAILURES_IN_A_ROW: Final = 32
"""How many later: a server that fell silent costs each of them its whole deadline."""
_TRIALS: Final = 8
"""How many refusals in different words are met without query tags, without success."""

T = TypeVar("T")


class _Way(Struct, frozen=True, kw_only=True):
    """How one attempt asks: for links to the answer, and with tags for the owner's accounts."""

    links: bool
    tags: bool


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
        spent: RequestCounts,
        on_pending: Callable[[float], None] | None = None,
        note: Callable[[str], None] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._api = client.statement_execution
        self._warehouse_id = warehouse_id
        self._pace = pace
        self._clock = pace.clock
        self._spent = spent
        self._on_pending = on_pending or (lambda _: None)
        self._deadlines = deadlines or Deadlines()
        self._note = note or (lambda _: None)
        self._links = Links(pace.clock)
        self._without_links = ""
        """Why answers come inline alone."""
        self._without_tags = False
        self._not_for_tags: set[str] = set()
        """Refusals that came without query tags, too."""
        self._failing: set[str] = set()
        """The statements whose requests have failed since one was last answered."""
        self._changing = threading.Lock()
        self._first = threading.Lock()
        self._accepted = False
        self._ended: StatementError | None = None
        """After what no statement can succeed any more."""
        self._in_flight = InFlight()

    def __call__(self, statement: Statement) -> Rows:
        """Return all rows of the statement's answer.

        Raises `StatementError`; and `Interrupted` where the run is to stop, when the statement may
        still run until `cancel_all` has cancelled it.
        """
        with self._pace.statements.permit():
            try:
                rows = self._anyway(statement, links=statement.large)
            except StatementError as error:
                if error.fatal:
                    self._ended = error
                elif self._fails_always(statement, error):
                    self._ended = _no_warehouse(error)
                    raise self._ended from error
                raise
            self._failing.clear()
            return rows

    run = __call__

    def _fails_always(self, statement: Statement, error: StatementError) -> bool:
        """Tell whether requests have failed so often that further statements would fail as well."""
        if not is_of_request(error):
            self._failing.clear()
            return False
        if self._accepted and error.refused:
            return False
        with self._changing:
            self._failing.add(statement.text)
            most = _FAILURES_IN_A_ROW if self._accepted else _FIRST_FAILURES
            return len(self._failing) >= most

    def _anyway(self, statement: Statement, *, links: bool) -> Rows:
        """Return the answer, by the first way that leads to it.

        Links and query tags are extras: where they are refused, or the links' host cannot be
        reached, statements go without from then on.
        """
        resends, untagged = 0, ""
        while True:
            tags = not (self._without_tags or untagged)
            way = _Way(links=links and not self._without_links, tags=tags)
            try:
                rows = self._once(statement, way, resends=resends)
            except StatementError as error:
                self._learn(untagged, refused=error.refused)
                if self._goes_without(error, way):
                    pass
                elif way.tags and self._may_mean_tags(error):
                    untagged = error.message
                elif not way.links and exceeds_inline(error):
                    if self._without_links:
                        return self._in_slices(statement, error)
                    links = True
                elif error.transient and resends < RESENDS:
                    if error.overloaded:
                        self._pace.statements.throttled()
                    self._clock.sleep(min(2.0**resends, _LONGEST_REST))
                else:
                    raise
            else:
                self._learn(untagged, refused=False)
                return rows
            resends += 1

    def _goes_without(self, error: StatementError, way: _Way) -> bool:
        """Tell whether an error is about an extra, which no statement has from then on."""
        if way.tags and refuses_tags(error):
            self._without_tags = True
            return True
        if not way.links:
            return False
        if isinstance(error, LinksError):
            self._leave_links(
                f"the cloud storage that holds them doesn't return them ({clause(error.why)})"
            )
        elif isinstance(error, UnusableError):
            self._leave_links(f"the linked answer is incomplete ({clause(error.what)})")
        elif refuses_links(error):
            self._leave_links("the workspace refuses external links")
        else:
            return False
        return True

    def _may_mean_tags(self, error: StatementError) -> bool:
        """Tell whether a request may pass without query tags that was refused in other words."""
        known = error.fatal or refuses_links(error) or exceeds_inline(error)
        tried = error.message in self._not_for_tags or len(self._not_for_tags) >= _TRIALS
        return error.refused and not known and not tried

    def _learn(self, untagged: str, *, refused: bool) -> None:
        """Note whether going without query tags after a refusal helped, if that was tried."""
        if untagged and refused:
            self._not_for_tags.add(untagged)
        elif untagged:
            self._without_tags = True

    def _leave_links(self, why: str) -> None:
        with self._changing:
            noted, self._without_links = self._without_links, why
        if not noted:
            self._note(f"Large answers come inline from here on: {why}")

    def _in_slices(self, statement: Statement, error: StatementError) -> Rows:
        """Return an answer that is too large as a whole, in ever smaller parts."""
        if not statement.sliced:
            raise self._too_large(statement, error) from error
        whole: list[Rows] = []
        left = [(number, _SLICES) for number in range(_SLICES)]
        while left:
            number, of = left.pop(0)
            try:
                whole.append(self._anyway(statement.slice(number, of), links=False))
            except _TooLargeError as too_large:
                if of * _SLICES > _MOST_SLICES:
                    raise self._too_large(statement, error) from too_large
                # What had the rest `number` of `of` has one of these of four times as many.
                left[:0] = [(number + of * part, of * _SLICES) for part in range(_SLICES)]
        return Rows(
            columns=whole[0].columns, rows=tuple(row for part in whole for row in part.rows)
        )

    def _too_large(self, statement: Statement, error: StatementError) -> StatementError:
        return _TooLargeError(
            kind="failed",
            message=f"the answer is too large to come inline, and {self._without_links}: "
            f"{error.what}",
            where=statement.kind,
            remedy="let the network reach the workspace's cloud storage, or collect less at once "
            "with --include",
        )

    def cancel_all(self) -> int:
        """Cancel what is running, wait for it to end, and send nothing more.

        Returns how many statements could not be seen to end.
        """
        ids, unknown = self._in_flight.close(self._deadlines.leaving)
        if not ids:
            return unknown
        cancel = partial(self._cancel, seconds=self._deadlines.leaving)
        with ThreadPoolExecutor(min(len(ids), _CANCELLERS)) as pool:
            return unknown + sum(not ended for ended in pool.map(cancel, ids))

    def _once(self, statement: Statement, way: _Way, *, resends: int) -> Rows:
        where, begun = statement.kind, self._clock.time()
        response = self._send_first(statement, way, resends=resends)
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
            rows = read(response, chunk, self._links, where)
        if rows.rows and (lacking := set(statement.columns) - set(rows.columns)):
            raise unusable(f"it has no column {', '.join(sorted(lacking))}", where)
        return rows

    def _send_first(self, statement: Statement, way: _Way, *, resends: int) -> StatementResponse:
        """Send a statement; until one was accepted, one at a time, as all others may fare alike."""
        if self._accepted:
            return self._send(statement, way, resends=resends)
        with self._first:
            if self._ended is not None:
                raise self._ended
            try:
                response = self._send(statement, way, resends=resends)
            except StatementError as error:
                if error.fatal and not (way.tags and refuses_tags(error)):
                    self._ended = error
                raise
            self._accepted = True
            return response

    def _send(self, statement: Statement, way: _Way, *, resends: int) -> StatementResponse:
        self._pace.check()
        with self._in_flight.posting():
            self._spent.add("resent" if resends else statement.kind)
            try:
                response = call(self._clock, lambda: self._post(statement, way), statement.kind)
            except StatementError as error:
                if _is_about_warehouse(error):
                    raise _no_warehouse(error) from error
                error.refused = is_refused(error)
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
            if not is_gone(error):
                raise
            # The statement is gone, not what it asked about.
            raise StatementError(
                kind="failed", message=error.message, transient=True, where=where
            ) from error

    def _cancel(self, known: str, seconds: float | None = None) -> bool:
        """Cancel one statement; return whether it has ended by now."""
        ask = partial(self._api.get_statement, known)
        with self._clock.shielded(seconds or self._deadlines.cancelling):
            try:
                call(self._clock, lambda: self._api.cancel_execution(known), "cancel")
                wait = 0.25
                # The cancelling may be lost, or come too late: only the state tells.
                while state_of(call(self._clock, ask, "cancel")) not in OVER:
                    self._clock.sleep(wait)
                    wait = min(2 * wait, 2.0)
            except StatementError as error:
                if not is_gone(error):  # else it has ended before
                    return False
            except Interrupted:
                return False
        self._in_flight.ended(known)
        return True

    def _post(self, statement: Statement, way: _Way) -> StatementResponse:
        return self._api.execute_statement(
            statement.text,
            self._warehouse_id,
            disposition=Disposition.EXTERNAL_LINKS if way.links else Disposition.INLINE,
            format=Format.JSON_ARRAY,
            # Ignored with a wait of 0 seconds.
            on_wait_timeout=None if way.links else ExecuteStatementRequestOnWaitTimeout.CONTINUE,
            wait_timeout="0s" if way.links else _WAIT,
            parameters=[
                StatementParameterListItem(name=each.name, value=each.value, type=each.type)
                for each in statement.parameters
            ]
            or None,
            query_tags=[QueryTag(key="lakewarden", value=statement.kind)] if way.tags else None,
        )


class _TooLargeError(StatementError):
    """An answer that cannot come inline, where there is no other way."""


def _is_about_warehouse(error: StatementError) -> bool:
    """Tell whether a request was refused for the warehouse that it names.

    404 says so by itself: a table that is missing fails the statement instead. Others are known by
    their words, but for what else is refused of the request.
    """
    if is_gone(error):
        return True
    about_extras = refuses_tags(error) or refuses_links(error)
    return is_refused(error) and not about_extras and names_warehouse(error.message)


def _no_warehouse(error: StatementError) -> StatementError:
    gone = is_gone(error)
    what = "is not there" if gone else "accepts no statements"
    return StatementError(
        kind="missing" if gone else "failed",
        message=f"the SQL warehouse {what}: {error.message}",
        error_class=error.error_class,
        fatal=True,
        where=error.where,
        remedy=ANOTHER_WAREHOUSE,
    )
