"""Reads single actions out of a log's files: JSON lines, and one column of Parquet checkpoints."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import msgspec
import obstore
import pyarrow.parquet as pq
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.fault import TableFaultError, said

_RESTORE: Final = "Restore the file from a backup, or RESTORE, re-create or drop the table."
_DOMAIN_COLUMN: Final = "domainMetadata"


class DomainMetadata(Struct, frozen=True, kw_only=True):
    """One domain's configuration, JSON text whose shape is the domain's own affair."""

    domain: str
    configuration: str = ""
    removed: bool = False


class CommitInfo(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a writer says about its commit; times in milliseconds since 1970."""

    in_commit_timestamp: int | None = None


class _Action(Struct, frozen=True, kw_only=True, rename="camel"):
    domain_metadata: DomainMetadata | None = None
    commit_info: CommitInfo | None = None


_DECODER: Final = decoder(_Action)


def lines(store: ObjectStore, path: str) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number from 1, without loading the whole file."""
    number = 1
    rest = b""
    for chunk in obstore.get(store, path).stream():
        *whole, rest = (rest + bytes(chunk)).split(b"\n")
        for line in whole:
            if line.strip():
                yield number, line
            number += 1
    if rest.strip():
        yield number, rest


def domains_in_json(store: ObjectStore, path: str) -> Iterator[DomainMetadata]:
    """Yield the domains that a JSON commit or a JSON checkpoint sets or removes."""
    for number, line in lines(store, path):
        if b'"domainMetadata"' in line:
            found = _decode(line, f"{path}:{number}").domain_metadata
            if found is not None:
                yield found


def domains_in_parquet(store: ObjectStore, path: str) -> Iterator[DomainMetadata]:
    """Yield the domains that a Parquet checkpoint holds; only their column is read.

    Old writers leave the column out. Raises pyarrow's errors where the file is no Parquet.
    """
    with pq.ParquetFile(StoredFile(store, path)) as parquet:
        if _DOMAIN_COLUMN not in parquet.schema_arrow.names:
            return
        for batch in parquet.iter_batches(columns=[_DOMAIN_COLUMN]):
            for row in batch.column(0).drop_null().to_pylist():
                if row["domain"] is not None:
                    yield DomainMetadata(
                        domain=row["domain"],
                        configuration=row["configuration"] or "",
                        removed=bool(row["removed"]),
                    )


def in_commit_timestamp(store: ObjectStore, path: str) -> int | None:
    """Return the time that a commit carries in itself, which its first action holds, if any."""
    for number, line in lines(store, path):
        info = _decode(line, f"{path}:{number}").commit_info
        return info.in_commit_timestamp if info else None
    return None


def _decode(line: bytes, where: str) -> _Action:
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise damaged_file(where, error) from error


def damaged_file(where: str, error: BaseException) -> TableFaultError:
    """Return the fault of a log file, `where` its path and line below the table's folder."""
    return TableFaultError(f"the log is damaged: {said(error)}", where=where, remedy=_RESTORE)


class StoredFile(io.RawIOBase):
    """A stored object as the file that pyarrow reads by ranges."""

    def __init__(self, store: ObjectStore, path: str) -> None:
        self._store = store
        self._path = path
        self._size = int(obstore.head(store, path)["size"])
        self._position = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, which costs nothing, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes from the position, all that is left where it is negative."""
        left = max(self._size - self._position, 0)
        length = left if size is None or size < 0 else min(size, left)
        if not length:
            return b""
        start = self._position
        self._position += length
        return bytes(obstore.get_range(self._store, self._path, start=start, length=length))
