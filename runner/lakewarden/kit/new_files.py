"""Files that are written all or none, and never over another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def new_files(texts: Mapping[Path, str]) -> Iterator[tuple[Path, ...]]:
    """Write new files with the folders that they lack; give their paths.

    Where one cannot be written, or the block ends in an exception, everything is removed that was
    made. Raises `OSError`, for a file that is there too.
    """
    made: list[Path] = []  # folders and files in their order
    try:
        for file, text in texts.items():
            lacking = [folder for folder in file.parents if not folder.exists()]
            for folder in reversed(lacking):
                folder.mkdir()
                made.append(folder)
            with file.open("x", encoding="utf-8") as new:
                made.append(file)
                new.write(text)
        yield tuple(texts)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):  # someone else may have put something into a folder
                path.rmdir() if path.is_dir() else path.unlink()
        raise
