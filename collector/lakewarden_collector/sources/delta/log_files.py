"""Which files of a Delta log make up one version of the table.

File names are the Delta protocol's ("Delta Log Entries", "Checkpoints", "Last Checkpoint File").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import obstore
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.fault import TableFaultError

LOG_FOLDER: Final = "_delta_log"

_COMMIT: Final = re.compile(r"(\d{20})\.json")
_CHECKPOINT: Final = re.compile(
    r"(?P<version>\d{20})\.checkpoint"
    r"(?:\.(?P<part>\d{10})\.(?P<parts>\d{10})\.parquet"
    r"|\.(?P<uuid>[0-9a-fA-F-]{36})\.(?:json|parquet)"
    r"|\.parquet)"
)


class LogFile(Struct, frozen=True, kw_only=True):
    """One commit or one checkpoint file: its version, its path in the store, its time."""

    version: int
    path: str
    last_modified: datetime


class LogSegment(Struct, frozen=True, kw_only=True):
    """The files that give the table at `version`.

    `checkpoint` holds the parts of the latest complete checkpoint, or nothing; `commits` are the
    versions after it, ascending; `newest` is the commit `version` itself, where it still exists.
    """

    version: int
    checkpoint: tuple[LogFile, ...]
    commits: tuple[LogFile, ...]
    newest: LogFile | None

    @property
    def last_modified(self) -> datetime | None:
        """When the version was written, as the store says."""
        file = self.newest or next(iter(self.checkpoint), None)
        return file.last_modified if file else None


class _Hint(Struct):
    version: int


_decode_hint: Final = decoder(_Hint).decode


def read_segment(store: ObjectStore, version: int | None = None) -> LogSegment:
    """Find the files of `version`, or of the latest version, in the table that `store` holds.

    `_last_checkpoint` saves listing old commits; where it is absent, damaged or wrong, the whole
    log is listed. Raises `TableFaultError` where a commit is missing, obstore's errors where the
    store cannot be read.
    """
    hint = _hinted_version(store)
    if hint is not None and (version is None or hint <= version):
        commits, checkpoints = _list(store, f"{LOG_FOLDER}/{hint:020d}", version)
        if checkpoints:
            return _assemble(commits, checkpoints, version)
    return _assemble(*_list(store, None, version), version)


def _hinted_version(store: ObjectStore) -> int | None:
    try:
        hint = bytes(obstore.get(store, f"{LOG_FOLDER}/_last_checkpoint").bytes())
        return _decode_hint(hint).version
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _list(
    store: ObjectStore, after: str | None, version: int | None
) -> tuple[list[LogFile], list[tuple[LogFile, ...]]]:
    """Return the commits and the complete checkpoints up to `version`, each ascending."""
    commits: list[LogFile] = []
    parts: defaultdict[tuple[int, str], list[LogFile]] = defaultdict(list)
    for name, file in _log_files(store, after):
        if version is not None and file.version > version:
            continue
        found = _CHECKPOINT.fullmatch(name)
        if found is None:
            commits.append(file)
        else:
            parts[file.version, f"{found['parts'] or 1}:{found['uuid'] or ''}"].append(file)
    complete = [
        tuple(sorted(files, key=lambda file: file.path))
        for (_, kind), files in sorted(parts.items())
        if len(files) == int(kind.partition(":")[0])
    ]
    return sorted(commits, key=lambda file: file.version), complete


def _log_files(store: ObjectStore, after: str | None) -> Iterator[tuple[str, LogFile]]:
    """Yield the name and the file of every commit and checkpoint that sorts after `after`."""
    for batch in obstore.list(store, LOG_FOLDER, offset=after):
        for stored in batch:
            folder, _, name = stored["path"].rpartition("/")
            if folder == LOG_FOLDER and (_COMMIT.fullmatch(name) or _CHECKPOINT.fullmatch(name)):
                yield (
                    name,
                    LogFile(
                        version=int(name[:20]),
                        path=stored["path"],
                        last_modified=stored["last_modified"],
                    ),
                )


def _assemble(
    commits: Sequence[LogFile], checkpoints: Iterable[tuple[LogFile, ...]], version: int | None
) -> LogSegment:
    checkpoint = max(checkpoints, key=lambda files: files[0].version, default=())
    start = checkpoint[0].version + 1 if checkpoint else 0
    later = tuple(file for file in commits if file.version >= start)
    for expected, file in enumerate(later, start):
        if file.version != expected:
            raise _missing(expected)
    reached = start + len(later) - 1
    if reached < max(version or 0, 0):
        raise _missing(reached + 1)
    newest = next((file for file in reversed(commits) if file.version == reached), None)
    return LogSegment(version=reached, checkpoint=checkpoint, commits=later, newest=newest)


def _missing(version: int) -> TableFaultError:
    return TableFaultError(
        f"the log is damaged: commit {version} is missing",
        where=f"{LOG_FOLDER}/{version:020d}.json",
        remedy="Restore the file from a backup, or RESTORE, re-create or drop the table.",
    )
