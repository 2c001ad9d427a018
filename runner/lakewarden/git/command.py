"""Git is run so that it only reads: it asks nobody, runs no hook and checks nothing out."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from lakewarden.engines import watched
from lakewarden.model.errors import ConfigurationError, EngineError, FetchError

_LOCAL_SECONDS: Final = 60.0
FETCH_SECONDS: Final = 300.0
"""How long a fetch may take in all; a connection that stands still ends after less."""

_OF_A_REPOSITORY: Final = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
"""Variables that name another repository than the folder does, as git sets them for its hooks."""

_ALWAYS: Final = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit's hash stands for what it was made of
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",  # its messages are recognised
    "SSH_ASKPASS_REQUIRE": "never",
}

_SETTINGS: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "credential.interactive=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
)


def run_git(
    folder: Path, *arguments: str, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git about a repository on this machine and return what it wrote.

    Raises `ConfigurationError` where there is no git, `FetchError` where it doesn't end.
    """
    command = [_program(), "-C", str(folder), *_settings(), *arguments]
    try:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            env=_environment(),
            timeout=_LOCAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FetchError(f"git can't be run: {error}", where=command[0]) from error


def fetch_git(folder: Path, *arguments: str, protocols: str) -> subprocess.CompletedProcess[bytes]:
    """Run git about a repository elsewhere, in a session of its own, which ends with ours.

    `protocols` are those it may use, with colons between them. Raises as `run_git` does.
    """
    command = [_program(), "-C", str(folder), *_settings(), *arguments]
    env = _environment() | {"GIT_ALLOW_PROTOCOL": protocols}
    try:
        return watched.run(command, cwd=folder, env=env, seconds=FETCH_SECONDS)
    except EngineError as error:
        raise FetchError(error.what, where="git", remedy="Check the network.") from error


def reason(output: bytes) -> str:
    """Return what git wrote about an error, in a line without its prefix."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    first = next(iter(errors or lines[-1:]), "git gave no reason")
    return first.removeprefix("fatal: ").removeprefix("error: ").strip()


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise ConfigurationError(
            "git isn't on PATH", where="git", remedy="Install git, or name a folder instead."
        )
    return found


def _settings() -> list[str]:
    return [part for setting in _SETTINGS for part in ("-c", setting)]


def _environment() -> dict[str, str]:
    """Return our environment, with its credentials and proxies, without what names a repository."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_REPOSITORY}
    return kept | _ALWAYS
