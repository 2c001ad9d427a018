"""Folders of a lake: directories, and prefixes in an object store."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, unquote, urlsplit

import obstore
from msgspec import Struct
from obstore.exceptions import InvalidPathError
from obstore.store import ObjectStore

from lakewarden_collector.sources.delta.fault import TableFaultError
from lakewarden_collector.sources.delta.stores import RETRY_SECONDS, local_path, open_store


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


_S3: Final = ("s3", "s3a")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_CONNECT_SECONDS: Final = 5


def _local(path: Path) -> Folder:
    try:
        os.fsencode(path).decode()
    except UnicodeDecodeError:
        return UnreadableFolder(_printable(path), "its name is not UTF-8")
    return LocalFolder(path)


def _printable(path: str | Path) -> str:
    """Return a path as text; what is not UTF-8 in it is escaped."""
    return os.fsencode(path).decode(errors="backslashreplace")


class UnreadableFolder(Struct, frozen=True):
    """A folder whose name nobody here can open; it is one failure and hides no other."""

    uri: str
    reason: str

    def exists(self) -> bool:
        """Return true: it was listed."""
        return True

    def is_empty(self) -> bool:
        """Return false: it is not known."""
        return False

    def children(self) -> dict[str, Folder]:
        """Raise `TableFaultError`."""
        raise self.fault()

    def fault(self) -> TableFaultError:
        """Return what is wrong with it."""
        return TableFaultError(self.reason, where=self.uri, remedy="Rename the folder.")


class LocalFolder(Struct, frozen=True):
    """A directory; a symbolic link to a directory counts as one."""

    path: Path

    @property
    def uri(self) -> str:
        """The path as text."""
        return _printable(self.path)

    def exists(self) -> bool:
        """Whether it is a directory."""
        return self.path.is_dir()

    def is_empty(self) -> bool:
        """Whether nothing at all is in it."""
        return next(self.path.iterdir(), None) is None

    def children(self) -> dict[str, Folder]:
        """Return the directories inside by name; a name that is not UTF-8 is shown escaped.

        A link that leads nowhere is one too: what it led to may be a table that is not mounted.
        """
        return {
            _printable(path.name): _local(path)
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
        """Return the common prefixes inside by name.

        obstore refuses a whole listing for a single name with a control character; S3 is then
        asked through pyarrow.
        """
        try:
            listed = obstore.list_with_delimiter(self.store, self.prefix or None)
            names = [prefix.rpartition("/")[2] for prefix in listed["common_prefixes"]]
        except InvalidPathError:
            if urlsplit(self.base).scheme not in _S3:
                raise
            names = _names_in_s3(self.uri)
        return {name: self._child(name) for name in names}

    def _child(self, name: str) -> Folder:
        child = RemoteFolder(self.store, self.base, f"{self.prefix}/{name}".lstrip("/"))
        if _CONTROL.search(name):
            return UnreadableFolder(child.uri, "its name has a control character in it")
        return child


def _names_in_s3(uri: str) -> list[str]:
    """List the folders in a folder of S3, with settings as object_store finds them."""
    from pyarrow import fs  # noqa: PLC0415 -- it starts the AWS SDK, which hardly anybody needs

    environment = {key.lower(): value for key, value in os.environ.items()}
    endpoint = environment.get("aws_endpoint_url") or environment.get("aws_endpoint") or ""
    settings = {
        "region": environment.get("aws_region") or environment.get("aws_default_region"),
        "endpoint_override": endpoint.partition("://")[2] or None,
        "scheme": endpoint.partition("://")[0] or None,
        "anonymous": environment.get("aws_skip_signature", "").lower() in ("1", "true"),
    }
    store = fs.S3FileSystem(
        **{key: value for key, value in settings.items() if value},
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=RETRY_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=2),
    )
    place = urlsplit(uri)
    found = store.get_file_info(fs.FileSelector(f"{place.netloc}{unquote(place.path)}".rstrip("/")))
    return [each.base_name for each in found if each.type == fs.FileType.Directory]


def open_folder(location: str) -> Folder:
    """Return the folder that a path or a URI means; obstore's errors where it means none."""
    path = local_path(location)
    if path is not None:
        return LocalFolder(path)
    return RemoteFolder(open_store(location), location.rstrip("/"))
