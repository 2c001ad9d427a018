"""Temporary folders that only we can enter, and that the next run removes if this one is killed.

Each folder holds a file that is locked for as long as its process lives. A folder of ours whose
file nobody locks belongs to a run that is dead, however it died; a process id would not tell, as
systems use them again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final

from lakewarden_collector import interruption
from lakewarden_collector.errors import Problem
from lakewarden_collector.unix_peer import listener

PREFIX: Final = "lakewarden-"
MARK: Final = ".lakewarden-run"
"""The locked file. It is removed last, so that what remains of a folder is still known as ours."""

_SOCKET_PATH_BYTES: Final = 107 if sys.platform == "linux" else 103
"""The longest path of a Unix socket; the system's own limit includes a byte that ends it."""

_PRIVATE: Final = 0o700
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_ATTEMPTS: Final = 5
_CONNECT_SECONDS: Final = 0.5
_NAME_BYTES: Final = 4

_swept: set[Path] = set()
_sweeping = threading.Lock()


class NoPrivateFolderError(Problem):
    """There is no place for a private folder: the temporary folder is missing, full or shared."""


class PrivateFolder:
    """A new folder with mode 0700, as a context manager; all of it is removed at the end.

    `purpose` is a part of its name. With `socket_name_bytes`, a Unix socket with a name of so many
    bytes fits into it, and nobody else can rename or replace the folder: it is then made where
    every folder above is ours or the system's. Raises `NoPrivateFolderError`.
    """

    def __init__(self, purpose: str, *, socket_name_bytes: int | None = None) -> None:
        self._purpose = purpose
        self._socket_name_bytes = socket_name_bytes
        self._path: Path | None = None
        self._lock = -1
        self._withdraw: Callable[[], object] = _nothing

    def __enter__(self) -> Path:
        reasons: list[str] = []
        for base in self._bases(reasons):
            _sweep_once(base)
            try:
                self._path, self._lock = _new(base, self._purpose)
            except OSError as error:
                reasons.append(f"{base}: {error.strerror or error}")
            else:
                self._withdraw = interruption.before_forced_end(partial(_remove, self._path))
                return self._path
        raise _no_place(reasons)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        path, self._path = self._path, None
        if path is not None:
            _remove(path)
            os.close(self._lock)
            self._withdraw()

    def _bases(self, reasons: list[str]) -> Iterator[Path]:
        """Yield where to try, best first; note in `reasons` why a place is left out."""
        if self._socket_name_bytes is None:
            yield Path(_temporary())
        else:
            yield from _socket_bases(self._purpose, self._socket_name_bytes, reasons)


def lasting_private_folder(preferred: Path, purpose: str, *, socket_name_bytes: int) -> Path:
    """Make a folder for a Unix socket that outlives this process; the caller removes it.

    It is `preferred`, which must not exist, if nobody else can replace that and the socket's path
    is not too long; else a new one of which that is true. Raises `NoPrivateFolderError`.
    """
    reasons: list[str] = []
    path = Path(os.path.realpath(preferred.parent)) / preferred.name
    if _suits(path.parent, len(preferred.name) + socket_name_bytes + 2, reasons):
        path.mkdir(_PRIVATE)
        return path
    for base in _socket_bases(purpose, socket_name_bytes, reasons):
        try:
            return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-", dir=base))
        except OSError as error:
            reasons.append(f"{base}: {error.strerror or error}")
    raise _no_place(reasons)


def _no_place(reasons: list[str]) -> NoPrivateFolderError:
    return NoPrivateFolderError(
        "there is no place for a private temporary folder:",
        details=reasons,
        remedy="Set TMPDIR to a folder with a short path, such as /tmp, that you can write to and "
        "that no other user can change.",
    )


def _nothing() -> None:
    """Do nothing: the folder is not there yet."""


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError as error:
        raise NoPrivateFolderError(
            f"there is no temporary folder: {error}",
            remedy="Set TMPDIR to a folder that you can write to.",
        ) from error


def _socket_bases(purpose: str, socket_name_bytes: int, reasons: list[str]) -> Iterator[Path]:
    """Yield where a private folder with a socket can be made, without links on the way."""
    named = [_temporary(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp", "/dev/shm"]  # noqa: S108 -- each is checked
    below = len(f"/{PREFIX}{purpose}-") + 2 * _NAME_BYTES + len("/") + socket_name_bytes
    for base in dict.fromkeys(Path(os.path.realpath(each)) for each in named if each):
        if base.is_dir() and _suits(base, below, reasons):
            yield base


def _suits(base: Path, below: int, reasons: list[str]) -> bool:
    """Whether a socket fits, whose path has `below` more bytes, and nobody can replace its folder.

    If not, `reasons` gets a line that says why.
    """
    if len(os.fsencode(base)) + below > _SOCKET_PATH_BYTES:
        reasons.append(f"{base}: too long a path for a socket")
    elif (shared := _changeable_by_others(base)) is not None:
        reasons.append(f"{base}: another user can change {shared}")
    else:
        return True
    return False


def _changeable_by_others(folder: Path) -> Path | None:
    """Return the first folder on the way to `folder` in which others could replace the next one.

    The owner of the root folder is trusted, as in a container whose root is mapped to somebody.
    """
    owners = {0, os.geteuid(), Path("/").stat().st_uid}
    for each in (folder, *folder.parents):
        status = each.stat()
        shared = status.st_mode & _OTHERS_MAY_WRITE and not status.st_mode & stat.S_ISVTX
        if shared or status.st_uid not in owners:
            return each
    return None


def _new(base: Path, purpose: str) -> tuple[Path, int]:
    """Make a folder and lock its mark; return both, or raise `OSError`."""
    for _ in range(_ATTEMPTS):
        path = base / f"{PREFIX}{purpose}-{secrets.token_hex(_NAME_BYTES)}"
        try:
            path.mkdir(_PRIVATE)
        except FileExistsError:
            continue
        path.chmod(_PRIVATE)  # whatever the umask takes away
        mark = path / MARK
        lock = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.fchmod(lock, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = mark.stat().st_ino == os.fstat(lock).st_ino
        except (BlockingIOError, FileNotFoundError):
            ours = False  # a run that sweeps was faster than our lock
        except OSError:
            ours = True  # a file system without locks; nobody can sweep there either
        if ours:
            return path, lock
        os.close(lock)
    raise OSError("each new folder was taken by somebody else")


def _sweep_once(base: Path) -> None:
    with _sweeping:
        if base in _swept:
            return
        _swept.add(base)
    with suppress(OSError):
        sweep(base)


def sweep(base: Path) -> None:
    """Remove from `base` the folders that dead runs of this user left."""
    with os.scandir(base) as entries:
        found = [Path(each.path) for each in entries if each.name.startswith(PREFIX)]
    for path in found:
        with suppress(OSError):
            _remove_if_dead(path)


def _remove_if_dead(path: Path) -> None:
    status = path.lstat()
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == _PRIVATE
    if not private or status.st_uid != os.geteuid():
        return
    lock = os.open(path / MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its process lives
        _end_servers(path)
        _remove(path)
    finally:
        os.close(lock)


def _end_servers(path: Path) -> None:
    """End what still listens on a socket in a dead run's folder.

    Servers end with their run; one can be left where what watches it was killed as well.
    """
    for each in path.iterdir():
        if not stat.S_ISSOCK(each.lstat().st_mode):
            continue
        peer = listener(str(each), _CONNECT_SECONDS)
        if peer is not None and peer.uid == os.geteuid() and peer.pid > 1:
            os.kill(peer.pid, signal.SIGKILL)


def _remove(path: Path) -> None:
    """Remove all of a folder, its mark last."""
    with suppress(OSError):
        for each in list(path.iterdir()):
            if each.name != MARK:
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each, ignore_errors=True)
                else:
                    each.unlink(missing_ok=True)
        (path / MARK).unlink(missing_ok=True)
        path.rmdir()
