"""When two paths of a Delta log mean the same data file.

A path is a URI reference (Delta protocol, "Add File and Remove File"): relative to the table's
folder or absolute, percent-encoded, and decoded exactly once.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import quote, unquote

from msgspec import Struct

ODD: Final = r"[%:?#]|//|^/|^\.|/\.|/$"
"""A path that this finds nothing in is its own key; the syntax is Python's and RE2's alike."""

_ODD: Final = re.compile(ODD)
_ABSOLUTE: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?")
_QUERY: Final = re.compile("[?#]")
_ALIASES: Final = {"s3a": "s3", "s3n": "s3", "abfs": "abfss"}
_LOCAL: Final = ("", "localhost")
_MARK: Final = "\0"
"""No path holds it, so that what it begins is never taken for one."""


class TableRoot(Struct, frozen=True):
    """The place of a table: a scheme with its authority (`s3://bucket`), and a decoded path."""

    place: str
    path: str

    @classmethod
    def of(cls, uri: str) -> TableRoot:
        """Return the root that a URI means."""
        place, path, _ = _split(uri)
        return cls(place, path.rstrip("/"))

    @classmethod
    def of_folder(cls, path: str) -> TableRoot:
        """Return the root that an absolute local path means."""
        return cls.of(f"file:{quote(path, errors='surrogateescape')}")


def file_key(path: str, root: TableRoot) -> str:
    """Return what identifies the data file at `path` among those of the table at `root`.

    `file:/x`, `file:///x` and `/x` are one file, as are `%c3%a9`, `%C3%A9` and `é`, `s3://` and
    `s3a://`, and an absolute path below the root and the relative one. A query or a fragment
    belongs to the name.
    """
    if not _ODD.search(path):
        return path
    place, decoded, rest = _split(path)
    if place == root.place and decoded.startswith(f"{root.path}/"):
        place, decoded = "", decoded[len(root.path) + 1 :]
    suffix = f"{_MARK}{rest}" if rest else ""
    return f"{_MARK}{place}{decoded}{suffix}" if place else f"{decoded}{suffix}"


def with_vector(key: str, storage_type: str, path_or_inline: str, offset: int | None) -> str:
    """Return the key of a file with a deletion vector (Delta protocol, "Derived Fields")."""
    at = "" if offset is None else f"@{offset}"
    return f"{key}{_MARK}{_MARK}{storage_type}{path_or_inline}{at}"


def _split(uri: str) -> tuple[str, str, str]:
    """Return place, decoded path, and query with fragment; a relative path has no place."""
    found = _ABSOLUTE.match(uri)
    scheme, authority = (found[1].lower(), (found[2] or "").lower()) if found else ("", "")
    path = uri[found.end() :] if found else uri
    raw = _QUERY.split(path, maxsplit=1)[0]
    rest = path[len(raw) :]
    if found and raw.startswith("/"):
        raw = "/" + raw.lstrip("/")
    if not scheme and raw.startswith("/"):
        scheme = "file"  # as Spark qualifies it, wherever the table lies
    if scheme == "file" and authority in _LOCAL:
        authority = ""
    place = f"{_ALIASES.get(scheme, scheme)}://{authority}" if scheme else ""
    return place, unquote(posixpath.normpath(raw), errors="surrogateescape"), rest
