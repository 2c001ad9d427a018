"""Where a Parquet file's column chunks lie, from its footer (parquet-format, `parquet.thrift`).

pyarrow's own objects for this end the process where a footer is damaged: their C++ constructors
and statistics throw what nobody catches. Its readers don't.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from lakewarden_collector.sources.delta.fault import LimitError
from lakewarden_collector.sources.delta.memory import MEGABYTE
from lakewarden_collector.sources.delta.stored_file import StoredFile
from lakewarden_collector.sources.delta.thrift import read_struct

LARGEST_FOOTER: Final = 16 * MEGABYTE
_TAIL: Final = struct.Struct("<I4s")
_READ_AT_ONCE: Final = 1 << 16
"""What pyarrow reads of a file's end."""

_UNCOMPRESSED: Final = 0
_CODECS: Final = {1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", 7: "lz4_raw"}
"""Those of Parquet that pyarrow unpacks outside of a file."""


class Chunk(Struct, frozen=True, kw_only=True):
    """One column chunk, its bytes from `start` to `end`; `repeated` where a row may have many."""

    path: str
    physical_type: str
    repeated: bool
    start: int
    end: int
    all_null: bool
    compression: int

    @property
    def is_compressed(self) -> bool:
        """Whether its pages are."""
        return self.compression != _UNCOMPRESSED

    @property
    def codec(self) -> pa.Codec | None:
        """What unpacks it, None where pyarrow does so inside of files alone."""
        name = _CODECS.get(self.compression)
        return pa.Codec(name) if name else None


class RowGroup(Struct, frozen=True):
    """The number of its rows, and its column chunks in the schema's order."""

    rows: int
    chunks: list[Chunk]


def read_footer(file: StoredFile, where: str) -> dict[int, Any]:
    """Return the fields of a file's footer by number, and leave its bytes at hand for pyarrow.

    Raises `LimitError`, and `ValueError` or `LookupError` where there is none.
    """
    start = max(file.size - _READ_AT_ONCE, 0)
    (tail,) = file.fetch([(start, file.size)])
    length, magic = _TAIL.unpack(tail[-_TAIL.size :])
    if magic != b"PAR1" or length + _TAIL.size > file.size:
        raise ValueError("Parquet magic bytes not found in footer")
    if length > LARGEST_FOOTER:
        raise LimitError(
            f"its footer has {length:,} bytes, at most {LARGEST_FOOTER:,} are read", where=where
        )
    needed = length + _TAIL.size
    if needed > len(tail):
        (tail,) = file.fetch([(file.size - needed, file.size)])
    return read_struct(tail[len(tail) - needed :], 0)[0]


def row_groups(
    footer: dict[int, Any], schema: pq.ParquetSchema, wanted: Sequence[int], size: int
) -> list[RowGroup]:
    """Return each row group with the chunks of the `wanted` columns of a file of `size` bytes.

    Raises `ValueError`, `LookupError` or `TypeError` where the footer makes no sense.
    """
    columns = {index: schema.column(index) for index in wanted}
    return [
        RowGroup(
            group[3],
            [_chunk(group[1][index][3], column, size) for index, column in columns.items()],
        )
        for group in footer.get(4, [])
    ]


def _chunk(fields: dict[int, Any], column: pq.ColumnSchema, size: int) -> Chunk:
    start = min(filter(None, (fields[9], fields.get(11))), default=0)
    end = start + fields[7]
    if not 0 <= start <= end <= size:
        raise ValueError(f"the column {column.path} lies outside of the file")
    return Chunk(
        path=column.path,
        physical_type=column.physical_type,
        repeated=column.max_repetition_level > 0,
        start=start,
        end=end,
        all_null=fields.get(12, {}).get(3) == fields[5],
        compression=fields[4],
    )
