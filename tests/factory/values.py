"""SQL expressions that fill a column of any type: each row has values of its own.

Texts are UUIDs, since repeated values compress to almost nothing.
"""

from __future__ import annotations

from typing import Final

from tests.factory.type_text import Array, Map, Scalar, Struct, Type, parse

_SCALARS: Final = {
    "string": "uuid()",
    "bigint": "xxhash64(uuid())",
    "int": "hash(uuid())",
    "smallint": "CAST(hash(uuid()) % 30000 AS SMALLINT)",
    "tinyint": "CAST(hash(uuid()) % 100 AS TINYINT)",
    "double": "rand()",
    "float": "CAST(rand() AS FLOAT)",
    "boolean": "rand() < 0.5",
    "date": "date_sub(current_date(), CAST(rand() * 3650 AS INT))",
    "timestamp": "CURRENT_TIMESTAMP()",
    "timestamp_ntz": "CAST(CURRENT_TIMESTAMP() AS TIMESTAMP_NTZ)",
    "binary": "unhex(replace(uuid(), '-', ''))",
}
_OTHER_NAMES: Final = {
    "long": "bigint",
    "integer": "int",
    "short": "smallint",
    "byte": "tinyint",
    "real": "float",
    "dec": "decimal",
    "numeric": "decimal",
}
_TEXT: Final = ("varchar", "char")

_PARTITIONS: Final = 4
_PARTITION_VALUES: Final = {
    "string": f"CONCAT('part ', id % {_PARTITIONS})",
    "boolean": "id % 2 = 0",
    "date": f"date_sub(current_date(), CAST(id % {_PARTITIONS} AS INT))",
    **{
        kind: f"CAST(id % {_PARTITIONS} AS {kind.upper()})"
        for kind in ("bigint", "int", "smallint", "tinyint")
    },
}

_MOST_DIGITS: Final = 15
"""Digits before the point that a random DOUBLE has."""


class UnknownTypeError(Exception):
    """A column has a type that the factory cannot fill."""

    def __init__(self, column: str, text: str, why: str) -> None:
        super().__init__(
            f"the column {column} has the type {text}, which the table factory cannot fill: {why}"
        )
        self.column = column
        self.type_text = text


def expression(column: str, type_text: str) -> str:
    """Return what fills a column, in a SELECT over `range(…)`, whose column is `id`.

    Raises `UnknownTypeError`, which names column and type.
    """
    try:
        return _of(parse(type_text))
    except ValueError as error:
        raise UnknownTypeError(column, type_text, str(error)) from error


def partition_expression(column: str, type_text: str) -> str:
    """Return what fills a column by which a table is partitioned: few values, each in many rows.

    Raises `UnknownTypeError`, which names column and type.
    """
    value = _PARTITION_VALUES.get(_OTHER_NAMES.get(type_text.lower(), type_text.lower()))
    if value is None:
        raise UnknownTypeError(column, type_text, "there are no values to partition by")
    return value


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _of(kind: Type) -> str:
    match kind:
        case Array(element):
            return f"array({_of(element)}, {_of(element)})"
        case Map(key, value):
            return f"map({_of(key)}, {_of(value)})"  # one entry: two might have the same key
        case Struct(fields):
            pairs = (f"{literal(name)}, {_of(inner)}" for name, inner in fields)
            return f"named_struct({', '.join(pairs)})"
        case Scalar(name, numbers):
            return _scalar(_OTHER_NAMES.get(name, name), numbers)


def _scalar(name: str, numbers: tuple[int, ...]) -> str:
    if name == "decimal":
        return _decimal(*numbers)
    if name in _TEXT and len(numbers) == 1:
        return f"left(uuid(), {numbers[0]})"
    if name.startswith("string collate "):
        name = "string"
    if name not in _SCALARS or numbers:
        raise ValueError(f"no value of type {name} is known")
    return _SCALARS[name]


def _decimal(precision: int = 10, scale: int = 0) -> str:
    digits = min(precision - scale, _MOST_DIGITS)
    # 0.9 leaves room for rounding: 0.95 would become 1.0 in a DECIMAL(1, 1).
    return f"CAST(rand() * 0.9 * 1E{digits} AS DECIMAL({precision}, {scale}))"
