"""Sends statements to a SQL warehouse through databricks-sdk, and waits for their end."""

from __future__ import annotations

import threading
import time
from typing import Final

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.sql import ResultData, StatementResponse, StatementState
from requests.exceptions import RequestException

from tests.factory.errors import FactoryError, Trouble
from tests.factory.place import Schema
from tests.factory.refusals import SentStatement

DEADLINE: Final = 900.0
"""Seconds for a statement: a stopped classic warehouse takes minutes to start."""

AT_ONCE: Final = 4
"""Statements that are sent at once: few enough for the smallest warehouse."""

_RUNNING: Final = (StatementState.PENDING, StatementState.RUNNING)
_SHORTEST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 1.0
_GRACE: Final = 30.0
"""Seconds in which a statement that is to end is watched."""

Row = dict[str, str | None]
"""Values by column, as text."""


class Warehouse:
    """The warehouse that a client's configuration names. Its methods may be called by threads.

    A statement that is given up, since it takes too long or all is to end, is cancelled and
    watched until it has ended. After `stop`, `run` raises `FactoryError`.
    """

    def __init__(
        self, client: WorkspaceClient, schema: Schema, *, deadline: float = DEADLINE
    ) -> None:
        """Take the client; raises `FactoryError` where its configuration names no warehouse.

        `schema` is where the statements work; errors say what is to be granted there.
        """
        named = client.config.warehouse_id
        if not named:
            raise FactoryError(
                "there is no SQL warehouse to send statements to",
                Trouble.NO_WAREHOUSE,
                remedy="Name one in DATABRICKS_WAREHOUSE_ID, or as warehouse_id in the profile of"
                " ~/.databrickscfg; a 2X-Small one is enough.",
            )
        self._id = named
        self._schema = schema
        self._statements = client.statement_execution
        self._deadline = deadline
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the statements under way; those that are whole are waited for a while."""
        self._stopped.set()

    def run(self, statement: str, *, about: str, whole: bool = False) -> list[Row]:
        """Run a statement to its end and return its rows.

        `about` is what an error is about. A statement that is `whole`, such as a CREATE, may come
        to its end after `stop`: cancelled, it might still happen, and nobody would know. Raises
        `FactoryError`.
        """
        asked = SentStatement(about, statement, self._id, self._schema)
        if self._stopped.is_set():
            raise asked.interrupted()
        # Sent without waiting for its end: so its id is known from the beginning, and a request
        # whose answer is lost is repeated at once, not when a table already exists.
        answer = asked.sending(
            lambda: self._statements.execute_statement(
                statement=statement, warehouse_id=self._id, wait_timeout="0s"
            )
        )
        identity = answer.statement_id or ""
        try:
            ended = self._ended(answer, asked, whole=whole)
        except BaseException:
            self._cancel(identity)
            raise
        if _state(ended) is not StatementState.SUCCEEDED:
            raise asked.failure(ended)
        return self._rows(ended, asked)

    def _ended(
        self, answer: StatementResponse, asked: SentStatement, *, whole: bool
    ) -> StatementResponse:
        """Ask for the state until it is a last one."""
        identity = answer.statement_id or ""
        give_up = time.monotonic() + self._deadline
        pause = _SHORTEST_PAUSE
        stopped = False
        while _state(answer) in _RUNNING:
            if self._stopped.is_set() and not stopped:
                stopped = True
                give_up = min(give_up, time.monotonic() + (_GRACE if whole else 0.0))
            if time.monotonic() >= give_up:
                raise asked.interrupted() if stopped else asked.late(self._deadline)
            if stopped:
                time.sleep(pause)
            else:
                self._stopped.wait(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            answer = asked.sent(lambda: self._statements.get_statement(identity))
        return answer

    def _cancel(self, identity: str) -> None:
        """Cancel, and watch a while: a cancellation may lose the race against the statement."""
        try:
            self._statements.cancel_execution(identity)
            until = time.monotonic() + _GRACE
            while _state(self._statements.get_statement(identity)) in _RUNNING:
                if time.monotonic() > until:
                    return
                time.sleep(_LONGEST_PAUSE / 4)
        except (DatabricksError, RequestException, TimeoutError):
            return  # why it was cancelled is told; more cannot be done about it

    def _rows(self, answer: StatementResponse, asked: SentStatement) -> list[Row]:
        schema = answer.manifest.schema if answer.manifest else None
        names = [column.name or "" for column in (schema.columns if schema else None) or []]
        identity = answer.statement_id or ""
        rows: list[Row] = []
        part = answer.result
        while part is not None:
            rows += [dict(zip(names, row, strict=True)) for row in part.data_array or []]
            number = part.next_chunk_index
            part = None if number is None else self._chunk(identity, number, asked)
        return rows

    def _chunk(self, identity: str, number: int, asked: SentStatement) -> ResultData:
        return asked.sent(lambda: self._statements.get_statement_result_chunk_n(identity, number))


def _state(answer: StatementResponse) -> StatementState | None:
    return answer.status.state if answer.status else None
