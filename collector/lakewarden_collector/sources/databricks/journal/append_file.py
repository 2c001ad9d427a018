"""A file of lines that only grows, written by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lakewarden_collector.errors import InventoryError, OutputError

Place = tuple[int, int]
"""Where a line stands: its first byte, and how many bytes it has."""


class AppendFile:
    """Appends lines and gives them back by their places. Reading is safe from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("ab+", buffering=0)
        except OSError as error:
            raise _unwritable(
                path, error, "Name a file in an existing folder that you can write to."
            ) from error
        self._unlinked = False
        self.size = 0
        """Bytes that are known to be whole lines."""
        try:
            self._lock()
        except BaseException:
            self.close()
            raise

    def _lock(self) -> None:
        """Keep another collection from writing here, as long as the file is open."""
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InventoryError(
                "another collection is writing this journal now",
                where=str(self.path),
                remedy="Wait until it has ended, or collect into another file.",
            ) from error
        except OSError:
            pass  # some network file systems have no locks

    @property
    def empty(self) -> bool:
        """Whether the file has no byte."""
        return not os.fstat(self._file.fileno()).st_size

    def append(self, lines: Sequence[bytes]) -> list[Place]:
        """Write lines, each with its line end, in one go; return where they stand."""
        data = memoryview(b"".join(lines))
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            # A line that was cut off would be joined by the next one.
            self._file.truncate(self.size)
            again = " with --resume" if self.size else ""
            raise OutputError(
                f"can't be written: {error.strerror or error}",
                where=str(self.path),
                remedy=f"Make room, and repeat the command{again}.",
            ) from error
        places = []
        for line in lines:
            places.append((self.size, len(line)))
            self.size += len(line)
        return places

    def line(self, place: Place) -> bytes:
        """Return the line that stands there."""
        offset, length = place
        return os.pread(self._file.fileno(), length, offset)

    def lines(self) -> Iterator[tuple[bytes, Place]]:
        """Yield the lines from the first one on; what was yielded counts as whole once the next
        one is asked for, and the rest is cut off by `cut`.
        """  # noqa: D205 -- one sentence
        with self.path.open("rb") as stream:
            for line in stream:
                yield line, (self.size, len(line))
                self.size += len(line)

    def cut(self) -> None:
        """Drop what stands behind the whole lines."""
        self._file.truncate(self.size)

    def close(self) -> None:
        """Close the file; it stays where it is."""
        self._file.close()

    def unlink(self) -> None:
        """Remove the file from its folder; until it is closed, its lines can still be read."""
        if not self._unlinked:
            self.path.unlink(missing_ok=True)
            self._unlinked = True

    def remove(self) -> None:
        """Close and remove the file."""
        self.unlink()
        self.close()


def _unwritable(path: Path, error: OSError, remedy: str) -> InventoryError:
    return InventoryError(
        f"can't be written: {error.strerror or error}", where=str(path), remedy=remedy
    )
