"""The files of this checkout in a Git repository of their own, as others clone it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.commandline import REPOSITORY

_NOBODY: Final = ("-c", "user.name=Test", "-c", "user.email=test@example.com")


def git(folder: Path, *arguments: str) -> str:
    """Run Git in a folder, whatever the machine's own configuration says; return its output."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ("git", *_NOBODY, *arguments)
    ended = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return ended.stdout


def commit_all(folder: Path) -> str:
    """Make a folder a Git repository with one commit of everything in it; return its hash."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return git(folder, "rev-parse", "HEAD").strip()


def commit_files(folder: Path, files: Mapping[str, str], tag: str = "") -> str:
    """Write files into a repository, made if it's new, commit them and return the commit's hash."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "More")
    if tag:
        git(folder, "tag", tag)
    return git(folder, "rev-parse", "HEAD").strip()


def tracked() -> list[str]:
    """Return the paths of the checkout's files: what Git knows, and what it doesn't ignore."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    names = filter(None, listed.stdout.split("\0"))
    return sorted(name for name in names if (REPOSITORY / name).is_file())


def copy_tracked(target: Path, *roots: str) -> Path:
    """Copy the checkout's files, or those below `roots`, into a folder; return it."""
    for name in tracked():
        if not roots or any(name == root or name.startswith(f"{root}/") for root in roots):
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((REPOSITORY / name).read_bytes())
            copy.chmod((REPOSITORY / name).stat().st_mode)
    return target
