"""The clauses that several statements share: columns, properties, clustering, tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lakewarden_collector.sources.sql.columns import ColumnSpec, Path, Position
from lakewarden_collector.sources.sql.cursor import Cursor
from lakewarden_collector.sources.sql.data_types import DEFAULT, DataType, data_type

_CONSTRAINTS: Final = ("CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE")
_AFTER_A_DEFAULT: Final = (
    *("COMMENT", "NOT NULL", "MASK", "FIRST", "AFTER", "CONSTRAINT", "PRIMARY KEY", "GENERATED"),
    *("REFERENCES", "CHECK (", "WITH TAGS", "WITH TAG"),
)
_OPTIONS: Final = (
    ("NOT", "ENFORCED"),
    ("DEFERRABLE",),
    ("INITIALLY", "DEFERRED"),
    ("RELY",),
    ("NORELY",),
    ("ENABLE", "NOVALIDATE"),
    ("ENFORCED",),
    ("MATCH", "FULL"),
    ("ON", "UPDATE", "NO", "ACTION"),
    ("ON", "DELETE", "NO", "ACTION"),
)


def column(cursor: Cursor) -> ColumnSpec:
    """Pass a column of a CREATE or ADD COLUMN, with all that may follow its type."""
    path = cursor.name("a column's name")
    kind: DataType | None = None
    metadata: dict[str, Any] = {}
    if not (cursor.done or cursor.at(",") or cursor.at(")") or cursor.at("COMMENT")):
        kind, metadata = data_type(cursor)
    found: dict[str, Any] = {"nullable": True}
    while not (cursor.done or cursor.at(",") or cursor.at(")")):
        _column_option(cursor, found, metadata)
    return ColumnSpec(path=path, data_type=kind, metadata=metadata, **found)


def _column_option(cursor: Cursor, found: dict[str, Any], metadata: dict[str, Any]) -> None:
    if cursor.take("NOT", "NULL"):
        found["nullable"] = False
    elif cursor.take("NULL"):
        found["nullable"] = True
    elif cursor.take("COMMENT"):
        found["comment"] = cursor.string()
    elif cursor.take("DEFAULT"):
        metadata[DEFAULT] = cursor.expression(*_AFTER_A_DEFAULT)
    elif cursor.take("GENERATED"):
        metadata |= _generated(cursor)
    elif cursor.take("MASK"):
        found["mask"] = mask(cursor)
    elif (position := column_position(cursor)) is not None:
        found["position"] = position
    elif cursor.take("WITH", "TAGS") or cursor.take("WITH", "TAG"):
        cursor.parentheses()
    else:
        found["primary_key"] = _column_constraint(cursor) or found.get("primary_key", False)


def _generated(cursor: Cursor) -> dict[str, Any]:
    """Pass what follows GENERATED; return it as Delta keeps it in the column's metadata."""
    always = cursor.take("ALWAYS")
    if not always:
        cursor.expect("BY", "DEFAULT")
    cursor.expect("AS")
    if not cursor.take("IDENTITY"):
        return {"delta.generationExpression": cursor.parentheses()}
    found = {"START": 1, "INCREMENT": 1}
    if cursor.take("("):
        while not cursor.take(")"):
            cursor.take(",")
            word = cursor.take_any("START", "INCREMENT")
            cursor.take("WITH" if word == "START" else "BY")
            sign = -1 if cursor.take("-") else 1
            if not word:
                raise cursor.fault("START WITH or INCREMENT BY")
            found[word] = sign * cursor.number()
    return {
        "delta.identity.start": found["START"],
        "delta.identity.step": found["INCREMENT"],
        "delta.identity.allowExplicitInsert": not always,
    }


def _column_constraint(cursor: Cursor) -> bool:
    if cursor.take("CONSTRAINT"):
        cursor.part()
    primary = cursor.take("PRIMARY", "KEY")
    if primary or cursor.take("UNIQUE"):
        pass
    elif cursor.take("CHECK"):
        cursor.parentheses()
    elif cursor.at("FOREIGN", "KEY") or cursor.at("REFERENCES"):
        cursor.take("FOREIGN", "KEY")
        _references(cursor)
    else:
        raise cursor.fault("what belongs to a column")
    constraint_options(cursor)
    return primary


def _references(cursor: Cursor) -> None:
    cursor.expect("REFERENCES")
    cursor.name()
    if cursor.at("("):
        cursor.parentheses()


def constraint_options(cursor: Cursor) -> None:
    """Pass what may follow any constraint."""
    while any(cursor.take(*option) for option in _OPTIONS):
        pass


def at_table_constraint(cursor: Cursor) -> bool:
    """Whether a constraint comes next, and no column that is called so."""
    rest = cursor.rest
    if not any(cursor.at(word) for word in _CONSTRAINTS) or len(rest) <= 1:
        return False
    if cursor.at("CONSTRAINT"):
        return len(rest) > 2 and rest[2].value in (  # noqa: PLR2004 -- CONSTRAINT name KIND
            *("PRIMARY", "FOREIGN", "CHECK", "UNIQUE", "EXPECT"),
        )
    return rest[1].value in ("KEY", "(")


def table_constraint(cursor: Cursor) -> Sequence[str]:
    """Pass a constraint on the table; return the columns of a primary key."""
    if cursor.take("CONSTRAINT"):
        cursor.part()
    keys: list[str] = []
    if cursor.take("PRIMARY", "KEY"):
        keys = cursor.listed(_key)
    elif cursor.take("FOREIGN", "KEY"):
        cursor.parentheses()
        _references(cursor)
    elif cursor.take("EXPECT"):
        cursor.parentheses()
        if cursor.take("ON", "VIOLATION") and not cursor.take("FAIL", "UPDATE"):
            cursor.expect("DROP", "ROW")
    elif cursor.take("UNIQUE") or cursor.take("CHECK"):
        cursor.parentheses()
    else:
        raise cursor.fault("a constraint")
    constraint_options(cursor)
    return keys


def _key(cursor: Cursor) -> str:
    name = cursor.part()
    cursor.take("TIMESERIES")
    return name


def column_position(cursor: Cursor) -> Position | None:
    """Pass `FIRST` or `AFTER column` if it comes next."""
    if cursor.take("FIRST"):
        return Position()
    if cursor.take("AFTER"):
        return Position(cursor.name("a column's name")[-1])
    return None


def mask(cursor: Cursor) -> Mapping[str, Any]:
    """Pass what follows MASK; return it as Unity Catalog's `ColumnMask` has it."""
    found: dict[str, Any] = {"function_name": ".".join(cursor.name("a function"))}
    if cursor.take("USING", "COLUMNS"):
        # Constants are allowed among the columns; they aren't columns of the table.
        using = cursor.rest
        cursor.parentheses()
        using = using[1 : len(using) - len(cursor.rest) - 1]
        found["using_column_names"] = [
            token.text if token.kind == "word" else token.value
            for token in using
            if token.kind in ("word", "quoted")
        ]
    return found


def row_filter(cursor: Cursor) -> None:
    """Pass what follows ROW FILTER."""
    cursor.name("a function")
    cursor.expect("ON")
    cursor.parentheses()


def properties(cursor: Cursor) -> dict[str, str]:
    """Pass `('a' = 'b', c.d = 1)`."""
    found: dict[str, str] = {}
    for key, value in cursor.listed(_property):
        if key in found:
            raise cursor.fault(f"the property {key!r} once")
        found[key] = value
    return found


def _property(cursor: Cursor) -> tuple[str, str]:
    key = property_key(cursor)
    cursor.take("=")
    token = None if cursor.done else cursor.rest[0]
    if token is not None and token.kind == "string":
        return key, cursor.string()
    sign = "-" if cursor.take("-") else ""
    if not cursor.done and cursor.rest[0].kind == "number":
        return key, sign + cursor.next().text
    word = cursor.take_any("TRUE", "FALSE")
    if sign or not word:
        raise cursor.fault(f"a value for the property {key!r}")
    return key, word.lower()


def property_key(cursor: Cursor) -> str:
    """Pass a property's key: a string, or words with dots between."""
    if not cursor.done and cursor.rest[0].kind == "string":
        return cursor.next().value  # a string after it is the value: `=` may be left out
    return ".".join(cursor.name("a property's key"))


def clustering(cursor: Cursor) -> Sequence[Path] | None:
    """Pass what follows CLUSTER BY; None for AUTO, and no columns for NONE."""
    if cursor.take("AUTO"):
        return None
    if cursor.take("NONE"):
        return ()
    if cursor.take("(", ")"):
        return ()
    return cursor.listed(lambda each: each.name("a column's name"))


def tags(cursor: Cursor) -> dict[str, str]:
    """Pass `('key' = 'value', 'key')`."""
    return dict(cursor.listed(_tag))


def _tag(cursor: Cursor) -> tuple[str, str]:
    key = property_key(cursor)
    return key, cursor.string() if cursor.take("=") else ""


def keys(cursor: Cursor) -> list[str]:
    """Pass `('key', 'key')`."""
    return cursor.listed(property_key)


def principal(cursor: Cursor) -> str:
    """Pass somebody's name."""
    if not cursor.done and cursor.rest[0].kind == "string":
        return cursor.string()
    return cursor.part("a principal")
