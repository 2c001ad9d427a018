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

    keys: list[str]
    sizes: pa.Int64Array


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
    most = _LEAST_LIMIT + _HIGHEST_RATIO * file.size
    unpacked = 0
    for group in range(parquet.num_row_groups):
        metadata = parquet.metadata.row_group(group)
        chunks = _present({index: metadata.column(index) for index in chosen})
        paths = [chunk.path_in_schema for chunk in chunks.values()]
        ranges = [_range_of(chunk, file.size) for chunk in chunks.values()]
        with share.holding(_OVERHEAD + sum(end - start for start, end in ranges)):
            contents = file.fetch(ranges)
            widest = sum(
                bytes_per_row(
                    Chunk(chunk, chosen[index].max_repetition_level > 0, content),
                    metadata.num_rows,
                    where,
                )
                for (index, chunk), content in zip(chunks.items(), contents, strict=True)
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


def _present(chunks: dict[int, pq.ColumnChunkMetaData]) -> dict[int, pq.ColumnChunkMetaData]:
    """Leave out the actions of which a row group has none, as the writer counted: most are rare."""
    some = {_kind(each) for each in chunks.values() if not _all_null(each)}
    kept = {index: each for index, each in chunks.items() if _kind(each) in some}
    return kept or dict([*chunks.items()][:1])


def _kind(chunk: pq.ColumnChunkMetaData) -> str:
    return str(chunk.path_in_schema).partition(".")[0]


def _all_null(chunk: pq.ColumnChunkMetaData) -> bool:
    counted = chunk.statistics if chunk.is_stats_set else None
    return bool(counted and counted.has_null_count and counted.null_count == chunk.num_values)


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
    added, removed = _field(batch, "add", "path"), _field(batch, "remove", "path")
    columns = [column.cast(pa.string()) for column in (added, removed) if column is not None]
    if not columns:
        return
    paths = pc.coalesce(*columns)
    is_file = paths.is_valid()
    if not pc.any(is_file).as_py():
        return
    adds = pa.array([False] * len(paths)) if added is None else added.is_valid()
    sizes = pa.array([REMOVED] * len(paths), pa.int64())
    if added is not None:
        sizes = pc.if_else(adds, _sizes(_field(batch, "add", "size"), len(paths)), sizes)
    if sizes.filter(is_file).null_count:
        raise ValueError("an added file has no size")
    vectors = [
        _either(adds, *(_field(batch, kind, "deletionVector", part) for kind in ("add", "remove")))
        for part in _VECTOR
    ]
    keys = _keys(paths.filter(is_file), [v and v.filter(is_file) for v in vectors], root)
    yield FileBatch(keys, sizes.filter(is_file))


def _either(adds: pa.BooleanArray, one: pa.Array | None, other: pa.Array | None) -> pa.Array | None:
    """Return the first column where files are added, the second elsewhere."""
    if one is None and other is None:
        return None
    columns = (pa.scalar(None) if column is None else column for column in (one, other))
    return pc.if_else(adds, *columns)


def _keys(paths: pa.Array, vectors: Sequence[pa.Array | None], root: TableRoot) -> list[str]:
    keys: list[str] = paths.to_pylist()
    if pc.any(pc.match_substring_regex(paths, ODD)).as_py():
        keys = [file_key(path, root) for path in keys]
    if vectors[0] is None or vectors[0].null_count == len(keys):
        return keys
    nothing = [None] * len(keys)
    parts = zip(*(nothing if v is None else v.to_pylist() for v in vectors), strict=True)
    return [
        key if kind is None else with_vector(key, kind, text or "", offset)
        for key, (kind, text, offset) in zip(keys, parts, strict=True)
    ]


def _sizes(sizes: pa.Array | None, rows: int) -> pa.Array:
    """Return sizes as 64-bit integers, `IMPOSSIBLE` for those that no file can have."""
    if sizes is None:
        return pa.nulls(rows, pa.int64())
    try:
        whole = sizes.cast(pa.int64())
    except pa.ArrowInvalid:
        values = sizes.to_pylist()
        whole = pa.array([each if _is_size(each) else IMPOSSIBLE for each in values], pa.int64())
    return pc.if_else(pc.less(whole, 0), IMPOSSIBLE, whole)


def _is_size(value: Any) -> bool:  # noqa: ANN401 -- whatever number the writer chose
    return value is None or (value == int(value) and 0 <= value <= LARGEST)


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
