"""Which SQL files a pattern names, in the order in which they are applied."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from glob import escape, glob, has_magic
from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.file_kinds import HEAD, HOW, FileKind, Wanted, recognise, wrong_input

_DIGITS: Final = re.compile(r"(\d+)")
_MIGRATION: Final = re.compile(r"([BVRU])((?:\d+(?:[._]\d+)*)?)__(.+)", re.IGNORECASE)
"""Flyway's names: https://documentation.red-gate.com/fd/migrations-271585107.html"""

_MAYBE_SQL: Final = frozenset({FileKind.CSV, FileKind.LIST, FileKind.TEXT})
"""What SQL may look like from its beginning."""

_TEMPLATE: Final = re.compile(r"\{[{%#]")
_COMMENT: Final = re.compile(r"--|/\*|\w+:\s*BEGIN\b", re.IGNORECASE)


class SqlFiles(Struct, frozen=True):
    """The files to apply, in order, and those among the named ones that aren't applied."""

    files: list[str]
    passed_by: dict[str, str]
    """Migrations that don't run beside the others, and why."""
    closed: list[OSError]
    """Folders below that can't be listed."""


def sql_files(location: str) -> SqlFiles:
    """Return the files that a path, a folder or a glob pattern names, in natural order.

    A folder stands for all files in it and below that end in `.sql` and aren't hidden. Two names
    of one file count once. Raises `WrongInputError` where there is none, or none in SQL.
    """
    path = Path(location)
    if path.is_dir():
        pattern = f"{escape(location)}/**/*.[sS][qQ][lL]"
    elif path.exists():
        pattern = escape(location)
    elif has_magic(location):
        pattern = location
    else:
        raise WrongInputError(
            "there is no such file or folder", where=location, remedy=HOW[Wanted.SQL]
        )
    closed = _closed(pattern) if "**" in pattern else []
    found = map(Path, glob(pattern, recursive=True))  # noqa: PTH207 -- Path.glob can't take absolute ones
    files = _once(sorted((str(each) for each in found if not each.is_dir()), key=in_order))
    if not files and not closed:
        raise WrongInputError(
            "no SQL file is there",
            where=location,
            remedy="Quote the pattern, so that the shell leaves it alone, and write ** for folders "
            "at any depth: sql:'migrations/**/*.sql'.",
        )
    kind = kind_of(files[0]) if files and not closed else None
    if kind is not None and all(map(kind_of, files[1:])):
        raise wrong_input(kind, Wanted.SQL, files[0])
    passed_by = _passed_by(files)
    return SqlFiles([each for each in files if each not in passed_by], passed_by, closed)


def _closed(pattern: str) -> list[OSError]:
    """Return why folders that a pattern may reach can't be listed; `glob` passes them by."""
    errors: list[OSError] = []
    parts = Path(pattern).parts
    magic = next(at for at, part in enumerate(parts) if has_magic(part))
    for _, folders, _ in os.walk(Path(*parts[:magic]), onerror=errors.append):
        folders[:] = [each for each in folders if not each.startswith(".")]
    return errors


def kind_of(file: str) -> FileKind | None:
    """Return what a file is that clearly isn't SQL; None where it may be, or can't be read.

    None for a pipe: what is read of it is gone.
    """
    if not Path(file).is_file():
        return None
    try:
        with Path(file).open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        return None
    whole = len(head) < HEAD
    kind = recognise(head, whole=whole)
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if _TEMPLATE.match(text) or (kind in _MAYBE_SQL):
        return None
    if text.startswith(("{", "[")):
        return kind or FileKind.OTHER_JSON
    if kind in {FileKind.YAML, FileKind.MARKDOWN} and _COMMENT.match(text):
        return None
    return kind


def in_order(path: str) -> tuple[object, ...]:
    """Return what a path is sorted by.

    Part by part, numbers by their value, case last. Flyway's names go by their versions, and its
    repeatable migrations come after all others, as Flyway runs them.
    """
    name = Path(path).name
    found = _MIGRATION.fullmatch(name)
    repeated = found is not None and found[1] in "rR" and not found[2]
    parts = [_pieces(part) for part in Path(path).parts[:-1]]
    if found is not None and found[2]:
        version = tuple((0, int(each), "") for each in _DIGITS.findall(found[2]))
        last: tuple[object, ...] = (
            (1, 0, found[1].casefold()),
            *version,
            (-1, 0, ""),
            *_pieces(found[3]),
        )
    else:
        last = _pieces(name)
    return (repeated, *parts, last, (), path)


def _pieces(part: str) -> tuple[object, ...]:
    return tuple(
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold())
        for piece in _DIGITS.split(part)
        if piece
    )


def _once(files: Iterable[str]) -> list[str]:
    """Return each file once, by the name that isn't a link where there is one."""
    names: dict[str, str] = {}
    for file in files:
        real = os.path.realpath(file)
        if real not in names or os.path.abspath(file) == real:  # noqa: PTH100 -- Path.resolve follows links
            names[real] = file
    return sorted(names.values(), key=in_order)


def _passed_by(files: Iterable[str]) -> dict[str, str]:
    """Return Flyway's undo and baseline migrations beside those that they undo or sum up."""
    found = [(_MIGRATION.fullmatch(Path(file).name), file) for file in files]
    named = [
        (match[1].upper(), tuple(map(int, _DIGITS.findall(match[2]))), file)
        for match, file in found
        if match is not None and match[2]
    ]
    versions = [version for kind, version, _ in named if kind == "V"]
    passed_by: dict[str, str] = {}
    for kind, version, file in named:
        if kind == "U" and version in versions:
            passed_by[file] = "undoes a migration, and runs only when asked to"
        if kind == "B" and any(each <= version for each in versions):
            passed_by[file] = "sums up the migrations before it, which are here themselves"
    return passed_by
