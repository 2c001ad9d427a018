"""Reads an OPA bundle: an archive that anybody may have made, so nothing in it is believed."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from lakewarden.engines.bundle.stage import package_of
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import TREES
from lakewarden.policy_sources.content import (
    MOST_BYTES,
    MOST_FILES,
    check_amount,
    is_sound,
    is_wanted,
)
from lakewarden.resources import shipped_policies
from lakewarden_collector.counted import counted

_MANIFEST: Final = ".manifest"
_DATA: Final = frozenset({"data.json", "data.yaml", "data.yml"})
_COMPILED: Final = frozenset({"policy.wasm", "plan.json"})
_MOST_UNPACKED: Final = 4 * MOST_BYTES
"""Bytes of the archive before it is unpacked from gzip, with what isn't policies."""

_BROKEN: Final = (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError)
_REMEDY: Final = "Build it by `opa build -b FOLDER`, or by `tar czf` from a folder of policies."


class _Bounded:
    """A stream that ends in an error after so many bytes: a bomb isn't unpacked to its end."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self._stream = stream
        self._left = _MOST_UNPACKED
        self._where = where

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, never all."""
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise ConfigurationError(
                f"unpacks to more than {_MOST_UNPACKED >> 20} MiB", where=self._where
            )
        return data


def read_bundle(path: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the policies of a bundle by their paths, and notes for the user.

    Each module stands where its package says, whatever folders it was built from. What has the path
    of a package that comes with Lakewarden is left out: `opa build` needs the libraries beside the
    policies, and the installed ones decide. Signatures aren't checked.

    Raises `ConfigurationError` for a file that can't be read or isn't such an archive, for links
    and paths that lead out of it, for more than 64 MiB, and for data, which no run loads.
    """
    where = str(path)
    try:
        with path.open("rb") as file, gzip.GzipFile(fileobj=file) as unpacked:
            stream = cast("BinaryIO", _Bounded(cast("IO[bytes]", unpacked), where))
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                members = dict(_members(archive, where))
    except gzip.BadGzipFile as error:
        raise _not_a_bundle(where, str(error)) from error
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror or error}", where=where, remedy=_REMEDY
        ) from error
    except _BROKEN as error:
        raise _not_a_bundle(where, str(error) or type(error).__name__) from error
    _check_manifest(members, where)
    _check_data(members, where)
    return _placed(members, where)


def _members(archive: tarfile.TarFile, where: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file that matters."""
    seen: set[str] = set()
    total = 0
    for number, member in enumerate(archive, 1):
        name = member.name.removeprefix("./").lstrip("/").rstrip("/")
        if number > MOST_FILES:
            check_amount(number, 0, where)
        if member.isdir() or name in {"", "."}:
            continue
        if not is_sound(name):
            raise _unsafe(f"has the path {member.name!r}, which leads out of it", where)
        if not member.isreg() or member.issparse():
            raise _unsafe(f"holds {name}, which is a link or a device", where)
        if name.casefold() in seen:
            raise _unsafe(f"holds {name} twice", where)
        seen.add(name.casefold())
        base = name.rpartition("/")[2]
        if not (is_wanted(_from_root(name)) or base in _DATA or name in {_MANIFEST, *_COMPILED}):
            continue
        total += member.size
        check_amount(number, total, where)
        stream = archive.extractfile(member)
        assert stream is not None  # noqa: S101 -- of a regular file
        yield name, stream.read()


def _from_root(name: str) -> str:
    """Return a path without the folders that a bundle root lay in when it was built."""
    for tree in TREES:
        before, found, after = name.rpartition(f"lakewarden/{tree}/")
        if found and (not before or before.endswith("/")):
            return found + after
    return name


def _check_manifest(members: dict[str, bytes], where: str) -> None:
    if _MANIFEST not in members:
        return
    manifest = _json(members[_MANIFEST], where, _MANIFEST)
    if not isinstance(manifest, dict):
        raise _not_a_bundle(where, f"{_MANIFEST} isn't an object")
    if manifest.get("rego_version", 1) != 1:
        raise ConfigurationError(
            "has policies in Rego v0", where=where, remedy="Build it without --v0-compatible."
        )


def _check_data(members: dict[str, bytes], where: str) -> None:
    for name, content in members.items():
        if name.rpartition("/")[2] in _DATA and (
            not name.endswith(".json") or _json(content, where, name) != {}
        ):
            raise ConfigurationError(
                f"has data in {name}, which no run loads: policies read documents and settings",
                where=where,
                remedy="Make the data settings of a domain, or leave it out of the bundle.",
            )


def _json(content: bytes, where: str, name: str) -> Any:  # noqa: ANN401 -- whatever it holds
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _not_a_bundle(where, f"{name} isn't valid JSON: {error}") from error


def _place(name: str, content: bytes) -> str:
    """Return where a file of the archive belongs below the bundle root."""
    if not name.endswith(".rego"):
        return _from_root(name)
    base = name.rpartition("/")[2]
    package = package_of(content.decode(errors="replace"))
    if base.endswith("_test.rego"):
        package = package.removesuffix("_test")
    path = f"{package.replace('.', '/')}/{base}"
    return path if is_sound(path) else name  # what is wrong with it is found like that of a folder


def _placed(members: dict[str, bytes], where: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
    shipped, files = shipped_policies(), dict[str, bytes]()
    other = 0
    for name, content in sorted(members.items()):
        path = _place(name, content)
        ours = shipped / path
        if not is_wanted(path):
            continue
        if ours.is_file() or any(ours.parent.glob("*.rego")):
            other += ours.is_file() and ours.read_bytes() != content
            continue
        if path in files:
            raise _unsafe(f"holds {path} twice, from two folders", where)
        files[path] = content
    if not any(path.endswith(".rego") for path in files):
        compiled = next((name for name in members if name in _COMPILED), "")
        raise ConfigurationError(
            f"holds no policies of yours{f', but {compiled}' if compiled else ''}",
            where=where,
            remedy=_REMEDY,
        )
    note = (
        f"{where} was built beside another Lakewarden: {counted(other, 'file')} of its own "
        "policies and libraries differ. The installed ones decide."
    )
    return files, (note,) if other else ()


def _not_a_bundle(where: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"isn't a bundle of policies: {why}", where=where, remedy=_REMEDY)


def _unsafe(what: str, where: str) -> ConfigurationError:
    return ConfigurationError(what, where=where, remedy=f"Don't use this archive. {_REMEDY}")
