"""The demo lakehouse on disk: made once, whole or not at all, and then reused."""

from __future__ import annotations

import glob
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.demo.list_file import LIST_FILE, list_lines
from lakewarden_collector.sources.demo.making import make_table
from lakewarden_collector.sources.demo.tables import TABLES

LABEL_FILE: Final = "DEMO_LAKEHOUSE.txt"
MARKER_FILE: Final = "complete.json"

_LABEL: Final = """This is Lakewarden's demo lakehouse: made-up tables of a made-up company.
Lakewarden makes it again whenever it is missing or out of date. It is safe to delete.
"""
_WAIT_SECONDS: Final = 120


@dataclass(frozen=True, kw_only=True)
class DemoLakehouse:
    """Where the demo lakehouse lies, and its list of tables for the delta source."""

    root: Path
    list_file: Path


def build_demo(root: Path, progress: Callable[[str], None]) -> DemoLakehouse:
    """Make the demo lakehouse in `root` unless it is there, complete and of this version.

    `progress` hears a sentence where there is something to make. The lakehouse is made in a
    folder beside `root` and moved to its place when it is complete; runs that start at the same
    time wait for each other. Raises `SourceError` where `root` holds something else, which is
    left alone, or cannot be written.
    """
    lakehouse = DemoLakehouse(root=root, list_file=root / LIST_FILE)
    if _is_complete(root):
        return lakehouse
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(root.parent / f".{root.name}.lock", timeout=_WAIT_SECONDS):
            if not _is_complete(root):
                _refuse_foreign(root)
                _build(root, progress)
    except (OSError, Timeout) as error:
        raise SourceError(
            f"the demo lakehouse can't be made: {error}",
            where=str(root),
            remedy="Name a directory that can be written: --source demo:DIR, or set "
            "LAKEWARDEN_CACHE_DIR.",
        ) from error
    return lakehouse


def _build(root: Path, progress: Callable[[str], None]) -> None:
    progress(f"Making the demo lakehouse of {len(TABLES)} tables in {root}; later runs reuse it.")
    prefix = f".{root.name}.lakewarden-"
    for abandoned in root.parent.glob(f"{glob.escape(prefix)}*"):  # by a run that was killed
        shutil.rmtree(abandoned)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=root.parent) as workplace:
        new = Path(workplace, "new")
        new.mkdir()
        (new / LABEL_FILE).write_text(_LABEL, encoding="utf-8")
        for spec in TABLES:
            make_table(new, spec)
        (new / LIST_FILE).write_text("".join(list_lines(TABLES)), encoding="utf-8")
        marker = {"version": demo_version(), "files": _files(new)}
        (new / MARKER_FILE).write_text(json.dumps(marker, indent=1), encoding="utf-8")
        if root.exists():
            root.rename(Path(workplace, "old"))
        new.rename(root)


def _files(root: Path) -> dict[str, int]:
    """Return the size in bytes of every file below `root`, by its path relative to it."""
    return {
        path.relative_to(root).as_posix(): path.stat().st_size
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def _is_complete(root: Path) -> bool:
    """Say whether `root` is of this version and no file is lost or cut; more files are fine."""
    try:
        marker = json.loads((root / MARKER_FILE).read_text(encoding="utf-8"))
        return marker["version"] == demo_version() and all(
            (root / path).stat().st_size == size for path, size in marker["files"].items()
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False  # no marker, or not one of ours: then it is not complete


def _refuse_foreign(root: Path) -> None:
    """Raise `SourceError` for a place that holds something other than a demo lakehouse."""
    if not root.exists() or (root / LABEL_FILE).is_file():
        return
    if not root.is_dir() or any(root.iterdir()):
        raise SourceError(
            "this isn't a demo lakehouse, and it isn't empty",
            where=str(root),
            remedy="Name an empty or new directory for the demo, as in --source demo:DIR; tables "
            "of your own are read by --source delta:ROOT.",
        )


@cache
def demo_version() -> str:
    """Return a digest of everything in this package that makes the demo what it is."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for module in sorted(package.rglob("*.py")):
        digest.update(module.relative_to(package).as_posix().encode())
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
