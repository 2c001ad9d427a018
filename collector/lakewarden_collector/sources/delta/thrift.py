"""Thrift's compact protocol, as far as the footer and the page headers of Parquet files use it."""

from __future__ import annotations

from typing import Any, Final

_STOP: Final = 0
_DEEPEST: Final = 8
_MANY: Final = 15
"""In a list's header: the number of elements follows."""


def read_struct(content: memoryview, position: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Return a struct's fields by number, and where it ends; nested structs are dictionaries too.

    Text is not kept. Raises `ValueError` and `LookupError` where there is no such struct.
    """
    if depth > _DEEPEST:
        raise ValueError("a header is nested too deeply")
    fields: dict[int, Any] = {}
    number = 0
    while (head := content[position]) != _STOP:
        position += 1
        if head >> 4:
            number += head >> 4
        else:
            number, position = _read_int(content, position)
        fields[number], position = _read_value(content, position, head & 15, depth)
    return fields, position + 1


def _read_value(  # noqa: PLR0911 -- one for each kind of value
    content: memoryview, position: int, kind: int, depth: int
) -> tuple[Any, int]:
    match kind:
        case 1 | 2:
            return kind == 1, position
        case 3:
            return content[position], position + 1
        case 4 | 5 | 6:
            return _read_int(content, position)
        case 7:
            return None, position + 8
        case 8:
            length, position = _read_varint(content, position)
            return None, position + length
        case 9 | 10:
            return _read_list(content, position, depth + 1)
        case 12:
            return read_struct(content, position, depth + 1)
    raise ValueError("a header holds what none should")


def _read_list(content: memoryview, position: int, depth: int) -> tuple[list[Any], int]:
    if depth > _DEEPEST:
        raise ValueError("a header is nested too deeply")
    head = content[position]
    count, kind = head >> 4, head & 15
    position += 1
    if count == _MANY:
        count, position = _read_varint(content, position)
    values = []
    for _ in range(count):
        value, position = _read_element(content, position, kind, depth)
        values.append(value)
    return values, position


def _read_element(content: memoryview, position: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (1, 2):  # in a list a truth value has a byte of its own
        return content[position] == 1, position + 1
    return _read_value(content, position, kind, depth)


def _read_int(content: memoryview, position: int) -> tuple[int, int]:
    number, position = _read_varint(content, position)
    return (number >> 1) ^ -(number & 1), position


def _read_varint(content: memoryview, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 -- the bit that says whether more bytes follow
            return number, position
        shift += 7
