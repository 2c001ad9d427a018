"""The files that a watch looks at: what is in them, and being woken when one changes."""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from lakewarden.model.policy import TREES
from lakewarden.settings.settings import SCHEMA_FILE

_STEP_MILLISECONDS: Final = 30
"""Editors write a file in several steps; a change counts once nothing has moved for so long."""

_DEBOUNCE_MILLISECONDS: Final = 400


class Kind(Enum):
    """What a change of the file has to renew."""

    POLICY = auto()
    RULES = auto()
    TABLES = auto()


Snapshot = Mapping[Path, tuple[Kind, str]]
"""Each file's kind, and a print of its content."""


def look(policy_dirs: Sequence[Path], config: Path, inventory: Path | None) -> Snapshot:
    """Return what the watched files contain now; a file that cannot be read is absent.

    Tests of policies and hidden files do not count, and the folder of settings does, since nothing
    else tells an empty one from none. The inventory, which may be large, is told
    by its size and its times.
    """
    found = {
        file: (kind, print_)
        for file, kind in _files(policy_dirs, config)
        if (print_ := _content(file))
    }
    if config.is_dir():
        found[config] = (Kind.RULES, "a folder")
    if inventory is not None and (print_ := _status(inventory)):
        found[inventory] = (Kind.TABLES, print_)
    return found


def difference(before: Snapshot, now: Snapshot) -> dict[Path, Kind]:
    """Return the files that differ, are new or are gone, sorted, with their kind."""
    return {
        file: (now.get(file) or before[file])[0]
        for file in sorted(before.keys() | now.keys())
        if before.get(file) != now.get(file)
    }


def of_kind(snapshot: Snapshot, kind: Kind) -> Snapshot:
    """Return the part of a snapshot that is of one kind."""
    return {file: each for file, each in snapshot.items() if each[0] is kind}


def _files(policy_dirs: Sequence[Path], config: Path) -> Iterator[tuple[Path, Kind]]:
    for root in policy_dirs:
        for file in _seen(root, "**/*.rego"):
            hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
            if not hidden and not file.name.endswith("_test.rego"):
                yield file, Kind.POLICY
        for tree in TREES:
            for file in _seen(root, f"lakewarden/{tree}/*/{SCHEMA_FILE}"):
                yield file, Kind.RULES
    for ending in ("*.yaml", "*.yml"):
        for file in _seen(config, ending):
            yield file, Kind.RULES


def _seen(folder: Path, pattern: str) -> Iterator[Path]:
    """Yield what matches, as far as can be seen: a folder may go while it is looked through.

    What is not seen is absent for now, and a change as soon as it is back.
    """
    with suppress(OSError):
        yield from folder.glob(pattern)


def _content(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _status(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


class Waker:
    """Wakes its owner when something below a folder, or directly in one, may have changed.

    The system's notifications only wake; `look` says what changed. Where there are none (too many
    watches, some network drives, a folder that was replaced), `wait` ends by its time all the same.
    Folders are watched and not files, since editors save by renaming.
    """

    def __init__(self, note: Callable[[str], None] = lambda _: None) -> None:
        self._note = note
        self._calls: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._watched: tuple[frozenset[Path], frozenset[Path]] = (frozenset(), frozenset())

    def watch(self, deep: Iterable[Path], flat: Iterable[Path], *, restart: bool = False) -> None:
        """Watch these folders, `deep` ones with all below, from now on in place of any others.

        `restart` begins again where the folders are the same, for they may have been replaced.
        """
        wanted = frozenset(deep), frozenset(flat)
        if wanted == self._watched and not restart:
            return
        self.close()
        self._watched, self._stop = wanted, threading.Event()
        for folders, recursive in zip(wanted, (True, False), strict=True):
            present = [str(folder) for folder in folders if folder.is_dir()]
            if present:
                arguments = (present, recursive, self._stop)
                thread = threading.Thread(target=self._listen, args=arguments, daemon=True)
                thread.start()
                self._threads.append(thread)

    def wait(self, seconds: float) -> bool:
        """Return true as soon as something may have changed, false after so many seconds."""
        try:
            self._calls.get(timeout=seconds)
        except queue.Empty:
            return False
        while not self._calls.empty():
            self._calls.get()
        return True

    def close(self) -> None:
        """End the watching."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._watched = (frozenset(), frozenset())

    def _listen(self, folders: Sequence[str], recursive: bool, stop: threading.Event) -> None:  # noqa: FBT001 -- a thread's target
        from watchfiles import watch  # noqa: PLC0415 -- slow import, for this command alone

        try:
            for _ in watch(
                *folders,
                recursive=recursive,
                stop_event=stop,
                watch_filter=None,
                step=_STEP_MILLISECONDS,
                debounce=_DEBOUNCE_MILLISECONDS,
                raise_interrupt=False,
            ):
                self._calls.put(None)
        except (OSError, RuntimeError) as error:
            self._note(f"Checking for changes once a second, because: {error}")


class Pause:
    """How long to wait before looking without having been woken: longer where looking is slow."""

    def __init__(self) -> None:
        self.seconds = 1.0

    def timed(self, look: Callable[[], Snapshot]) -> Snapshot:
        """Look, and remember how long that took."""
        begun = time.monotonic()
        found = look()
        self.seconds = max(1.0, 20 * (time.monotonic() - begun))
        return found
