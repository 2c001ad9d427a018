"""What stands behind the workspace double: the tables of a metastore, and what SQL says of them.

`server.py` speaks the REST API and knows nothing of tables; an `Estate` knows the tables and
nothing of HTTP. Facts are cited as "facts 5": a section of the project's reference page on the
Databricks APIs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

Json = dict[str, Any]

PRINCIPAL: Final = "scanner@example.com"
"""Who asks, where a test does not say otherwise: `userName` of the SCIM resource `Me`."""

Value = str | int | float | bool | Decimal | date | datetime | None
"""A named parameter's value, already cast to its declared type (facts 1.1: `parameters`)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer; `type_name` is a `ColumnInfoTypeName` (`LONG`, `STRING`, `ARRAY`)."""

    name: str
    type_name: str = "STRING"
    type_text: str = "STRING"


@dataclass(frozen=True, slots=True)
class Table:
    """An answer as JSON_ARRAY has it: every value is text or None, arrays and maps JSON text.

    Timestamps are ISO 8601 in UTC with milliseconds (`2026-11-23T05:10:00.000Z`), dates
    `2026-11-23` (facts 1.1).
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | None]]


def instant(time: datetime) -> str:
    """Return a time in UTC as JSON_ARRAY prints a TIMESTAMP."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


class SqlError(Exception):
    """A statement that fails: HTTP 200 with the state FAILED (facts 1.1).

    `error_class` is the word between brackets in front of the message, `error_code` a
    `ServiceErrorCode`.
    """

    def __init__(
        self, sql_state: str, error_class: str, message: str, *, error_code: str = "BAD_REQUEST"
    ) -> None:
        super().__init__(f"[{error_class}] {message}" if error_class else message)
        self.sql_state = sql_state
        self.error_class = error_class
        self.error_code = error_code


class Refused(Exception):  # noqa: N818 -- it is an answer of the API, in the API's words
    """A REST request that is not answered with 200: status, `error_code`, message."""

    def __init__(self, status: int, error_code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code


class Estate(Protocol):
    """The tables of one metastore, as one principal sees them.

    All methods may be called from several threads. Listings are complete: the server cuts pages,
    drops `columns` or `properties` where the request says so, and drops rows with `browse_only`
    unless the request includes them (facts 5).
    """

    metastore_id: str
    blocking: bool
    """Whether `execute` takes real time, so that it must run in a thread of its own."""

    def catalogs(self) -> Sequence[Json]:
        """Return each catalog as `CatalogInfo` has it: at least `name` and `catalog_type`."""
        ...

    def schemas(self, catalog: str) -> Sequence[Json]:
        """Return each schema as `SchemaInfo` has it; raises `Refused` (403, 404)."""
        ...

    def tables(self, catalog: str, schema: str) -> Sequence[Json]:
        """Return each table as `TableInfo` has it, columns and properties included.

        Raises `Refused` (403, 404).
        """
        ...

    def table(self, catalog: str, schema: str, name: str) -> Json:
        """Return one table as `TableInfo` has it; raises `Refused` (403, 404)."""
        ...

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        """Run one statement to its end; raises `SqlError` for all that fails in it."""
        ...
