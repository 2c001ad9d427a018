"""Which SQL files a pattern names, in the order in which they are applied."""

from __future__ import annotations

import re
from glob import glob, has_magic
from pathlib import Path
from typing import Final

from lakewarden_collector.errors import WrongInputError

_DIGITS: Final = re.compile(r"(\d+)")


def sql_files(location: str) -> list[str]:
    """Return the files that a path, a folder or a glob pattern names, in natural order.

    A folder stands for all files in it and below that end in `.sql`. Raises `WrongInputError` where
    there is none.
    """
    path = Path(location)
    if path.is_file():
        return [location]
    if path.is_dir():
        found = [str(each) for each in path.rglob("*") if each.suffix.lower() == ".sql"]
    elif has_magic(location):
        found = glob(location, recursive=True)  # noqa: PTH207 -- Path.glob can't take absolute ones
    else:
        raise WrongInputError(
            "there is no such file or folder",
            where=location,
            remedy="Name SQL files by a path, a folder or a pattern such as "
            "sql:'migrations/**/*.sql'.",
        )
    files = sorted((each for each in found if Path(each).is_file()), key=natural)
    if not files:
        raise WrongInputError(
            "no SQL file is there",
            where=location,
            remedy="Quote the pattern, so that the shell leaves it alone, and write ** for folders "
            "at any depth: sql:'migrations/**/*.sql'.",
        )
    return files


def natural(path: str) -> tuple[object, ...]:
    """Return what a path is sorted by: part by part, numbers by their value, case last."""
    parts = tuple(
        tuple(
            (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold())
            for piece in _DIGITS.split(part)
            if piece
        )
        for part in Path(path).parts
    )
    return (*parts, (), path)
