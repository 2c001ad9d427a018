"""Which statements are under way; waits until one has ended, and reads its rows by chunks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.sql import (
    ExternalLink,
    ResultData,
    ResultManifest,
    StatementResponse,
    StatementState,
)

from lakewarden_collector.sources.databricks.concurrency.permits import Interrupted
from lakewarden_collector.sources.databricks.concurrency.retry_clock import PacedClock
from lakewarden_collector.sources.databricks.statements.errors import (
    StatementError,
    failure,
    unusable,
)
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.statement import Rows

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


class InFlight:
    """Knows which statements were sent and have not ended; any thread may ask or tell."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ids: set[str] = set()
        self._posting = 0
        self._lost = 0
        self._closed = False
        self._left: set[str] | None = None

    @property
    def closed(self) -> bool:
        """Whether no further statement is to be sent."""
        return self._closed

    @contextmanager
    def posting(self) -> Iterator[None]:
        """Note for the block that a statement is being sent, whose id nobody knows yet.

        Raises `Interrupted` where no further statement is to be sent.
        """
        with self._changed:
            if self._closed:
                raise Interrupted
            self._posting += 1
        lost = False
        try:
            yield
        except (Interrupted, KeyboardInterrupt) as stop:
            # It may have arrived, unless the last that was heard of it is that it was refused.
            lost = not isinstance(stop.__context__, DatabricksError)
            raise
        finally:
            with self._changed:
                self._posting -= 1
                self._lost += lost
                self._changed.notify_all()

    def sent(self, statement_id: str) -> None:
        """Note a statement that may be running."""
        with self._changed:
            self._ids.add(statement_id)

    def ended(self, statement_id: str) -> None:
        """Note that a statement is not running any more."""
        with self._changed:
            self._ids.discard(statement_id)

    def close(self, seconds: float) -> tuple[set[str], int]:
        """Let no further statement be sent, and wait until those being sent have an id.

        Returns the statements that may be running, and how many more there may be whose ids are
        not known: lost on the way, or not answered within so many seconds.
        """
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._posting == 0, timeout=seconds)
            self._left = set(self._ids)
            return self._left, self._lost + self._posting

    def left_behind(self, statement_id: str | None) -> bool:
        """Tell whether a statement got its id too late for `close` to return it."""
        with self._changed:
            late = self._left is not None and statement_id not in self._left
            return late and statement_id in self._ids


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
    """Raise `StatementError` unless the statement succeeded and its answer is available."""
    status, state = response.status, state_of(response)
    if state is StatementState.SUCCEEDED:
        return
    if status is not None and state is StatementState.FAILED:
        raise failure(status, where)
    closed = state is StatementState.CLOSED
    raise StatementError(
        kind="failed",
        message="its answer is no longer there" if closed else "someone else cancelled it",
        transient=closed,
        where=where,
    )


def _not_started(seconds: float, where: str) -> StatementError:
    return StatementError(
        kind="failed",
        message=f"the SQL warehouse didn't start the statement within {seconds / 60:.0f} minutes",
        fatal=True,
        where=where,
        remedy="check whether the warehouse starts, or name another one with --warehouse-id",
    )


_FETCHES: Final = 3
"""How many times a chunk is fetched that comes with fewer rows than were promised."""
_MOST_CHUNKS: Final = 10_000
"""Of 20 MB: twice the most that the API keeps of an answer."""

Chunk = Callable[[int], ResultData]
"""Asks for one chunk of the answer by its index."""


def read(response: StatementResponse, chunk: Chunk, links: Links, where: str) -> Rows:
    """Return all rows; raises `StatementError` rather than return some of them."""
    manifest = response.manifest
    if manifest is None or manifest.schema is None:
        raise unusable("it has no schema", where)
    if manifest.truncated:
        raise unusable("it was cut off by the workspace", where)
    columns = sorted(manifest.schema.columns or (), key=lambda column: column.position or 0)
    names = tuple(column.name or "" for column in columns)
    rows: list[tuple[str | None, ...]] = []
    for part in _Chunks(manifest, chunk, links, where).read(response.result):
        for row in part:
            if not isinstance(row, list) or len(row) != len(names):
                raise unusable(f"a row is not one of {len(names)} columns", where)
            rows.append(tuple(None if value is None else str(value) for value in row))
    if manifest.total_row_count is not None and manifest.total_row_count != len(rows):
        raise _too_few(len(rows), manifest.total_row_count, where)
    return Rows(columns=names, rows=tuple(rows))


def _too_few(came: int, promised: int, where: str) -> StatementError:
    return unusable(f"{came:,} rows came where there should be {promised:,} rows", where)


# assumes chunks-are-counted
class _Chunks:
    """The chunks of one answer, from 0 to the last that anything speaks of.

    How many there are is said by the manifest, twice, and by each chunk of the next one; how many
    rows each has by the manifest, by the chunk and by its link; where it begins likewise. A server
    may leave out any of these, so all that are there are believed: what is promised has to come.
    """

    def __init__(self, manifest: ResultManifest, chunk: Chunk, links: Links, where: str) -> None:
        listed = manifest.chunks or ()
        self._ask = chunk
        self._storage = links
        self._where = where
        self._counts = {each.chunk_index: each.row_count for each in listed}
        self._offsets = {each.chunk_index: each.row_offset for each in listed}
        self._links: dict[int, ExternalLink] = {}
        self._total = manifest.total_row_count or 0
        self._promised = max(
            manifest.total_chunk_count or 0,
            len(listed),
            *(1 + (each.chunk_index or 0) for each in listed),
            0,
        )

    def read(self, first: ResultData | None) -> Iterator[list[Any]]:
        """Yield the rows of each chunk, in order; `first` is what came with the answer itself."""
        data, index, before = first, 0, 0
        while index < self._promised or before < self._total or (index == 0 and first is not None):
            rows = self._rows(index, data, before)
            yield rows
            before += len(rows)
            data, index = None, index + 1
            if index > _MOST_CHUNKS:
                raise unusable(f"it has more than {_MOST_CHUNKS:,} chunks", self._where)

    def _rows(self, index: int, data: ResultData | None, before: int) -> list[Any]:
        """Return one chunk's rows; a chunk that came short, or is another one, is fetched again."""
        wrong = ""
        for _ in range(_FETCHES):
            if data is None and index not in self._links:
                data = self._asked_again(index, before)
            rows = self._fetched(index, data)
            wrong = self._wrong(index, data, rows, before)
            if not wrong:
                return rows
            data = None
            self._links.pop(index, None)
        raise unusable(wrong, self._where)

    def _asked_again(self, index: int, before: int) -> ResultData:
        try:
            return self._ask(index)
        except StatementError as error:
            if index < self._promised or error.transient:
                raise
            # That there is such a chunk is only a guess, since rows are lacking.
            raise _too_few(before, self._total, self._where) from error

    def _fetched(self, index: int, data: ResultData | None) -> list[Any]:
        if data is not None:
            self._note(index, data)
        if (link := self._links.get(index)) is not None:
            return self._storage.rows(link, partial(self._renewed, index), self._where)
        return (data.data_array if data is not None else None) or []

    def _note(self, index: int, data: ResultData) -> None:
        """Note which other chunks an answer speaks of."""
        for link in data.external_links or ():
            self._links.setdefault(link.chunk_index or 0, link)
            self._follow(link.chunk_index or 0, link.next_chunk_index)
            self._promised = max(self._promised, 1 + (link.chunk_index or 0))
        # Beside links it may be the first or the last of them that is meant.
        self._follow(-1 if data.external_links else index, data.next_chunk_index)

    def _follow(self, index: int, following: int | None) -> None:
        if following is None:
            return
        if following <= index:
            raise unusable(f"chunk {following} is said to follow twice", self._where)
        self._promised = max(self._promised, 1 + following)

    def _wrong(self, index: int, data: ResultData | None, rows: list[Any], before: int) -> str:
        """Say what of a chunk contradicts what was said about it; nothing where nothing does."""
        link = self._links.get(index)
        inline = data if link is None else None
        stated = [each for each in (link, inline) if each is not None]
        if inline is not None and inline.chunk_index not in (None, index):
            return f"chunk {inline.chunk_index} came where chunk {index} was asked for"
        for count in (self._counts.get(index), *(each.row_count for each in stated)):
            if count is not None and count != len(rows):
                return f"{len(rows):,} rows came in chunk {index} where there should be {count:,}"
        for offset in (self._offsets.get(index), *(each.row_offset for each in stated)):
            if offset is not None and offset != before:
                return f"chunk {index} begins at row {offset:,}, and {before:,} rows came before it"
        if not rows and (self._promised > 1 or self._total > before):
            return f"chunk {index} came without rows"
        return ""

    def _renewed(self, index: int) -> ExternalLink:
        for renewed in self._ask(index).external_links or ():
            if renewed.chunk_index == index:
                return renewed
        raise unusable(f"chunk {index} has no link any more", self._where)
