"""What can go wrong at a workspace, each behaviour on its own and to be combined.

The request kinds are those of `log.Call`. A behaviour says what happens instead of the answer
(`before`), what happens to an answer whose work is done (`after`), and what becomes of statements
and pages. The estate's own troubles (tables dropped meanwhile, grants revoked, NULL metrics) are
in `grants.py` and the estates.
"""

# ruff: noqa: ARG002 -- a hook is told all that some behaviour needs
from __future__ import annotations

from collections.abc import Collection, Sequence

from tests.workspace.estate import Json, SqlError
from tests.workspace.misbehaving import Behaviour, Hang, Refusal, Reset, Times, Trouble


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


class LateAnswer(_Counted):
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
