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
from lakewarden_collector.sources.delta.parquet_footer import (
    Chunk,
    RowGroup,
    read_footer,
    row_groups,
)
from lakewarden_collector.sources.delta.parquet_pages import bytes_per_row
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

_DAMAGE: Final = (
    *(pa.ArrowException, OSError, ValueError, LookupError),
    *(TypeError, AttributeError, struct.error),
)
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
        footer = read_footer(file, path)
        with pq.ParquetFile(file, pre_buffer=False) as parquet:
            wanted = [
                index
                for index in range(len(parquet.schema))
                if _is_wanted(parquet.schema.column(index).path)
            ]
            groups = row_groups(footer, parquet.schema, wanted, file.size)
            rows = sum(group.rows for group in groups)
            if rows != parquet.metadata.num_rows:
                raise ValueError("its footer contradicts itself about the number of rows")
            if rows > MOST_ACTIONS:
                raise LimitError(
                    f"it has {rows:,} rows, and at most {MOST_ACTIONS:,} are read", where=path
                )
            for batch in _batches(file, parquet, groups, path, share):
                yield from _statements(batch)
                yield from _files(batch, root)
    except _DAMAGE as error:
        raise file.error or damaged_file(path, error) from error


def _batches(
    file: StoredFile, parquet: pq.ParquetFile, groups: list[RowGroup], where: str, share: Share
) -> Iterator[pa.RecordBatch]:
    most = _LEAST_LIMIT + _HIGHEST_RATIO * file.size
    unpacked = 0
    for number, group in enumerate(groups):
        chunks = _present(group.chunks)
        with share.holding(_OVERHEAD + sum(chunk.end - chunk.start for chunk in chunks)):
            contents = file.fetch([(chunk.start, chunk.end) for chunk in chunks])
            widest = sum(
                bytes_per_row(chunk, content, group.rows, where)
                for chunk, content in zip(chunks, contents, strict=True)
            )
            rows = min(_BATCH, max(_LARGEST_BATCH // max(widest, 1), 1))
            if group.rows // rows > _MOST_BATCHES:
                raise LimitError(
                    f"its {group.rows:,} rows of up to {widest:,} bytes may unpack to more "
                    f"than {_MOST_BATCHES * _LARGEST_BATCH:,} bytes",
                    where=where,
                )
            for batch in parquet.iter_batches(
                rows,
                row_groups=[number],
                columns=[chunk.path for chunk in chunks],
                use_threads=False,
            ):
                unpacked += batch.nbytes
                if unpacked > most:
                    raise LimitError(
                        f"it unpacks to more than {most:,} bytes, and has {file.size:,}",
                        where=where,
                    )
                yield batch
            file.fetch([])


def _present(chunks: list[Chunk]) -> list[Chunk]:
    """Leave out the actions of which a row group has none, as the writer counted: most are rare."""
    some = {_kind(each) for each in chunks if not each.all_null}
    return [each for each in chunks if _kind(each) in some] or chunks[:1]


def _kind(chunk: Chunk) -> str:
    return chunk.path.partition(".")[0]


def _is_wanted(path: str) -> bool:
    top = path.partition(".")[0]
    return path in _FILES or (top in _STATEMENTS and not path.startswith(_UNUSED))


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
