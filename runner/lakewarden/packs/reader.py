"""Opens an evidence pack, and checks that it says what its manifest promises."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

import msgspec
from msgspec import Struct

from lakewarden.engines.bundle.stage import read_policies
from lakewarden.evaluation.document_store import DocumentStore
from lakewarden.model.decision import Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import TableReport
from lakewarden.packs.manifest import (
    CONFIG,
    DECISIONS,
    INVENTORY,
    MANIFEST,
    POLICIES,
    Manifest,
    PackedFile,
    decode_manifest,
)
from lakewarden.packs.seal import seal_holds
from lakewarden.policy_set import digest
from lakewarden_collector.counted import counted
from lakewarden_collector.decoding import decoder
from lakewarden_collector.inventory import InventoryReader

_PIECE: Final = 1 << 20
_MOST_MANIFEST: Final = 64 << 20
"""Bytes; a manifest names some hundred files."""
_PATH: Final = re.compile(
    rf"{re.escape(INVENTORY)}|{re.escape(DECISIONS)}|({POLICIES}|{CONFIG})(?!\.)[^/\\\0]+(/(?!\.)[^/\\\0]+)*"
)
"""The files that a pack can have, beside its manifest; no part of a path begins with a dot."""

_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What Python raises for a damaged ZIP file, and for one that uses what ours never do."""

_decode_table: Final = decoder(TableReport).decode


class Fault(Struct, frozen=True):
    """Something in a pack that isn't as its manifest says: where, and what."""

    where: str
    what: str


class Pack:
    """An open pack; used in a `with` block.

    Raises `ConfigurationError` for a file that can't be read, that isn't a pack, or that another
    version wrote.
    """

    manifest: Manifest

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise ConfigurationError(
                f"can't be read: {error.strerror or error}", where=str(path), remedy=_REMEDY
            ) from error
        except _BROKEN as error:
            raise _no_pack(path, str(error)) from error
        try:
            self.manifest = decode_manifest(self._read(MANIFEST, _MOST_MANIFEST))
        except KeyError as error:
            self._zip.close()
            raise _no_pack(path, f"it has no {MANIFEST}") from error
        except (*_BROKEN, ValueError) as error:
            self._zip.close()
            raise _no_pack(path, f"{MANIFEST}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def _read(self, name: str, most: int) -> bytes:
        with self._zip.open(name) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise ValueError(f"it is longer than {most:,} bytes")
        return data

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file of the pack. Raises `ConfigurationError`, also while it is read."""
        try:
            with self._zip.open(name) as stream:
                yield cast("BinaryIO", stream)
        except (*_BROKEN, KeyError) as error:
            raise ConfigurationError(
                f"is damaged: {error}", where=f"{self.path}: {name}", remedy=_REMEDY
            ) from error

    def unpack_rules(self, folder: Path) -> tuple[Path, Path]:
        """Write policies and settings into a folder; return the folders of both."""
        roots = folder / POLICIES, folder / CONFIG
        for root in roots:
            root.mkdir(parents=True, exist_ok=True)
        for each in self.manifest.files:
            if each.path in (INVENTORY, DECISIONS):
                continue
            if not _PATH.fullmatch(each.path):
                raise ConfigurationError(
                    "isn't a path that a pack can have", where=f"{self.path}: {each.path}"
                )
            with self.open(each.path) as stream:
                target = folder / each.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(stream.read(each.bytes))
        return roots

    def unpack_inventory(self, target: Path) -> None:
        """Write the inventory to a file."""
        with self.open(INVENTORY) as stream, target.open("wb") as file:
            shutil.copyfileobj(stream, file)

    def tables(self) -> Iterator[tuple[bytes, TableReport]]:
        """Yield each table with its decisions, as it is written and as it is read.

        Raises `ConfigurationError` for a damaged one.
        """
        with self.open(DECISIONS) as stream:
            for number, line in enumerate(stream, 1):
                try:
                    yield line.rstrip(b"\n"), _decode_table(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    raise ConfigurationError(
                        f"isn't a table: {error}", where=f"{self.path}: {DECISIONS}:{number}"
                    ) from error


def verify(path: Path, folder: Path) -> tuple[Manifest | None, tuple[Fault, ...]]:
    """Check a pack: its seal, each file, and what digests and counts come to.

    Returns the manifest, None where it can't be read any more, and what is wrong. `folder` is an
    empty one for what has to be unpacked. Raises `ConfigurationError` as `Pack` does for what never
    was a pack.
    """
    sealed = _is_sealed(path)
    faults: tuple[Fault, ...] = () if sealed else (Fault(str(path), _SEAL),)
    try:
        with Pack(path) as pack:
            faults += tuple(_of_files(pack))
            if not faults:  # of what has been changed, sums tell no more
                faults = tuple(_of_sums(pack, folder))
            return pack.manifest, faults
    except ConfigurationError as error:
        if sealed or not _begins_like_ours(path):
            raise
        return None, (*faults, Fault(str(path), error.what))


def _is_sealed(path: Path) -> bool:
    try:
        return seal_holds(path)
    except OSError:
        return True  # opening it says what is wrong


def _begins_like_ours(path: Path) -> bool:
    """Whether a file's first name is where a ZIP file has it, and is of the policies."""
    with path.open("rb") as stream:
        head = stream.read(_FIRST_NAME + len(POLICIES))
    return head.startswith(b"PK") and head[_FIRST_NAME:] == POLICIES.encode()


_FIRST_NAME: Final = 30
"""Where the first file's name begins in a ZIP file."""
_SEAL: Final = "the seal is broken: the file isn't the same as when it was written"
_REMEDY: Final = "Name a pack that `lakewarden evaluate --pack FILE.zip` wrote."


def _of_files(pack: Pack) -> Iterator[Fault]:
    """Compare the files with what the manifest says of each."""
    there = Counter(pack._zip.namelist())  # noqa: SLF001 -- of this module
    promised = {each.path: each for each in pack.manifest.files}
    for name, times in there.items():
        if times > 1:
            yield Fault(name, "the pack has this file twice")
        if name != MANIFEST and name not in promised:
            yield Fault(name, "the manifest doesn't know this file")
    for each in pack.manifest.files:
        if each.path not in there:
            yield Fault(each.path, "the file is missing")
        elif not _PATH.fullmatch(each.path):
            yield Fault(each.path, "this isn't a path that a pack can have")
        else:
            yield from _of_file(pack, each)


def _of_file(pack: Pack, about: PackedFile) -> Iterator[Fault]:
    found, length = hashlib.sha256(), 0
    try:
        with pack.open(about.path) as stream:
            while length <= about.bytes and (piece := stream.read(_PIECE)):
                found.update(piece)
                length += len(piece)
    except ConfigurationError as error:
        yield Fault(about.path, error.what)
        return
    if length != about.bytes:
        yield Fault(
            about.path, f"it doesn't have {counted(about.bytes, 'byte')}, as the manifest says"
        )
    elif found.hexdigest() != about.sha256:
        yield Fault(about.path, "its digest isn't the manifest's")


def _of_sums(pack: Pack, folder: Path) -> Iterator[Fault]:
    """Compare the report's digests and the counts with what the files come to."""
    digests, counts = pack.manifest.digests, pack.manifest.counts
    with pack.open(INVENTORY) as stream, DocumentStore() as store:
        store.fill(InventoryReader(stream, INVENTORY, pack.manifest.clock))
    root, _ = pack.unpack_rules(folder)
    texts = (part.encode() for each in read_policies([root]) for part in (each.path, each.text))
    tables, outcomes = 0, Counter[str]()
    for _, table in pack.tables():
        tables += 1
        outcomes.update(str(each.outcome) for each in table.decisions.values())
    for where, what, found, promised in (
        (INVENTORY, "the digest of its documents", store.digest, digests.inventory),
        (POLICIES, "the digest of the policies", digest(list(texts)), digests.policies),
        (INVENTORY, "the number of documents", store.documents_read, counts.documents),
        (INVENTORY, "the number of failures", store.failures_read, counts.failures),
        (DECISIONS, "the number of tables", tables, counts.tables),
        *(
            (
                DECISIONS,
                f"the number of {each} decisions",
                outcomes[each],
                counts.decisions.get(each),
            )
            for each in map(str, Outcome)
        ),
    ):
        if found != promised:
            yield Fault(where, f"{what} is {found}, but the manifest says {promised}")


def _no_pack(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"isn't an evidence pack: {why}", where=str(path), remedy=_REMEDY)
