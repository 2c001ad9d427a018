"""What can go wrong at a workspace, each behaviour on its own and to be combined.

The request kinds are those of `log.Call`. A behaviour says what happens instead of the answer
(`before`), what happens to an answer whose work is done (`after`), and what becomes of statements
and pages. The estate's own troubles (tables dropped meanwhile, grants revoked, NULL metrics) are
in `grants.py` and the estates.
"""

# ruff: noqa: ARG002 -- a hook is told all that some behaviour needs
from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
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
        self.__init__(*state)  # type: ignore[misc]  # a lock cannot be pickled, so it is made anew


class _Counted(Behaviour):
    def __init__(self, *on: str, times: int = 1, each: bool = False, containing: str = "") -> None:
        self._on: Collection[str] = frozenset(on)
        self._containing = containing
        self._times = Times(times, each)

    def _hits(self, kind: str, key: str) -> bool:
        return (
            (not self._on or kind in self._on)
            and self._containing in key
            and self._times.strike(key)
        )


class Throttled(_Counted):
    """429 RESOURCE_EXHAUSTED, with or without `Retry-After` (facts 1.3, 1.4)."""

    retry_after: str | None = None

    def __init__(
        self,
        *on: str,
        times: int = 1,
        each: bool = False,
        containing: str = "",
        retry_after: str | None = None,
    ) -> None:
        super().__init__(*on, times=times, each=each, containing=containing)
        self.retry_after = retry_after

    def before(self, kind: str, key: str) -> Trouble | None:
        if not self._hits(kind, key):
            return None
        return Refusal(429, "RESOURCE_EXHAUSTED", "Too many requests", self.retry_after)


class Unavailable(_Counted):
    """503 TEMPORARILY_UNAVAILABLE, which the SDK retries too (facts 1.4)."""

    def before(self, kind: str, key: str) -> Trouble | None:
        if not self._hits(kind, key):
            return None
        return Refusal(503, "TEMPORARILY_UNAVAILABLE", "The service is temporarily unavailable")


class Broken(_Counted):
    """Any refusal: 500 and 504, which the SDK does not retry, 403, 401, 400 (facts 1.4)."""

    def __init__(
        self,
        *on: str,
        status: int,
        error_code: str,
        message: str = "refused",
        times: int = 1_000_000,
        containing: str = "",
    ) -> None:
        super().__init__(*on, times=times, containing=containing)
        self._refusal = Refusal(status, error_code, message)

    def before(self, kind: str, key: str) -> Trouble | None:
        return self._refusal if self._hits(kind, key) else None


class ResetBefore(_Counted):
    """The connection is reset and nothing was done; the SDK retries (facts 1.4)."""

    def before(self, kind: str, key: str) -> Trouble | None:
        return Reset() if self._hits(kind, key) else None


class ResetAfter(_Counted):
    """The connection is reset after the work: a retried POST is a duplicate (facts 1.4)."""

    def after(self, kind: str, key: str) -> Trouble | None:
        return Reset() if self._hits(kind, key) else None


class Late(_Counted):
    """The answer comes late, past the client's time-out where that is shorter (facts 1.4)."""

    def __init__(
        self, *on: str, seconds: float, times: int = 1, each: bool = False, containing: str = ""
    ) -> None:
        super().__init__(*on, times=times, each=each, containing=containing)
        self._seconds = seconds

    def after(self, kind: str, key: str) -> Trouble | None:
        return Hang(self._seconds) if self._hits(kind, key) else None


class EmptyPages(_Counted):
    """A page without rows that still has a token (facts 5; SDK, `TablesAPI.list`)."""

    def empty_page(self, kind: str, key: str) -> bool:
        return self._hits(kind, key)


class UnknownWords(Behaviour):
    """Words of enumerations that the SDK does not know and turns into None (facts 1.4)."""

    def __init__(self, **words: str) -> None:
        self._words = words or {"table_type": "SHARED_FOREIGN_X"}

    def page(self, kind: str, rows: Sequence[Json]) -> Sequence[Json]:
        if kind not in ("list_tables", "get_table", "table_summaries"):
            return rows
        return [{**row, **{k: v for k, v in self._words.items() if k in row}} for row in rows]


class FailedStatements(Behaviour):
    """Statements that end as FAILED inside an HTTP 200 (facts 1.1)."""

    def __init__(
        self, error: SqlError, *, containing: str = "", times: int = 1_000_000, each: bool = False
    ) -> None:
        self._error = error
        self._containing = containing
        self._times = Times(times, each)

    def fails(self, text: str) -> SqlError | None:
        if self._containing in text and self._times.strike(text):
            return self._error
        return None


class SlowStatements(Behaviour):
    """Statements that take longer."""

    def __init__(self, seconds: float, *, containing: str = "", times: int = 1_000_000) -> None:
        self._seconds = seconds
        self._containing = containing
        self._times = Times(times)

    def slower(self, text: str) -> float:
        if self._containing in text and self._times.strike(text):
            return self._seconds
        return 0.0


class DeafToCancel(Behaviour):
    """Cancel is answered with 200 and loses the race (facts 1.1, SDK)."""

    def deaf(self, text: str) -> bool:
        return True


TRANSIENT = SqlError(
    "57KD1",
    "",
    "The service is temporarily unavailable. Please try again.",
    error_code="TEMPORARILY_UNAVAILABLE",
)
DENIED = SqlError(
    "42501",
    "INSUFFICIENT_PERMISSIONS",
    "Insufficient privileges: User does not have SELECT on Table. SQLSTATE: 42501",
)
