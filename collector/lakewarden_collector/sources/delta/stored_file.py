"""Files of a store: JSON lines as they come, and what pyarrow reads by ranges."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import obstore
from obstore.store import ObjectStore

from lakewarden_collector.sources.delta.fault import LimitError
from lakewarden_collector.sources.delta.memory import MEGABYTE, Share

LONGEST_LINE: Final = 64 * MEGABYTE
_CHUNK: Final = MEGABYTE
BOM: Final = b"\xef\xbb\xbf"


def lines(store: ObjectStore, path: str, share: Share) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number from 1; a byte order mark is dropped.

    Raises `LimitError` for a line longer than `LONGEST_LINE`, and obstore's errors.
    """
    number = 1
    with share.holding(4 * _CHUNK):
        for line in _split(store, path, share):
            text = line.removeprefix(BOM) if number == 1 else line
            if text.strip():
                yield number, text
            number += 1


def _split(store: ObjectStore, path: str, share: Share) -> Iterator[bytes]:
    number = 1
    rest: list[bytes] = []
    length = 0
    with ExitStack() as shares:  # a line's bytes twice: its pieces, and the whole
        for chunk in obstore.get(store, path).stream(min_chunk_size=_CHUNK):
            first, *others = bytes(chunk).split(b"\n")
            rest.append(first)
            length += len(first)
            if length > LONGEST_LINE:
                raise LimitError(
                    f"a line has more than {LONGEST_LINE:,} bytes", where=f"{path}:{number}"
                )
            shares.enter_context(share.holding(2 * len(first)))
            if not others:
                continue
            yield b"".join(rest)
            shares.close()
            *whole, last = others
            yield from whole
            number += 1 + len(whole)
            rest, length = [last], len(last)
        yield b"".join(rest)


class StoredFile(io.RawIOBase):
    """A stored object as the file that pyarrow reads by ranges; what was fetched is at hand.

    `error` is what the store said when a range could not be read: pyarrow would tell it as if the
    file were damaged.
    """

    def __init__(self, store: ObjectStore, path: str) -> None:
        self._store = store
        self._path = path
        self._position = 0
        self._fetched: list[tuple[int, memoryview]] = []
        self.error: Exception | None = None
        self.size = int(obstore.head(store, path)["size"])

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, which costs nothing, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = start + offset
        return self._position

    def fetch(self, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        """Fetch ranges of start and end at once, keep them for `read`, and return them.

        What was fetched before is forgotten.
        """
        self._fetched = []
        if ranges:
            starts, ends = zip(*ranges, strict=True)
            got = obstore.get_ranges(self._store, self._path, starts=starts, ends=ends)
            self._fetched = [(s, memoryview(b)) for s, b in zip(starts, got, strict=True)]
        return [piece for _, piece in self._fetched]

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes from the position, all that is left where it is negative."""
        left = max(self.size - self._position, 0)
        length = left if size is None or size < 0 else min(size, left)
        if not length:
            return b""
        start = self._position
        self._position += length
        for at, piece in self._fetched:
            if at <= start and start + length <= at + len(piece):
                return piece[start - at : start - at + length].tobytes()
        try:
            return bytes(obstore.get_range(self._store, self._path, start=start, length=length))
        except Exception as error:
            self.error = error
            raise
