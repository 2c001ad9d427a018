"""Writes an evidence pack while a run goes on, in constant memory."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from msgspec import structs

from lakewarden.engines.interface import Module
from lakewarden.model.decision import Outcome
from lakewarden.model.policy import TREES
from lakewarden.model.report import TableReport
from lakewarden.packs.manifest import (
    CONFIG,
    DECISIONS,
    INVENTORY,
    MANIFEST,
    POLICIES,
    Manifest,
    PackedFile,
    encode_manifest,
)
from lakewarden.packs.seal import BLANK, SealedStream
from lakewarden.report import layout
from lakewarden.report.atomic_file import PendingFile
from lakewarden.settings.settings import SCHEMA_FILE, SETTINGS_SUFFIX
from lakewarden.settings.waivers import FILE as WAIVERS_FILE

_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The first time that a ZIP file can tell: a pack's bytes know no other clock than the run's."""
_READABLE: Final = 0o100644 << 16
_UNIX: Final = 3


class PackWriter:
    """Writes one pack; used in a `with` block. The file appears at `finish`, whole.

    Call `inventory`, `add_rules`, `decisions` and `finish` in this order. Raises
    `ConfigurationError` where the file can't be opened, `OutputError` where it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = PendingFile(path)
        self._sealed = SealedStream(self._file)
        # What can't go back is written through; the bytes then depend on nothing but the content.
        self._zip = zipfile.ZipFile(
            cast("BinaryIO", self._sealed), "w", zipfile.ZIP_DEFLATED, compresslevel=6
        )
        self._zip.comment = BLANK
        self._files: list[PackedFile] = []
        self._tables = 0
        self._outcomes: Counter[Outcome] = Counter()
        self._decisions: Member | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.discard()

    @contextmanager
    def inventory(self) -> Iterator[BinaryIO]:
        """Open the inventory: what `InventoryWriter` writes goes there."""
        with self.member(INVENTORY) as member:
            yield cast("BinaryIO", member)

    def add_rules(self, policies: Mapping[str, bytes], config: Mapping[str, bytes]) -> None:
        """Add the policies with their schemas, by path below the bundle root, and the settings."""
        for folder, files in ((POLICIES, policies), (CONFIG, config)):
            for path in sorted(files):
                with self.member(f"{folder}{path}") as member:
                    member.write(files[path])

    @contextmanager
    def decisions(self) -> Iterator[None]:
        """Open the list of decisions: `add` writes there."""
        with self.member(DECISIONS) as member:
            self._decisions = member
            yield

    def add(self, table: TableReport) -> None:
        """Append one table with its decisions, without what a history or a baseline adds."""
        assert self._decisions is not None  # noqa: S101 -- opened before anything is decided
        self._decisions.write(layout.table(as_decided(table)) + b"\n")
        self._tables += 1
        self._outcomes.update(each.outcome for each in table.decisions.values())

    def finish(self, manifest: Manifest) -> Manifest:
        """Complete the manifest with the counts, and seal the pack; return the manifest."""
        counts = structs.replace(
            manifest.counts,
            tables=self._tables,
            decisions={str(each): self._outcomes[each] for each in Outcome},
        )
        return self.seal(structs.replace(manifest, counts=counts))

    def seal(self, manifest: Manifest) -> Manifest:
        """Write the manifest with the files' digests and the seal; give the file its name."""
        files = tuple(sorted(self._files, key=lambda each: each.path))
        manifest = structs.replace(manifest, files=files)
        with self.member(MANIFEST) as member:
            member.write(encode_manifest(manifest))
        self._zip.close()
        self._sealed.seal()
        self._file.commit()
        return manifest

    @contextmanager
    def member(self, path: str) -> Iterator[Member]:
        """Open a file of the pack; one at a time."""
        about = zipfile.ZipInfo(path, _BEGINNING)
        about.compress_type = zipfile.ZIP_DEFLATED
        about.external_attr = _READABLE
        about.create_system = _UNIX
        with self._zip.open(about, "w", force_zip64=True) as stream:
            member = Member(cast("BinaryIO", stream))
            yield member
        self._files.append(
            PackedFile(path=path, bytes=member.length, sha256=member.digest.hexdigest())
        )


class Member:
    """A file of the pack that is being written."""

    def __init__(self, stream: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self.length = 0
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self.digest.update(data)
        self.length += len(data)
        self._stream.write(data)


def policy_files(modules: Sequence[Module], roots: Sequence[Path]) -> dict[str, bytes]:
    """Return the policies as the engine has them, and the schemas of their settings, by path."""
    files = {each.path: each.text.encode() for each in modules}
    for root, tree in product(roots, TREES):
        for schema in root.glob(f"lakewarden/{tree}/*/{SCHEMA_FILE}"):
            files[schema.relative_to(root).as_posix()] = schema.read_bytes()
    return files


def config_files(folder: Path) -> dict[str, bytes]:
    """Return the settings and waivers of a folder, by name."""
    found = [*folder.glob(f"*{SETTINGS_SUFFIX}"), folder / WAIVERS_FILE]
    return {each.name: each.read_bytes() for each in found if each.is_file()}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, as `sha256:<hex>`."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def as_decided(table: TableReport) -> TableReport:
    """Return a table as the policies alone decide it: without history and baseline."""
    if not any(each.history or each.baseline for each in table.decisions.values()):
        return table
    decisions = {
        policy_id: structs.replace(each, history=(), baseline=())
        for policy_id, each in table.decisions.items()
    }
    return structs.replace(table, decisions=decisions)
