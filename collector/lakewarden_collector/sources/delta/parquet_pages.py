"""What the pages of a Parquet column chunk unpack to, told without unpacking them.

A file of some kilobytes may unpack to gigabytes: by a page that is all zeros, by one long text that
a dictionary repeats, by a prefix that each value repeats. The footer's sizes can be wrong, but no
reader gets past the page headers (parquet-format, `parquet.thrift` and `Encodings.md`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from lakewarden_collector.sources.delta.fault import LimitError
from lakewarden_collector.sources.delta.memory import MEGABYTE

LARGEST_PAGE: Final = 64 * MEGABYTE
_MOST_ELEMENTS: Final = 1_000_000
"""In the lists and maps of one row group: features, partition columns, properties."""

_DICTIONARY_PAGE: Final = 2
_DATA_PAGES: Final = {0: 5, 3: 8}
"""The field of a page header that holds the data page header, by page type."""

_DICTIONARY_ENCODINGS: Final = (2, 8)
_DELTA_BYTE_ARRAY: Final = 7
_ENCODING: Final = {0: 2, 3: 4}
"""The field of a data page header that holds the encoding, by page type."""

_CODECS: Final = {"lz4": "lz4_raw"}
"""Parquet's names of codecs that pyarrow calls otherwise."""

_LENGTH: Final = struct.Struct("<I")
_STOP: Final = 0
_DEEPEST: Final = 8


class Chunk(Struct, frozen=True):
    """One column chunk: its metadata, whether it may repeat in a row, and its bytes."""

    column: pq.ColumnChunkMetaData
    repeated: bool
    content: memoryview


def bytes_per_row(chunk: Chunk, rows: int, where: str) -> int:
    """Return how many bytes a row of the chunk takes up at most when it is unpacked.

    Raises `LimitError` for a page or a number of elements above its limit, and `ValueError` where
    a header makes no sense.
    """
    longest = 0
    most = 0
    values = 0
    for header, body in _pages(chunk.content):
        kind, size = header[1], header[2]
        if size > LARGEST_PAGE:
            raise LimitError(
                f"a page of the column {chunk.column.path_in_schema} unpacks to {size:,} bytes, at "
                f"most {LARGEST_PAGE:,} are read",
                where=where,
            )
        if kind == _DICTIONARY_PAGE:
            longest = _longest_entry(chunk.column, header, body)
        elif kind in _DATA_PAGES:
            data = header[_DATA_PAGES[kind]]
            count, encoding = data[1], data[_ENCODING[kind]]
            values += count
            if encoding in _DICTIONARY_ENCODINGS:
                most = max(most, longest)
            elif encoding == _DELTA_BYTE_ARRAY:
                most = max(most, size)
            else:
                most = max(most, size // max(count, 1) + 1)
    elements = max(values - rows, 0) if chunk.repeated else 0
    if elements > _MOST_ELEMENTS or elements * most > LARGEST_PAGE:
        raise LimitError(
            f"the column {chunk.column.path_in_schema} has {elements:,} elements of up to {most:,} "
            f"bytes, at most {_MOST_ELEMENTS:,} and {LARGEST_PAGE:,} bytes are read",
            where=where,
        )
    return most


def _pages(content: memoryview) -> Iterator[tuple[dict[int, Any], memoryview]]:
    """Yield each page's header, fields by number, and its body."""
    position = 0
    while position < len(content):
        header, position = _read_struct(content, position, depth=0)
        end = position + header[3]
        if not position <= end <= len(content) or header[2] < 0:
            raise ValueError("a page does not end where its column does")
        yield header, content[position:end]
        position = end


def _longest_entry(column: pq.ColumnChunkMetaData, header: dict[int, Any], body: memoryview) -> int:
    """Return the length of the longest text in a dictionary, or of all where it cannot be told."""
    size: int = header[2]
    count: int = header[7][1]
    if column.physical_type != "BYTE_ARRAY":
        return _LENGTH.size * 2
    if not 0 <= count * _LENGTH.size <= size:
        raise ValueError("a dictionary has more entries than bytes")
    content: Any = body
    if column.compression != "UNCOMPRESSED":
        name = column.compression.lower()
        try:
            codec = pa.Codec(_CODECS.get(name, name))
            content = codec.decompress(body, decompressed_size=size)
        except (ValueError, OSError, pa.ArrowException):
            return size  # a codec that pyarrow has no name for, or damage that it finds later
    position = longest = 0
    length_at = _LENGTH.unpack_from
    for _ in range(count):
        (length,) = length_at(content, position)
        position += length + 4
        if length > longest:  # noqa: PLR1730 -- max() would double the time of this loop
            longest = length
    return longest


def _read_struct(content: memoryview, position: int, depth: int) -> tuple[dict[int, Any], int]:
    """Read a struct in Thrift's compact protocol; nested structs become dictionaries as well."""
    if depth > _DEEPEST:
        raise ValueError("a page header is nested too deeply")
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


def _read_value(content: memoryview, position: int, kind: int, depth: int) -> tuple[Any, int]:
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
        case 12:
            return _read_struct(content, position, depth + 1)
    raise ValueError("a page header holds what none should")


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
