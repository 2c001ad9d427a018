"""Reads the text of a SQL type, as `DESCRIBE TABLE` prints it and as a definition has it.

`struct<a:int,b c:array<string>>` (Spark's own print: names are not quoted) and
``STRUCT<a: INT NOT NULL COMMENT 'x', `b:c` ARRAY<STRING>>`` (a definition) are both read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scalar:
    """A type without parts: its words in lower case, and numbers such as precision and scale."""

    name: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Array:
    """`array<element>`."""

    element: Type


@dataclass(frozen=True)
class Map:
    """`map<key, value>`."""

    key: Type
    value: Type


@dataclass(frozen=True)
class Struct:
    """`struct<…>`: names and types of its fields."""

    fields: tuple[tuple[str, Type], ...]


Type = Scalar | Array | Map | Struct

_BLANK: Final = re.compile(r"\s*")
_CONTAINER: Final = re.compile(r"(array|map|struct)\s*<", re.IGNORECASE)
_SCALAR: Final = re.compile(
    r"(?P<name>[a-z]\w*(?:\s+(?!not\s+null\b|comment\s*')[a-z]\w*)*)"
    r"\s*(?:\(\s*(?P<numbers>\d+(?:\s*,\s*\d+)*)\s*\))?",
    re.IGNORECASE,
)
_QUOTED_NAME: Final = re.compile(r"`((?:[^`]|``)+)`\s*:?")
_PRINTED_NAME: Final = re.compile(r"([^:<>,()']+?)\s*:")
_DEFINED_NAME: Final = re.compile(r"([^\s:<>,()'`]+)\s+")
_AFTER_A_FIELD: Final = re.compile(
    r"(?:\s+not\s+null\b)?(?:\s+comment\s*'(?:[^'\\]|\\.|'')*')?", re.IGNORECASE | re.DOTALL
)


def parse(text: str) -> Type:
    """Return the type that a text names; raises `ValueError` where it cannot be read.

    What a scalar's words mean is not looked at: `interval day` is a `Scalar`, too.
    """
    found, position = _type(text, 0)
    if position != len(text):
        raise ValueError(f"{text[position:]!r} is left over")
    return found


def _type(text: str, start: int) -> tuple[Type, int]:
    position = _skip(text, start)
    container = _CONTAINER.match(text, position)
    if container is None:
        scalar = _SCALAR.match(text, position)
        if scalar is None:
            raise ValueError(f"a type was expected at {text[position:]!r}")
        numbers = tuple(map(int, scalar["numbers"].split(","))) if scalar["numbers"] else ()
        return Scalar(" ".join(scalar["name"].lower().split()), numbers), _skip(text, scalar.end())
    kind, position = container[1].lower(), container.end()
    if kind == "struct":
        return _struct(text, position)
    first, position = _type(text, position)
    if kind == "array":
        return Array(first), _past(text, position, ">")
    second, position = _type(text, _past(text, position, ","))
    return Map(first, second), _past(text, position, ">")


def _struct(text: str, position: int) -> tuple[Type, int]:
    fields: list[tuple[str, Type]] = []
    while True:
        name, position = _name(text, _skip(text, position))
        kind, position = _type(text, position)
        fields.append((name, kind))
        # The blank before NOT NULL or COMMENT is behind us, after a scalar.
        after = _AFTER_A_FIELD.match(text, _before_blank(text, position))
        assert after is not None
        position = _skip(text, max(position, after.end()))
        if text[position : position + 1] != ",":
            return Struct(tuple(fields)), _past(text, position, ">")
        position += 1


def _name(text: str, position: int) -> tuple[str, int]:
    if quoted := _QUOTED_NAME.match(text, position):
        return quoted[1].replace("``", "`"), quoted.end()
    plain = _PRINTED_NAME.match(text, position) or _DEFINED_NAME.match(text, position)
    if plain is None:
        raise ValueError(f"a field was expected at {text[position:]!r}")
    return plain[1], plain.end()


def _past(text: str, position: int, symbol: str) -> int:
    position = _skip(text, position)
    if text[position : position + 1] != symbol:
        raise ValueError(f"{symbol!r} was expected at {text[position:]!r}")
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    assert blank is not None
    return blank.end()


def _before_blank(text: str, position: int) -> int:
    return len(text[:position].rstrip())
