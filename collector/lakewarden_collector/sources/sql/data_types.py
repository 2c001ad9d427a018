"""Column types as SQL writes them, in the JSON of Spark's schemas.

https://docs.databricks.com/sql/language-manual/sql-ref-datatypes
"""

from __future__ import annotations

from typing import Any, Final

from lakewarden_collector.sources.sql.cursor import Cursor, SyntaxFault
from lakewarden_collector.sources.sql.lexer import statements
from lakewarden_collector.spark_schema import sql_type

DECLARED: Final = "__CHAR_VARCHAR_TYPE_STRING"
"""Where Spark keeps `varchar(10)`, which is stored as a string."""

DEFAULT: Final = "CURRENT_DEFAULT"
"""Where Spark keeps a column's default, as it was written."""

_PLAIN: Final = {
    "BOOLEAN": "boolean",
    "TINYINT": "byte",
    "BYTE": "byte",
    "SMALLINT": "short",
    "SHORT": "short",
    "INT": "integer",
    "INTEGER": "integer",
    "BIGINT": "long",
    "LONG": "long",
    "FLOAT": "float",
    "REAL": "float",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_LTZ": "timestamp",
    "TIMESTAMP_NTZ": "timestamp_ntz",
    "BINARY": "binary",
    "VARIANT": "variant",
    "VOID": "void",
    "NULL": "void",
}
_SIZED: Final = {"GEOMETRY": "geometry", "GEOGRAPHY": "geography"}
_UNITS: Final = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")

DataType = str | dict[str, Any]


def data_type(cursor: Cursor) -> tuple[DataType, dict[str, Any]]:
    """Pass a type; return it, and what the column's metadata says of it.

    Raises `SyntaxFault` for what isn't a type that Databricks knows.
    """
    declared = _declared(cursor)
    stored = _stored(declared)
    return stored, {} if stored == declared else {DECLARED: sql_type(declared)}


def _declared(cursor: Cursor) -> DataType:  # noqa: C901, PLR0911 -- one branch for each type
    """Pass a type in which `varchar(10)` is still one."""
    line = cursor.rest[0].line if not cursor.done else 1
    word = cursor.part("a type").upper()
    match word:
        case "STRING":
            if cursor.take("COLLATE"):
                collation = ".".join(cursor.name("a collation"))
                if collation.upper() != "UTF8_BINARY":
                    return f"string collate {collation.upper()}"
            return "string"
        case "VARCHAR" | "CHAR" | "CHARACTER":
            cursor.expect("(")
            length = cursor.number()
            cursor.expect(")")
            kind = "varchar" if word == "VARCHAR" else "char"
            return f"{kind}({length})"
        case "DECIMAL" | "DEC" | "NUMERIC":
            digits = cursor.listed(Cursor.number) if cursor.at("(") else [10]
            precision, scale = (*digits, 0)[:2]
            return f"decimal({precision},{scale})"
        case "ARRAY" | "MAP" | "STRUCT":
            return _nested(cursor, word)
        case "INTERVAL":
            return _interval(cursor)
    if word in _SIZED:
        if cursor.at("("):
            start = cursor.rest
            cursor.parentheses()
            text = "".join(token.text for token in start[: len(start) - len(cursor.rest)])
            return f"{_SIZED[word]}{text}"
        return _SIZED[word]
    if word in _PLAIN:
        return _PLAIN[word]
    raise SyntaxFault(f"{word!r} isn't a type that Databricks SQL has", line)


def _stored(declared: Any) -> Any:  # noqa: ANN401 -- any part of a type
    """Return a type as it is stored: `char` and `varchar` are strings with a limit."""
    if isinstance(declared, dict):
        return {
            key: value if key in ("name", "metadata") else _stored(value)
            for key, value in declared.items()
        }
    if isinstance(declared, list):
        return [_stored(each) for each in declared]
    limited = isinstance(declared, str) and declared.startswith(("char(", "varchar("))
    return "string" if limited else declared


def parsed_type(text: str) -> DataType:
    """Return the type that a document's `type_text` says; the text itself where it isn't read."""
    try:
        (statement,) = statements(text)
        cursor = Cursor(statement.tokens)
        found, metadata = data_type(cursor)
        cursor.end()
    except (SyntaxFault, ValueError):
        return text
    return text if metadata else found


def _nested(cursor: Cursor, word: str) -> DataType:
    cursor.expect("<")
    found: DataType
    match word:
        case "ARRAY":
            found = {
                "type": "array",
                "elementType": _declared(cursor),
                "containsNull": True,
            }
        case "MAP":
            key = _declared(cursor)
            cursor.expect(",")
            found = {
                "type": "map",
                "keyType": key,
                "valueType": _declared(cursor),
                "valueContainsNull": True,
            }
        case _:
            fields: list[dict[str, Any]] = []
            while not cursor.at(">"):
                fields.append(_member(cursor))
                if not cursor.take(","):
                    break
            found = {"type": "struct", "fields": fields}
    cursor.expect(">")
    return found


def _member(cursor: Cursor) -> dict[str, Any]:
    name = cursor.part("a field's name")
    cursor.take(":")
    kind = _declared(cursor)
    metadata: dict[str, Any] = {}
    nullable = not cursor.take("NOT", "NULL")
    if cursor.take("COMMENT"):
        metadata["comment"] = cursor.string()
    return {"name": name, "type": kind, "nullable": nullable, "metadata": metadata}


def _interval(cursor: Cursor) -> str:
    units = []
    while unit := cursor.take_any(*_UNITS):
        units.append(unit.lower())
        if not cursor.take("TO"):
            break
    if not units:
        raise cursor.fault("a unit of time")
    return "interval " + " to ".join(units)
