"""Replays a Delta log: what its files say, in order, with the last word about everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.sources.delta.active_files import REMOVED, ActiveFiles, Total
from lakewarden_collector.sources.delta.checkpoint import FileBatch, read_checkpoint
from lakewarden_collector.sources.delta.clustering import CLUSTERING_DOMAIN
from lakewarden_collector.sources.delta.fault import DamagedFileError, damaged
from lakewarden_collector.sources.delta.file_key import TableRoot, file_key, with_vector
from lakewarden_collector.sources.delta.log_actions import (
    DOMAIN,
    METADATA,
    PROTOCOL,
    SIDECAR,
    DomainMetadata,
    File,
    Metadata,
    Protocol,
    Statement,
    actions,
    size_of,
    statement,
)
from lakewarden_collector.sources.delta.log_files import (
    LOG_FOLDER,
    Checkpoint,
    LogSegment,
    list_log,
)
from lakewarden_collector.sources.delta.memory import Share
from lakewarden_collector.sources.delta.protocol import check_complete, check_readable

_SIDECARS: Final = f"{LOG_FOLDER}/_sidecars"


class LogState(Struct, frozen=True, kw_only=True):
    """The last word of a log about everything.

    `clustering` is the action that set the clustering domain, None where none did or it was
    removed. Places (`…_at`) are file and line below the table's folder.
    """

    segment: LogSegment
    total: Total
    protocol: Protocol
    metadata: Metadata
    metadata_at: str
    clustering: DomainMetadata | None
    clustering_at: str


class _CheckpointError(Exception):
    """A checkpoint is damaged, and older files may say the same."""

    def __init__(self, checkpoint: Checkpoint, fault: DamagedFileError) -> None:
        super().__init__(fault.what)
        self.checkpoint = checkpoint
        self.fault = fault


def read_log(store: ObjectStore, root: TableRoot, share: Share) -> LogState:
    """Read the latest state of the table that `store` holds and whose paths start at `root`.

    A damaged checkpoint is done without where older files say the same. Raises
    `TableFaultError` naming the file, and obstore's errors.
    """
    listing = list_log(store)
    damaged_ones: list[Checkpoint] = []
    first: DamagedFileError | None = None
    while True:
        try:
            segment = listing.segment(damaged_ones)
        except DamagedFileError as fault:
            if listing.whole:
                raise first or fault from None
            listing = list_log(store, whole=True)
            continue
        try:
            return _Replay(store, root, share).run(segment)
        except _CheckpointError as error:
            first = first or error.fault
            damaged_ones.append(error.checkpoint)


class _Replay:
    """Goes through a segment's files, oldest first; the last action about anything stands."""

    def __init__(self, store: ObjectStore, root: TableRoot, share: Share) -> None:
        self._store = store
        self._root = root
        self._share = share
        self._active = ActiveFiles(share)
        self._protocol: Statement | None = None
        self._metadata: Statement | None = None
        self._clustering: tuple[DomainMetadata, str] | None = None

    def run(self, segment: LogSegment) -> LogState:
        """Return what the segment's files come to."""
        try:
            stated, metadata = self._replay(segment)
        except (DamagedFileError, _CheckpointError):
            if self._protocol is not None:  # what an unknown protocol means may look like damage
                check_readable(self._protocol.read(PROTOCOL))
            raise
        protocol: Protocol = stated.read(PROTOCOL)
        check_readable(protocol)
        newest: Metadata = metadata.read(METADATA)
        check_complete(newest.configuration or {})
        domain, at = self._clustering or (None, "")
        return LogState(
            segment=segment,
            total=self._active.total(),
            protocol=protocol,
            metadata=newest,
            metadata_at=metadata.where,
            clustering=domain,
            clustering_at=at,
        )

    def _replay(self, segment: LogSegment) -> tuple[Statement, Statement]:
        """Go through the files, and return the newest protocol and metadata."""
        if segment.checkpoint:
            files = segment.checkpoint.files
            try:
                sidecars = [name for file in files for name in self._read(file.path)]
                for name in sidecars:
                    self._read(name)
            except DamagedFileError as fault:
                raise _CheckpointError(segment.checkpoint, fault) from fault
        for commit in segment.commits:
            self._read(commit.path)
        if self._protocol is None or self._metadata is None:
            lacking = "protocol" if self._protocol is None else "metaData"
            if segment.checkpoint is None:
                raise damaged(LOG_FOLDER, f"no {lacking} action is in it")
            lack = damaged(segment.checkpoint.files[0].path, f"no {lacking} action is in it")
            raise _CheckpointError(segment.checkpoint, lack)
        return self._protocol, self._metadata

    def _read(self, path: str) -> list[str]:
        """Replay one file and return the paths of the sidecars that it names."""
        found = self._parquet(path) if path.endswith(".parquet") else self._json(path)
        try:
            return [f"{_SIDECARS}/{_file_name(each.read(SIDECAR).path)}" for each in found]
        except FileNotFoundError:
            raise damaged(path, "this file, which it needs, is missing") from None

    def _parquet(self, path: str) -> Iterator[Statement]:
        for found in read_checkpoint(self._store, path, self._root, self._share):
            if isinstance(found, FileBatch):
                self._active.extend(found.keys, found.sizes, path)
                continue
            yield from self._note(found.kind, Statement(found.text, path))

    def _json(self, path: str) -> Iterator[Statement]:
        for where, action in actions(self._store, path, self._share):
            if action.add is not None:
                if not action.add.path:
                    raise damaged(where, "an added file has no path")
                self._active.append(self._key(action.add), size_of(action.add, where), where)
            elif action.remove is not None:
                self._active.append(self._key(action.remove), REMOVED, where)
            for kind, raw in action.statements():
                if found := statement(raw, where):
                    yield from self._note(kind, found)

    def _note(self, kind: str, found: Statement) -> Iterator[Statement]:
        match kind:
            case "protocol":
                self._protocol = found
            case "metaData":
                self._metadata = found
            case "domainMetadata":
                self._note_domain(found)
            case "sidecar":
                yield found

    def _note_domain(self, found: Statement) -> None:
        domain: DomainMetadata = found.read(DOMAIN)
        if domain.domain == CLUSTERING_DOMAIN:
            self._clustering = None if domain.removed else (domain, found.where)

    def _key(self, file: File) -> str:
        key = file_key(file.path, self._root)
        vector = file.deletion_vector
        if vector is None or vector.storage_type is None:
            return key
        return with_vector(key, vector.storage_type, vector.path_or_inline_dv or "", vector.offset)


def _file_name(path: str) -> str:
    """Return the name of a sidecar, which always lies in the log's own folder."""
    return unquote(path).rpartition("/")[2]
