"""Reads a Parquet checkpoint or sidecar: chosen columns, in batches, statistics never.

Columns are the Delta protocol's ("Checkpoint Schema"). Writers leave out what they have no rows
for, add columns of their own, and use narrower types: only what is there is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.sources.delta.active_files import (
    IMPOSSIBLE,
    LARGEST,
    MOST_ACTIONS,
    REMOVED,
)
from lakewarden_collector.sources.delta.fault import LimitError, damaged_file
from lakewarden_collector.sources.delta.file_key import ODD, TableRoot, file_key, with_vector
from lakewarden_collector.sources.delta.memory import MEGABYTE, Share
from lakewarden_collector.sources.delta.parquet_pages import Chunk, bytes_per_row
from lakewarden_collector.sources.delta.stored_file import StoredFile

_BATCH: Final = 1 << 14
"""Rows that are unpacked at once, fewer where they are wide."""

_LARGEST_BATCH: Final = 32 * MEGABYTE
_MOST_BATCHES: Final = 100_000
_HIGHEST_RATIO: Final = 1000
"""Unpacked to packed; paths hold random ids, and 20 is much."""

_LEAST_LIMIT: Final = 64 * MEGABYTE
_OVERHEAD: Final = 16 * MEGABYTE
_VECTOR: Final = ("storageType", "pathOrInlineDv", "offset")
_FILES: Final = frozenset(
    {
        "add.path",
        "add.size",
        "remove.path",
        *(f"{kind}.deletionVector.{part}" for kind in ("add", "remove") for part in _VECTOR),
    }
)
_STATEMENTS: Final = {
    "protocol": ("minReaderVersion",),
    "metaData": ("id", "schemaString"),
    "domainMetadata": ("domain",),
    "sidecar": ("path",),
}
"""Actions other than files, with the columns of which one says that the row is such an action."""

_UNUSED: Final = ("metaData.format.", "sidecar.tags.")


class FileBatch(Struct, frozen=True):
    """Additions and removals in the file's order: keys, and sizes in bytes or `REMOVED`."""

    keys: Sequence[str]
    sizes: Sequence[int]


class StatementRow(Struct, frozen=True):
    """One other action: its key in the log (`metaData`), and its JSON."""

    kind: str
    text: bytes


def read_checkpoint(
    store: ObjectStore, path: str, root: TableRoot, share: Share
) -> Iterator[FileBatch | StatementRow]:
    """Yield what a Parquet file of the log holds, in order.

    Raises `DamagedFileError` naming the file, `LimitError`, and obstore's errors.
    """
    file = StoredFile(store, path)
    try:
        with pq.ParquetFile(file, pre_buffer=False) as parquet:
            rows = parquet.metadata.num_rows
            if rows > MOST_ACTIONS:
                raise LimitError(
                    f"it has {rows:,} rows, and at most {MOST_ACTIONS:,} are read", where=path
                )
            for batch in _batches(file, parquet, path, share):
                yield from _statements(batch)
                yield from _files(batch, root)
    except (pa.ArrowException, OSError, ValueError, LookupError, struct.error) as error:
        raise file.error or damaged_file(path, error) from error


def _batches(
    file: StoredFile, parquet: pq.ParquetFile, where: str, share: Share
) -> Iterator[pa.RecordBatch]:
    columns = {index: parquet.schema.column(index) for index in range(len(parquet.schema))}
    chosen = {index: column for index, column in columns.items() if _is_wanted(column.path)}
    paths = [column.path for column in chosen.values()]
    most = _LEAST_LIMIT + _HIGHEST_RATIO * file.size
    unpacked = 0
    for group in range(parquet.num_row_groups):
        metadata = parquet.metadata.row_group(group)
        chunks = {index: metadata.column(index) for index in chosen}
        ranges = [_range_of(chunk, file.size) for chunk in chunks.values()]
        with share.holding(_OVERHEAD + sum(end - start for start, end in ranges)):
            contents = file.fetch(ranges)
            widest = sum(
                bytes_per_row(
                    Chunk(chunks[index], column.max_repetition_level > 0, content),
                    metadata.num_rows,
                    where,
                )
                for (index, column), content in zip(chosen.items(), contents, strict=True)
            )
            rows = min(_BATCH, max(_LARGEST_BATCH // max(widest, 1), 1))
            if metadata.num_rows // rows > _MOST_BATCHES:
                raise LimitError(
                    f"its {metadata.num_rows:,} rows of up to {widest:,} bytes may unpack to more "
                    f"than {_MOST_BATCHES * _LARGEST_BATCH:,} bytes",
                    where=where,
                )
            for batch in parquet.iter_batches(
                rows, row_groups=[group], columns=paths, use_threads=False
            ):
                unpacked += batch.nbytes
                if unpacked > most:
                    raise LimitError(
                        f"it unpacks to more than {most:,} bytes, and has {file.size:,}",
                        where=where,
                    )
                yield batch
            file.fetch([])


def _is_wanted(path: str) -> bool:
    top = path.partition(".")[0]
    return path in _FILES or (top in _STATEMENTS and not path.startswith(_UNUSED))


def _range_of(column: pq.ColumnChunkMetaData, size: int) -> tuple[int, int]:
    starts = [column.data_page_offset, column.dictionary_page_offset]
    start = min(each for each in starts if each)
    end = start + column.total_compressed_size
    if not 0 <= start <= end <= size:
        raise ValueError(f"the column {column.path_in_schema} lies outside of the file")
    return start, end


def _statements(batch: pa.RecordBatch) -> Iterator[StatementRow]:
    for kind, essential in _STATEMENTS.items():
        if kind in batch.schema.names and batch.column(kind).null_count < batch.num_rows:
            for row in batch.column(kind).drop_null().to_pylist(maps_as_pydicts="lossy"):
                if any(row.get(name) is not None for name in essential):
                    yield StatementRow(kind, msgspec.json.encode(_as_in_json(row)))


def _as_in_json(value: Any) -> Any:  # noqa: ANN401 -- any part of a row
    """Return a row as the JSON log would have it: no key for null, and text for bare bytes."""
    if isinstance(value, dict):
        return {k: _as_in_json(part) for k, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_as_in_json(part) for part in value if part is not None]
    return value.decode() if isinstance(value, bytes) else value


def _files(batch: pa.RecordBatch, root: TableRoot) -> Iterator[FileBatch]:
    added, removed = _keys(batch, "add", root), _keys(batch, "remove", root)
    if added is None and removed is None:
        return
    nothing = [None] * batch.num_rows
    sizes = nothing if added is None else _sizes(batch)
    rows = [
        (plus, size) if plus is not None else (minus, REMOVED)
        for plus, size, minus in zip(added or nothing, sizes, removed or nothing, strict=True)
        if plus is not None or minus is not None
    ]
    if any(size is None for _, size in rows):
        raise ValueError("an added file has no size")
    keys, numbers = zip(*rows, strict=True)
    yield FileBatch(keys, numbers)


def _keys(batch: pa.RecordBatch, kind: str, root: TableRoot) -> list[str | None] | None:
    """Return the key of the file that each row adds or removes, None where no row does."""
    paths = _field(batch, kind, "path")
    if paths is None or paths.null_count == len(paths):
        return None
    keys: list[str | None] = paths.cast(pa.string()).to_pylist()
    if pc.any(pc.match_substring_regex(paths.cast(pa.string()), ODD)).as_py():
        keys = [key if key is None else file_key(key, root) for key in keys]
    vectors = [_field(batch, kind, "deletionVector", part) for part in _VECTOR]
    if vectors[0] is not None and vectors[0].null_count < len(vectors[0]):
        parts = zip(*(_values(each, len(keys)) for each in vectors), strict=True)
        keys = [
            key if key is None or vector[0] is None else with_vector(key, *vector)
            for key, vector in zip(keys, parts, strict=True)
        ]
    return keys


def _sizes(batch: pa.RecordBatch) -> list[int | None]:
    sizes = _values(_field(batch, "add", "size"), batch.num_rows)
    return [size if size is None or 0 <= size <= LARGEST else IMPOSSIBLE for size in sizes]


def _values(column: pa.Array | None, rows: int) -> list[Any]:
    return [None] * rows if column is None else column.to_pylist()


def _field(batch: pa.RecordBatch, *names: str) -> pa.Array | None:
    """Return a column inside a struct, null where the struct is; None where there is none."""
    if names[0] not in batch.schema.names:
        return None
    column = batch.column(names[0])
    for name in names[1:]:
        if not pa.types.is_struct(column.type) or column.type.get_field_index(name) < 0:
            return None
        column = pc.struct_field(column, name)
    return column
