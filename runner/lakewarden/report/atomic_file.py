"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import codecs
import fcntl
import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, TextIO, cast

from lakewarden.model.errors import ConfigurationError
from lakewarden_collector import interruption
from lakewarden_collector.errors import OutputError

_STREAM: Final = re.compile(r"/dev/(?:stdout|stderr|fd/\d+)|/proc/self/fd/\d+")
_NUMBERS: Final = {"/dev/stdout": 1, "/dev/stderr": 2}
_LONGEST: Final = 100
"""Bytes of the name that a pending file takes over; a name may have 255, its own marks included."""
_MARK: Final = 8
_ATTEMPTS: Final = 5


class PendingFile:
    """Writes to a hidden sibling of `path` and renames it into place on `commit`.

    Leaving the `with` block commits; leaving it by any exception, Ctrl-C included, discards. A
    target that isn't a regular file (a pipe, a terminal, `/dev/stdout` wherever it leads) is
    written directly, since renaming onto it would replace it. The sibling is locked while its
    process lives: those that a killed run left beside the target are removed.

    Raises `ConfigurationError` where the file can't be opened, and `OutputError` where it can't be
    written to later.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._stream: BinaryIO | None = None
        self._withdraw: Callable[[], object] | None = None
        try:
            self._direct = not replaceable(self.path)
            self._target = self.path if self._direct else self.path.resolve()  # a link stays one
            self._partial = self._target
            if self._direct:
                self._stream = _open_direct(self.path)
            else:
                self._mode = _writable_mode(self._target)
                _sweep(self._target)
                self._partial, self._stream = _open_partial(self._target)
                unlink = partial(self._partial.unlink, missing_ok=True)
                self._withdraw = interruption.before_forced_end(unlink)
                if self._mode is not None:
                    os.fchmod(self._stream.fileno(), self._mode)
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a name with a zero
            self.discard()
            raise ConfigurationError(
                f"can't be written: {_why(error)}",
                where=str(self.path),
                remedy="Name a file in an existing folder that you can write to.",
            ) from error

    def write(self, data: bytes) -> None:
        """Append `data`."""
        if self._stream is None:
            raise ValueError(f"{self.path} is closed")
        try:
            self._stream.write(data)
        except BrokenPipeError:
            raise  # the reader of a pipe has gone: not the path's fault
        except OSError as error:
            raise self._broke(error) from error

    def text(self) -> TextIO:
        """Return the file as something to write text to; it has no more of a stream than that."""
        return cast("TextIO", codecs.getwriter("utf-8")(cast("Any", self), "backslashreplace"))

    def commit(self) -> None:
        """Bring everything to the disk and give the file its name."""
        if self._stream is None:
            raise ValueError(f"{self.path} is closed")
        try:
            self._stream.flush()
            if not self._direct:
                os.fsync(self._stream.fileno())
                self._partial.replace(self._target)
            self._stream.close()
        except BrokenPipeError:
            self.discard()
            raise
        except OSError as error:
            self.discard()
            raise self._broke(error) from error
        self._stream = None
        self._forget()

    def discard(self) -> None:
        """Leave nothing behind; a file that already had the name keeps its content."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        self._forget()
        if not self._direct:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)
        with suppress(OSError):
            stream.close()  # closing flushes, and a full disk must not keep the partial file

    def _forget(self) -> None:
        """Have nothing removed any more where the process is ended by force."""
        if self._withdraw is not None:
            self._withdraw()

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

    def _broke(self, error: OSError) -> OutputError:
        return OutputError(
            f"can't be written: {_why(error)}",
            where=str(self.path),
            remedy="Free up disk space, or name a file somewhere else.",
        )


def replaceable(path: Path) -> bool:
    """Return whether a path is, or can become, a regular file of its own name.

    Raises `OSError` where the system can't say, such as for a name that is too long.
    """
    if stream_number(path) is not None:
        return False
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return True
    return stat.S_ISREG(mode)


def stream_number(path: Path) -> int | None:
    """Return the number of the open stream that a path such as `/dev/stdout` stands for."""
    name = os.path.normpath(path)
    if not _STREAM.fullmatch(name):
        return None
    return _NUMBERS.get(name) or int(name.rpartition("/")[2])


def is_stdout(name: str) -> bool:
    """Return whether an option's value means standard output: `-`, or a path that stands for it."""
    return name == "-" or stream_number(Path(name)) == _NUMBERS["/dev/stdout"]


def _open_direct(path: Path) -> BinaryIO:
    """Open a pipe or a device; of an open stream, what it leads to goes on where it stands."""
    number = stream_number(path)
    if number is None:
        return path.open("wb")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return os.fdopen(os.dup(number), "wb")


def _writable_mode(target: Path) -> int | None:
    """Return the rights of the file that is there; raise `OSError` if it can't be replaced."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "Permission denied")
    return stat.S_IMODE(status.st_mode)


def _stem(target: Path) -> str:
    name = os.fsencode(target.name)
    if len(name) <= _LONGEST:
        return target.name
    return hashlib.sha256(name).hexdigest()[:32]


def _open_partial(target: Path) -> tuple[Path, BinaryIO]:
    """Make and lock a new sibling."""
    for _ in range(_ATTEMPTS):
        mark = secrets.token_hex(_MARK // 2)
        path = target.with_name(f".{_stem(target)}.{mark}.partial")
        stream = path.open("xb")
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = path.stat().st_ino == os.fstat(stream.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError):
            ours = False  # a run that sweeps was faster than our lock
        except OSError:
            ours = True  # a file system without locks: nobody sweeps there either
        if ours:
            return path, stream
        stream.close()
    raise OSError("another process took every new file name beside it")


def _sweep(target: Path) -> None:
    """Remove the siblings of this target that dead runs of this user left."""
    ours = re.compile(rf"\.{re.escape(_stem(target))}\.[0-9a-f]{{{_MARK}}}\.partial")
    with suppress(OSError), os.scandir(target.parent) as entries:
        for each in [entry for entry in entries if ours.fullmatch(entry.name)]:
            with suppress(OSError):
                _remove_if_dead(Path(each.path))


def _remove_if_dead(path: Path) -> None:
    number = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(number)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its process lives
            path.unlink()
    finally:
        os.close(number)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
