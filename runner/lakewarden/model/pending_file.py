"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import codecs
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TextIO, cast

from lakewarden.model.errors import ConfigurationError


class PendingFile:
    """Writes to a hidden sibling of `path` and renames it into place on `commit`.

    Leaving the `with` block commits; leaving it by any exception, Ctrl-C included, discards. A
    target that is no regular file (a pipe, a terminal) is written directly, since renaming onto
    it would replace it. Every failure of the file system is a `ConfigurationError`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._stream: BinaryIO | None = None
        target = self.path.resolve()  # a link stays a link to the new content
        self._direct = target.exists() and not target.is_file()
        self._target = target
        partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")
        self._partial = target if self._direct else partial
        try:
            self._stream = self._partial.open("wb" if self._direct else "xb")
        except OSError as error:
            raise self._cannot(error) from error

    def write(self, data: bytes) -> None:
        """Append `data`."""
        if self._stream is None:
            raise ValueError(f"{self.path} is closed")
        try:
            self._stream.write(data)
        except BrokenPipeError:
            raise  # the reader of a pipe has gone: not the path's fault
        except OSError as error:
            raise self._cannot(error) from error

    def text(self) -> TextIO:
        """Return the file as something to write text to; it has no more of a stream than that."""
        return cast("TextIO", codecs.getwriter("utf-8")(cast("Any", self)))

    def commit(self) -> None:
        """Bring everything to the disk and give the file its name."""
        if self._stream is None:
            raise ValueError(f"{self.path} is closed")
        try:
            self._stream.flush()
            if not self._direct:
                os.fsync(self._stream.fileno())
            self._stream.close()
            if not self._direct:
                self._partial.replace(self._target)
        except OSError as error:
            self.discard()
            raise self._cannot(error) from error
        self._stream = None

    def discard(self) -> None:
        """Leave nothing behind; a file that already had the name keeps its content."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.close()
        except OSError:
            pass  # closing flushes, and a full disk must not keep the partial file
        finally:
            if not self._direct:
                self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _cannot(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"cannot be written: {error.strerror or error}",
            where=str(self.path),
            remedy="Name a file in a folder that exists and that you may write to.",
        )
