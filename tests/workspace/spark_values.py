"""Spark's rows as JSON_ARRAY has them: every value is text or None (facts 1.1).

Arrays, maps and structs are JSON text; a timestamp in UTC with milliseconds, and with
microseconds where it has some. That numbers inside arrays stay numbers is not verified against a
workspace.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from tests.workspace.estate import Column, Table

_TYPE_NAMES: Final = {
    "long": "LONG",
    "bigint": "LONG",
    "integer": "INT",
    "int": "INT",
    "short": "SHORT",
    "smallint": "SHORT",
    "byte": "BYTE",
    "tinyint": "BYTE",
    "void": "NULL",
    "varchar": "STRING",
}


def table_of(frame: Any) -> Table:  # noqa: ANN401 -- pyspark is untyped here
    """Run a data frame and return its rows as text."""
    types = frame._jdf.schema().fields()  # noqa: SLF001 -- pyspark has no `sql` of a type
    columns = tuple(
        Column(
            name=field.name,
            type_name=type_name(field.dataType.typeName()),
            type_text=java.dataType().sql(),
        )
        for field, java in zip(frame.schema.fields, types, strict=True)
    )
    kinds = [field.dataType.typeName() for field in frame.schema.fields]
    rows = [
        tuple(text_of(value, kind) for value, kind in zip(row, kinds, strict=True))
        for row in frame.collect()
    ]
    return Table(columns=columns, rows=rows)


def type_name(word: str) -> str:
    """Return the API's word (`LONG`) for Spark's (`long`, `bigint`, `decimal(3,2)`)."""
    base = word.partition("(")[0].partition("<")[0]
    return _TYPE_NAMES.get(base, base.upper().partition(" ")[0])


def text_of(value: Any, kind: str = "") -> str | None:  # noqa: ANN401, PLR0911 -- a value of any type
    """Return one value as text; `kind` is Spark's word for its type, where that matters."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case float():
            return _float(value)
        case datetime():
            return _timestamp(value, local=kind != "timestamp_ntz")
        case date():
            return value.isoformat()
        case bytearray() | bytes():
            return base64.b64encode(value).decode()
        case list() | tuple() | dict():
            return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- a value of any type
    """Return what `json` can write; a struct is a tuple with names."""
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, Mapping):
        return {str(text_of(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return text_of(value)


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _timestamp(value: datetime, *, local: bool) -> str:
    """Return a moment; pyspark gives one without a zone, in this process's zone."""
    moment = value.astimezone(UTC).replace(tzinfo=None) if local else value
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=digits) + ("Z" if local else "")
