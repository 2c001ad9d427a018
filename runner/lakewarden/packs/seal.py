"""The seal of an evidence pack: its last bytes are the digest of all that stand before them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Protocol

_PREFIX: Final = b"sha256:"
_LENGTH: Final = len(_PREFIX) + hashlib.sha256().digest_size * 2
_PIECE: Final = 1 << 20

BLANK: Final = bytes(_LENGTH)
"""Stands where the seal will be: a ZIP file's comment has to have its length beforehand."""


class _Writable(Protocol):
    def write(self, data: bytes) -> object: ...


class SealedStream:
    """Passes on what is written, and puts the seal in place of the last bytes."""

    def __init__(self, out: _Writable) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self._kept = b""

    def write(self, data: bytes) -> int:
        """Write all but the last bytes, which may be those that the seal replaces."""
        whole = self._kept + data
        ready, self._kept = whole[:-_LENGTH], whole[-_LENGTH:]
        self._digest.update(ready)
        self._out.write(ready)
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held back has to wait."""

    def seal(self) -> None:
        """Write the seal. Raises `ValueError` where its place wasn't kept."""
        if self._kept != BLANK:
            raise ValueError("a sealed file has to end in the place of its seal")
        self._out.write(seal_of(self._digest.hexdigest()))


def seal_of(digest: str) -> bytes:
    """Return the seal of a digest in hex."""
    return _PREFIX + digest.encode()


def seal_holds(path: Path) -> bool:
    """Whether a file ends in the digest of all bytes before. Raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        rest = path.stat().st_size - _LENGTH
        while rest > 0 and (piece := stream.read(min(_PIECE, rest))):
            digest.update(piece)
            rest -= len(piece)
        return stream.read() == seal_of(digest.hexdigest())
