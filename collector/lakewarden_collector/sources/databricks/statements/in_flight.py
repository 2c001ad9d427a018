"""The statements that a warehouse may be running for us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from databricks.sdk.errors.base import DatabricksError

from lakewarden_collector.sources.databricks.permits import Interrupted


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
