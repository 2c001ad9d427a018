"""What the pages of a Parquet column chunk unpack to, told without unpacking them.

A file of some kilobytes may unpack to gigabytes: by a page that is all zeros, by one long text that
a dictionary repeats, by a prefix that each value repeats. The footer's sizes can be wrong, but no
reader gets past the page headers (parquet-format, `parquet.thrift` and `Encodings.md`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

from lakewarden_collector.sources.delta.fault import LimitError
from lakewarden_collector.sources.delta.memory import MEGABYTE
from lakewarden_collector.sources.delta.parquet_footer import Chunk
from lakewarden_collector.sources.delta.thrift import read_struct

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

_LENGTH: Final = struct.Struct("<I")


def bytes_per_row(chunk: Chunk, content: memoryview, rows: int, where: str) -> int:
    """Return how many bytes a row of the chunk takes up at most when it is unpacked.

    Raises `LimitError` for a page or a number of elements above its limit, and `ValueError` where
    a header makes no sense.
    """
    longest = 0
    most = 0
    values = 0
    for header, body in _pages(content):
        kind, size = header[1], header[2]
        if size > LARGEST_PAGE:
            raise LimitError(
                f"a page of the column {chunk.path} unpacks to {size:,} bytes, at "
                f"most {LARGEST_PAGE:,} are read",
                where=where,
            )
        if kind == _DICTIONARY_PAGE:
            longest = _longest_entry(chunk, header, body)
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
            f"the column {chunk.path} has {elements:,} elements of up to {most:,} "
            f"bytes, at most {_MOST_ELEMENTS:,} and {LARGEST_PAGE:,} bytes are read",
            where=where,
        )
    return most


def _pages(content: memoryview) -> Iterator[tuple[dict[int, Any], memoryview]]:
    """Yield each page's header, fields by number, and its body."""
    position = 0
    while position < len(content):
        header, position = read_struct(content, position)
        end = position + header[3]
        if not position <= end <= len(content) or header[2] < 0:
            raise ValueError("a page does not end where its column does")
        yield header, content[position:end]
        position = end


def _longest_entry(chunk: Chunk, header: dict[int, Any], body: memoryview) -> int:
    """Return the length of the longest text in a dictionary, or of all where it isn't known."""
    size: int = header[2]
    count: int = header[7][1]
    if chunk.physical_type != "BYTE_ARRAY":
        return _LENGTH.size * 2
    if not 0 <= count * _LENGTH.size <= size:
        raise ValueError("a dictionary has more entries than bytes")
    content: Any = body
    if chunk.is_compressed:
        if chunk.codec is None:
            return size
        content = chunk.codec.decompress(body, decompressed_size=size)
    position = longest = 0
    length_at = _LENGTH.unpack_from
    for _ in range(count):
        (length,) = length_at(content, position)
        position += length + 4
        if length > longest:  # noqa: PLR1730 -- max() would double the time of this loop
            longest = length
    return longest
