"""Folders of a lake: directories, and prefixes in an object store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import obstore
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.sources.delta.stores import local_path, open_store


class Folder(Protocol):
    """A folder whose folders can be listed; errors are the operating system's or obstore's."""

    @property
    def uri(self) -> str:
        """What obstore opens it by."""

    def exists(self) -> bool:
        """Whether there is such a folder; object stores cannot tell before listing it."""

    def is_empty(self) -> bool:
        """Whether it exists and nothing at all is in it."""

    def children(self) -> dict[str, Folder]:
        """Return the folders inside by name."""


def _shown(path: str | Path) -> str:
    """Return a path as text; what is no UTF-8 in it is escaped, and cannot be read as a table."""
    return os.fsencode(path).decode(errors="backslashreplace")


class LocalFolder(Struct, frozen=True):
    """A directory; a symbolic link to a directory counts as one."""

    path: Path

    @property
    def uri(self) -> str:
        """The path as text."""
        return _shown(self.path)

    def exists(self) -> bool:
        """Whether it is a directory."""
        return self.path.is_dir()

    def is_empty(self) -> bool:
        """Whether nothing at all is in it."""
        return next(self.path.iterdir(), None) is None

    def children(self) -> dict[str, Folder]:
        """Return the directories inside by name; a name that is no UTF-8 is shown escaped.

        A link that leads nowhere is one too: what it led to may be a table that is not mounted.
        """
        return {
            _shown(path.name): LocalFolder(path)
            for path in self.path.iterdir()
            if path.is_dir() or (path.is_symlink() and not path.exists())
        }


class RemoteFolder(Struct, frozen=True):
    """A prefix in an object store, `prefix` below the store's own root."""

    store: ObjectStore
    base: str
    prefix: str = ""

    @property
    def uri(self) -> str:
        """The URI with the folder's names percent-encoded."""
        return f"{self.base}/{quote(self.prefix)}" if self.prefix else self.base

    def exists(self) -> bool:
        """Return true: a prefix exists as far as one can say."""
        return True

    def is_empty(self) -> bool:
        """Return false: a prefix without objects does not exist."""
        return False

    def children(self) -> dict[str, Folder]:
        """Return the common prefixes inside by name."""
        listed = obstore.list_with_delimiter(self.store, self.prefix or None)
        return {
            prefix.rpartition("/")[2]: RemoteFolder(self.store, self.base, prefix)
            for prefix in listed["common_prefixes"]
        }


def open_folder(location: str) -> Folder:
    """Return the folder that a path or a URI means; obstore's errors where it means none."""
    path = local_path(location)
    if path is not None:
        return LocalFolder(path)
    return RemoteFolder(open_store(location), location.rstrip("/"))
