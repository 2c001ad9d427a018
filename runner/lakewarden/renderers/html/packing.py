"""Deflated text in base64: how the page carries its data, the same bytes each time."""

from __future__ import annotations

import base64
import zlib
from typing import Final

_LEVEL: Final = 9


class Packer:
    """Deflates text as it comes, and holds only what comes of it.

    The format is zlib's, `deflate` to a browser's DecompressionStream; it has no clock in it.
    """

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL)
        self._packed: list[bytes] = []

    def write(self, text: str) -> None:
        """Add some text; a lone surrogate becomes a question mark."""
        if piece := self._deflate.compress(text.encode("utf-8", "replace")):
            self._packed.append(piece)

    def end(self, text: str = "") -> str:
        """Add the last text and return everything, as base64."""
        self.write(text)
        self._packed.append(self._deflate.flush())
        return base64.b64encode(b"".join(self._packed)).decode()


def packed(text: str) -> str:
    """Return some text, deflated, as base64."""
    return Packer().end(text)
