"""`lakewarden.lock`: which policies from elsewhere a project uses, by commit and digest."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET, Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.policy_sources.source import BundleSource, FolderSource, PolicySource
from lakewarden_collector.decoding import Converter

LOCK_FILE: Final = "lakewarden.lock"
VERSION: Final = 1
REMEDY: Final = "Run `lakewarden policies lock`, and review what changes in the file."

_HEAD: Final = """\
# The policies that come from elsewhere. `lakewarden policies lock` writes this file. Commit it, and
# review its changes like those of code: they change what is decided.
"""


class _LockFile(Struct, kw_only=True, forbid_unknown_fields=True):
    version: int
    source: tuple[PinnedSource, ...] = ()


_read_lock: Final = Converter(_LockFile)


class Lock(Struct, frozen=True, kw_only=True):
    """A lock file, read."""

    path: Path
    sources: tuple[PinnedSource, ...]

    def entry(self, source: PolicySource) -> PinnedSource | None:
        """Return what is locked for a source, None where it isn't in the file."""
        name = locked_name(source, self.path.parent)
        return next((each for each in self.sources if each.source == name), None)


def read_lock(folder: Path) -> Lock | None:
    """Read the lock file of a project's folder; None where there is none.

    Raises `ConfigurationError` for a file that can't be followed.
    """
    path = folder / LOCK_FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror or error}", where=str(path)
        ) from error
    return Lock(path=path, sources=parse_lock(data, str(path)))


def parse_lock(data: bytes, where: str) -> tuple[PinnedSource, ...]:
    """Read the entries of a lock file; raises `ConfigurationError` for what isn't one."""
    try:
        found = _read_lock(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            f"isn't a lock file that can be read: {error}",
            where=where,
            remedy="Write it again by `lakewarden policies lock`, or solve a merge's conflict by "
            "keeping both sides.",
        ) from error
    if found.version != VERSION:
        raise ConfigurationError(
            f"has version {found.version}; this Lakewarden reads {VERSION}",
            where=where,
            remedy="Use the Lakewarden that wrote it, or delete it and lock again.",
        )
    if len({each.source for each in found.source}) < len(found.source):
        raise ConfigurationError("has a source twice", where=where, remedy=REMEDY)
    return found.source


def lock_text(sources: Iterable[PinnedSource]) -> str:
    """Return the text of a lock file, sorted by source."""
    entries = [
        f"\n[[source]]\nsource = {_quoted(each.source)}\n"
        + (f"commit = {_quoted(each.commit)}\n" if each.commit is not UNSET else "")
        + f"digest = {_quoted(each.digest)}\n"
        for each in sorted(sources, key=lambda each: each.source)
    ]
    return f"{_HEAD}version = {VERSION}\n{''.join(entries)}"


def is_locked(source: PolicySource, folder: Path) -> bool:
    """Whether a lock file in `folder` is about a source.

    A folder below it is under the same review as the file itself.
    """
    return not (
        isinstance(source, FolderSource) and source.path.resolve().is_relative_to(folder.resolve())
    )


def locked_name(source: PolicySource, folder: Path) -> str:
    """Return what a lock file in `folder` calls a source: paths are relative to the file."""
    if not isinstance(source, FolderSource | BundleSource):
        return str(source)
    path = Path(os.path.abspath(source.path))  # noqa: PTH100 -- links stay as they are named
    home = Path(os.path.abspath(folder))  # noqa: PTH100 -- as above
    near = path.is_relative_to(home.parent) or not source.path.is_absolute()
    return Path(os.path.relpath(path, home) if near else path).as_posix()


def _quoted(text: str) -> str:
    """Return a text as TOML has it; a source has no control characters but what a path may have."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
