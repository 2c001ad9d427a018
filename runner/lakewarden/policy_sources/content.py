"""The files that a policy source gives: which they are, how many, and their digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import TREES
from lakewarden.policy_set import digest
from lakewarden.settings.settings import SCHEMA_FILE
from lakewarden_collector.counted import counted

Files = Mapping[str, bytes]
"""Content by path below the bundle root, with forward slashes."""

MOST_FILES: Final = 10_000
MOST_BYTES: Final = 64 << 20
"""What all files of a source may come to; Lakewarden's own policies are a five-hundredth of it."""

_TEST: Final = "_test.rego"
_SCHEMA: Final = re.compile(rf"lakewarden/(?:{'|'.join(TREES)})/[^/]+/{re.escape(SCHEMA_FILE)}")
_POINTER: Final = b"version https://git-lfs.github.com/spec/"


def is_wanted(path: str) -> bool:
    """Whether a file is read from a source: Rego, tests included, and schemas of settings."""
    hidden = any(part.startswith(".") for part in path.split("/"))
    return not hidden and (path.endswith(".rego") or bool(_SCHEMA.fullmatch(path)))


def is_sound(path: str) -> bool:
    """Whether a path of an archive or a commit stays in the folder that it's written to."""
    parts = path.split("/")
    return (
        path.isprintable()
        and "\\" not in path
        and not any(part in {"", ".", ".."} or len(part) > 255 for part in parts)  # noqa: PLR2004 -- as file systems have it
    )


def check_amount(files: int, total: int, where: str) -> None:
    """Raise `ConfigurationError` for more than a policy source can be."""
    if files > MOST_FILES or total > MOST_BYTES:
        raise ConfigurationError(
            f"holds more than {counted(MOST_FILES, 'file')} or {MOST_BYTES >> 20} MiB of policies",
            where=where,
            remedy="Name a folder that holds policies alone.",
        )


def check_pointers(files: Files, where: str) -> None:
    """Raise `ConfigurationError` for a file whose content Git LFS keeps elsewhere."""
    for path, content in files.items():
        if content.startswith(_POINTER):
            raise ConfigurationError(
                f"{path} is kept by Git LFS, which isn't asked",
                where=where,
                remedy="Keep policies in git itself: they are text.",
            )


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; raises `ConfigurationError` for what can't be read."""
    found: dict[str, bytes] = {}
    try:
        for file in sorted((*folder.rglob("*.rego"), *folder.rglob(SCHEMA_FILE))):
            path = file.relative_to(folder).as_posix()
            if is_wanted(path) and file.is_file():
                found[path] = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror or error}", where=str(error.filename or folder)
        ) from error
    return found


def write_folder(files: Files, folder: Path) -> None:
    """Write the files below a new folder."""
    folder.mkdir()
    for path, content in files.items():
        target = folder / PurePosixPath(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def content_digest(files: Files) -> str:
    """Return the SHA-256 of what decides: path and content of each file that isn't a test."""
    decisive = sorted(path for path in files if not path.endswith(_TEST))
    return digest([part for path in decisive for part in (path.encode(), files[path])])
