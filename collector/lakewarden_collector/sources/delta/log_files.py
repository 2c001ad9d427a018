"""Which files of a Delta log make up the latest version of the table.

File names are the Delta protocol's ("Delta Log Entries", "Checkpoints", "Log Compaction Files",
"Last Checkpoint File").

A compacted log repeats commits that must be there all the same, and some writers get it wrong: it
is never read, and only says that its versions exist.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Final

import msgspec
import obstore
from msgspec import Struct
from obstore.store import LocalStore, ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.errors import clause
from lakewarden_collector.sources.delta.fault import DamagedFileError, NoTableError, damaged
from lakewarden_collector.sources.delta.memory import MEGABYTE

LOG_FOLDER: Final = "_delta_log"

_VERSION: Final = r"(?P<version>[0-9]{20})"
_COMMIT: Final = re.compile(rf"{_VERSION}\.json")
_COMPACTION: Final = re.compile(rf"{_VERSION}\.(?P<last>[0-9]{{20}})\.compacted\.json")
_CHECKPOINT: Final = re.compile(
    rf"{_VERSION}\.checkpoint"
    r"(?:\.(?P<part>[0-9]{10})\.(?P<parts>[0-9]{10})\.parquet"
    r"|\.(?P<uuid>[0-9a-fA-F-]{36})\.(?:json|parquet)"
    r"|\.parquet)"
)
_LAST_VERSION: Final = (1 << 63) - 1
_AFTER_VERSIONS: Final = ":"
"""Sorts after every digit: an object store lists what begins with it after all versions."""


class LogFile(Struct, frozen=True, kw_only=True):
    """One file of the log: the version that it is about, its path in the store, its time."""

    version: int
    path: str
    last_modified: datetime


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The files of one complete checkpoint.

    `rank` orders checkpoints, the best last: by version; then, as Spark takes them, v2 and the one
    with the most parts.
    """

    version: int
    rank: tuple[int, bool, int, str]
    files: tuple[LogFile, ...]


class LogSegment(Struct, frozen=True, kw_only=True):
    """The files that give the table at `version` when they are replayed in order.

    `commits` are those after the checkpoint. `newest` is the commit `version` itself, where it
    still exists.
    """

    version: int
    checkpoint: Checkpoint | None
    commits: tuple[LogFile, ...]
    newest: LogFile | None

    @property
    def last_modified(self) -> datetime:
        """When the version was written, as the store says."""
        files = self.checkpoint.files if self.checkpoint else self.commits
        return (self.newest or files[0]).last_modified


class LogListing(Struct, kw_only=True):
    """What a listing found; `whole` where no older file was left out.

    `unusable` are checkpoints that cannot be read, with what is wrong: a write that broke off
    leaves them behind. `newest` is the highest version that any file speaks of.
    """

    whole: bool
    newest: int = -1
    commits: dict[int, LogFile] = {}
    checkpoints: list[Checkpoint] = []
    unusable: list[tuple[LogFile, str]] = []

    def segment(self, without: Collection[Checkpoint] = ()) -> LogSegment:
        """Return the files of the latest version, none of them of the checkpoints `without`.

        Raises `DamagedFileError` where a commit is missing.
        """
        usable = (each for each in self.checkpoints if each not in without)
        checkpoint = max(usable, key=lambda each: each.rank, default=None)
        start = checkpoint.version + 1 if checkpoint else 0
        for version in range(start, self.newest + 1):
            if version not in self.commits:
                raise self._missing(version, checkpoint)
        return LogSegment(
            version=self.newest,
            checkpoint=checkpoint,
            commits=tuple(self.commits[version] for version in range(start, self.newest + 1)),
            newest=self.commits.get(self.newest),
        )

    def _missing(self, version: int, checkpoint: Checkpoint | None) -> DamagedFileError:
        path = f"{LOG_FOLDER}/{version:020d}.json"
        reason = f"commit {version} is missing"
        if checkpoint is None and self.unusable:
            file, why = max(self.unusable, key=lambda each: each[0].version)
            return damaged(file.path, f"{clause(why)}, and {reason}, which would do without it")
        return damaged(path, reason)


_LONGEST_HINT: Final = MEGABYTE


class _Hint(Struct):
    version: int


_HINT: Final = decoder(_Hint)


def list_log(store: ObjectStore, *, whole: bool = False) -> LogListing:
    """List the log of the table that `store` holds.

    `_last_checkpoint` saves listing old commits; where it is absent, damaged or wrong, or with
    `whole`, everything is listed. Raises `NoTableError` where there is no log, and obstore's
    errors where the store cannot be read.
    """
    hint = None if whole else _hinted_version(store)
    if hint is not None:
        listing = _list(store, hint)
        if listing.checkpoints:
            return listing
    listing = _list(store, None)
    if not (listing.commits or listing.checkpoints or listing.unusable):
        raise NoTableError(
            f"this isn't a Delta table: there is no commit in its {LOG_FOLDER}",
            remedy="Remove it, or start the folder's name with _ or . to skip it.",
        )
    return listing


def _hinted_version(store: ObjectStore) -> int | None:
    if isinstance(store, LocalStore):
        return None  # a directory is listed as a whole
    try:
        found = obstore.get(store, f"{LOG_FOLDER}/_last_checkpoint")
        if found.meta["size"] > _LONGEST_HINT:
            return None
        version = _HINT.decode(bytes(found.bytes())).version
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return version if 0 <= version <= _LAST_VERSION else None


def _list(store: ObjectStore, hint: int | None) -> LogListing:
    listing = LogListing(whole=hint is None)
    parts: defaultdict[tuple[int, bool, int, str], dict[int, LogFile]] = defaultdict(dict)
    for name, size, modified in _files(store, hint):
        found = _matched(name)
        if found is None:
            continue
        version = int(found["last"] if found.re is _COMPACTION else found["version"])
        listing.newest = max(listing.newest, version)
        file = LogFile(version=version, path=f"{LOG_FOLDER}/{name}", last_modified=modified)
        if found.re is _COMMIT:
            listing.commits[version] = file
        elif found.re is _CHECKPOINT:
            if size == 0:
                listing.unusable.append((file, f"the checkpoint of version {version} is empty"))
                continue
            unique = name if found["uuid"] else ""
            rank = (version, bool(unique), int(found["parts"] or 1), unique)
            parts[rank][int(found["part"] or 1)] = file
    for rank, files in parts.items():
        version, _, count, _ = rank
        if len(files) == count and min(files) == 1 and max(files) == count:
            in_order = tuple(files[number] for number in sorted(files))
            listing.checkpoints.append(Checkpoint(version=version, rank=rank, files=in_order))
        else:
            why = f"the checkpoint of version {version} has {len(files)} of {count} parts"
            listing.unusable.append((next(iter(files.values())), why))
    return listing


def _matched(name: str) -> re.Match[str] | None:
    return _COMMIT.fullmatch(name) or _COMPACTION.fullmatch(name) or _CHECKPOINT.fullmatch(name)


def _files(store: ObjectStore, hint: int | None) -> Iterator[tuple[str, int, datetime]]:
    """Yield name, size and time of the files in the log's own folder, from the hint on."""
    if isinstance(store, LocalStore):
        yield from _local_files(Path(str(store.prefix)) / LOG_FOLDER)
        return
    after = None if hint is None else f"{LOG_FOLDER}/{hint:020d}"
    for batch in obstore.list(store, LOG_FOLDER, offset=after):
        for stored in batch:
            if stored["path"] > f"{LOG_FOLDER}/{_AFTER_VERSIONS}":
                return
            folder, _, name = stored["path"].rpartition("/")
            if folder == LOG_FOLDER:
                yield name, stored["size"], stored["last_modified"]


def _local_files(folder: Path) -> Iterator[tuple[str, int, datetime]]:
    """Yield the same of a directory, in which a name may be anything: obstore would refuse it."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 -- a Path for each of a million names is dear
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in filter(_matched, names):
        path = folder / name
        try:
            found = path.stat()
        except FileNotFoundError:
            if path.is_symlink():
                raise
            continue  # cleaned up meanwhile
        if S_ISREG(found.st_mode):
            yield name, found.st_size, _moment(found.st_mtime)


def _moment(seconds: float) -> datetime:
    """Return a file's time; one that no calendar has becomes the last of all."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)
