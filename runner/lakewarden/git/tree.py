"""The files of one commit, read from git's objects: nothing is checked out, so no filter runs."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final

from msgspec import Struct

from lakewarden.git.address import checked_ref
from lakewarden.git.command import reason, run_git
from lakewarden.model.errors import ConfigurationError, FetchError

_ENTRY: Final = re.compile(
    rb"(?P<mode>\d{6}) (?P<kind>\w+) (?P<id>[0-9a-f]+) +(?P<size>\d+|-)\t(?P<path>.*)", re.DOTALL
)
_HASH: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINK: Final = b"120000"
_MOST_BYTES: Final = 1 << 30
"""The longest file that is read alone."""


class TreeFile(Struct, frozen=True, kw_only=True):
    """A file of a commit: its path below the folder that was listed, and its length in bytes."""

    path: str
    bytes: int
    object_id: str
    is_link: bool = False
    """Whether it's a symbolic link, whose content is the path that it points to."""


class GitTree(Struct, frozen=True, kw_only=True):
    """One commit of a repository. Paths are those below `folder`, with forward slashes."""

    repository: Path
    """A folder of the repository, or the bare repository itself."""
    commit: str
    ref: str
    """How the commit was named."""
    folder: str = ""
    """The folder within the repository that paths are relative to; empty for its root."""

    def files(self, below: str | PurePath = "") -> tuple[TreeFile, ...]:
        """Return the files below a folder, in git's order; nothing where there is no such folder.

        Submodules aren't followed. Raises `ConfigurationError` for a path out of the repository.
        """
        return self._listed("-r", f"{self.commit}:{self._place(below)}")

    def read(self, path: str | PurePath) -> bytes | None:
        """Return a file's content; None where the commit has no such file, or a link.

        Raises as `files` and `contents` do.
        """
        found = self._listed(self.commit, "--", self._place(path))
        return next(self.contents(found)) if len(found) == 1 and not found[0].is_link else None

    def contents(self, files: Sequence[TreeFile]) -> Iterator[bytes]:
        """Yield the content of each file, in their order.

        Raises `ConfigurationError` for more than a GiB, `FetchError` for an object that is lacking.
        """
        if sum(each.bytes for each in files) > _MOST_BYTES:
            raise ConfigurationError("is too large to be read", where=f"{self.ref}: {self.folder}")
        asked = "".join(f"{each.object_id}\n" for each in files)
        answer = memoryview(
            run_git(self.repository, "cat-file", "--batch", given=asked.encode()).stdout
        )
        at = 0
        for each in files:
            head = f"{each.object_id} blob {each.bytes}\n".encode()
            end = at + len(head) + each.bytes
            if answer[at : at + len(head)] != head or len(answer) <= end:
                raise FetchError(
                    f"{each.path} of commit {self.commit} can't be read",
                    where=str(self.repository),
                    remedy="Fetch the commit whole: `git fetch origin`, and `git fsck` to check.",
                )
            yield bytes(answer[at + len(head) : end])
            at = end + 1

    def _listed(self, *arguments: str) -> tuple[TreeFile, ...]:
        done = run_git(self.repository, "ls-tree", "-z", "--full-tree", "--long", *arguments)
        found = (_ENTRY.fullmatch(entry) for entry in done.stdout.split(b"\0"))
        return tuple(
            TreeFile(
                path=os.fsdecode(each["path"]),
                bytes=int(each["size"]),
                object_id=each["id"].decode(),
                is_link=each["mode"] == _LINK,
            )
            for each in found
            if each is not None and each["kind"] == b"blob"
        )

    def _place(self, path: str | PurePath) -> str:
        """Return a path relative to the repository's root; empty for the root itself."""
        place = posixpath.normpath(posixpath.join(self.folder, PurePath(path).as_posix()))
        if place.startswith(("../", "/")) or place == ".." or not place.isprintable():
            raise ConfigurationError(
                f"{str(path)!r} isn't a path in the repository",
                where=f"git {self.ref}",
                remedy="Name a file or folder below the repository's root.",
            )
        return "" if place == "." else place


def open_tree(ref: str, folder: Path = Path(), *, where: str = "git") -> GitTree:
    """Return the commit that a branch, tag or other reference names, of a folder's repository.

    Paths are then relative to `folder`, which lies in the repository. `where` names the option for
    messages. Raises `ConfigurationError` for a folder in no repository and an unknown reference.
    """
    checked_ref(ref, where)
    inside = place_in_repository(folder, where=where)
    commit = find_commit(folder, ref)
    if commit is None:
        remote = "" if find_commit(folder, f"origin/{ref}") is None else f"origin/{ref}"
        raise ConfigurationError(
            f"the repository has no reference {ref}",
            where=where,
            remedy=f"Did you mean {remote}?"
            if remote
            else f"Fetch it first, such as by `git fetch origin {ref}`; CI systems often fetch one "
            "commit alone.",
        )
    return GitTree(repository=folder, commit=commit, ref=ref, folder=inside)


def place_in_repository(folder: Path, *, where: str = "git") -> str:
    """Return a folder's path from its repository's root, empty for the root itself.

    Raises `ConfigurationError` for a folder in no repository.
    """
    prefix = run_git(folder, "rev-parse", "--show-prefix")
    if prefix.returncode:
        remedy = "Run this inside the repository whose reference you name."
        if b"dubious ownership" in prefix.stderr:
            remedy = (
                "Another user owns the repository, as in a container. If you trust it: "
                f"`git config --global --add safe.directory {folder.absolute()}`."
            )
        raise ConfigurationError(
            f"{folder.absolute()} can't be read as a git repository: {reason(prefix.stderr)}",
            where=where,
            remedy=remedy,
        )
    return os.fsdecode(prefix.stdout).removesuffix("\n").rstrip("/")


def find_commit(repository: Path, ref: str) -> str | None:
    """Return the commit that a reference names; None where there is none."""
    done = run_git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def lacks_in_history(repository: Path, ref: str, commit: str) -> bool:
    """Whether a reference is known not to have a commit in its history.

    In a repository whose history is cut off, as CI systems fetch it, nobody knows.
    """
    shallow = run_git(repository, "rev-parse", "--is-shallow-repository").stdout.strip()
    if shallow == b"true":
        return False
    return run_git(repository, "merge-base", "--is-ancestor", commit, ref).returncode == 1


def is_hash(ref: str) -> bool:
    """Whether a reference is a commit's whole hash."""
    return _HASH.fullmatch(ref) is not None
