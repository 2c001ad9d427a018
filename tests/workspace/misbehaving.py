"""What a behaviour of the double is: hooks into requests, statements and pages."""

# ruff: noqa: ARG002 -- a hook is told all that some behaviour needs
from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.workspace.estate import Json, SqlError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Instead of the answer: a status, an `error_code` and perhaps a `Retry-After` header."""

    status: int
    error_code: str
    message: str
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Instead of the answer: the connection is closed without one byte."""


@dataclass(frozen=True, slots=True)
class Hang:
    """The answer comes so many of the model's seconds late."""

    seconds: float


Trouble = Refusal | Reset | Hang


class Behaviour:
    """One way to misbehave; this one does not.

    `key` names what is asked for (the path and query, or the statement's text), so that a
    behaviour may hit each thing a number of times. Calls come from the double's own thread.
    """

    def before(self, kind: str, key: str) -> Trouble | None:
        """Return what happens instead of the work."""
        return None

    def after(self, kind: str, key: str) -> Trouble | None:
        """Return what happens to the answer of work that is done."""
        return None

    def fails(self, text: str) -> SqlError | None:
        """Return the error that a statement ends with instead of being run."""
        return None

    def slower(self, text: str) -> float:
        """Return by how many of the model's seconds a statement takes longer."""
        return 0.0

    def deaf(self, text: str) -> bool:
        """Whether a cancellation of this statement is accepted and does nothing."""
        return False

    def empty_page(self, kind: str, key: str) -> bool:
        """Whether this page has no rows but a token that goes on."""
        return False

    def page(self, kind: str, rows: Sequence[Json]) -> Sequence[Json]:
        """Return the rows of a page as they are told."""
        return rows


@dataclass
class Times:
    """Lets a behaviour strike the first `times` times, of all or of each key."""

    times: int
    each: bool = False
    _seen: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, key: str) -> bool:
        """Whether it is to strike once more."""
        with self._lock:
            key = key if self.each else ""
            seen = self._seen.get(key, 0)
            self._seen[key] = seen + 1
            return seen < self.times

    def __getstate__(self) -> tuple[int, bool]:
        return self.times, self.each

    def __setstate__(self, state: tuple[int, bool]) -> None:
        self.__init__(*state)  # type: ignore[misc]  # a lock cannot be pickled, so it is made again
