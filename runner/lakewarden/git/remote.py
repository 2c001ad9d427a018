"""One commit of a repository elsewhere, fetched into a bare repository of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lakewarden.git.address import RemoteUrl, checked_ref
from lakewarden.git.command import fetch_git, reason, run_git
from lakewarden.git.tree import GitTree, find_commit, is_hash
from lakewarden.model.errors import ConfigurationError, FetchError

_FETCH: Final = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-commit-graph",
)
_HISTORY: Final = "refs/lakewarden/history"
_EVERYTHING: Final = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")

_NO_REF: Final = re.compile(r"couldn't find remote ref|no such remote ref", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"terminal prompts disabled|authentication failed|permission denied|could not read username|"
    r"could not read password|access denied|error: 40[13]|interactivity has been disabled",
    re.IGNORECASE,
)
_HOST_KEY: Final = re.compile(r"host key verification failed", re.IGNORECASE)
_ABSENT: Final = re.compile(
    r"not found|does not appear to be a git repository|does not exist", re.IGNORECASE
)


def fetch_tree(url: RemoteUrl, ref: str, repository: Path, *, where: str) -> GitTree:
    """Fetch one commit into `repository`, a folder that isn't there yet, and return its files.

    `ref` is a branch, a tag, or a commit's whole hash; empty for the default branch. Nothing is
    checked out, no hook runs, no submodule is fetched. Raises `ConfigurationError` for a reference
    that there isn't, `FetchError` for what the network or the server refuse.
    """
    if ref:
        checked_ref(ref, where)
    _init(repository, where)
    done = fetch_git(
        repository,
        *(*_FETCH, "--depth=1", "--", url.whole, ref or "HEAD"),
        protocols=url.protocols,
    )
    named = "FETCH_HEAD"
    if done.returncode and is_hash(ref) and not _is_final(done.stderr):
        # A server may refuse what no branch or tag names; it is perhaps an ancestor of these.
        named = ref
        done = fetch_git(
            repository, *(*_FETCH, "--", url.whole, *_EVERYTHING), protocols=url.protocols
        )
    if done.returncode and _NO_REF.search(done.stderr.decode(errors="replace")):
        raise _no_ref(url, ref, where)
    if done.returncode:
        raise _failed(url, done.stderr, where)
    commit = find_commit(repository, named)
    if commit is None:
        raise _no_ref(url, ref, where)
    return GitTree(repository=repository, commit=commit, ref=ref)


def has_in_history(url: RemoteUrl, ref: str, commit: str, repository: Path, *, where: str) -> bool:
    """Whether a branch or tag, or the default branch, has a commit in its history.

    A server may send a commit by its hash that no branch of the repository ever had, such as that
    of a fork. Only commits are fetched, into `repository`, a folder that isn't there yet, where the
    server can leave out files. Raises as `fetch_tree` does.
    """
    _init(repository, where)
    done = fetch_git(
        repository,
        *(*_FETCH, "--filter=tree:0", "--", url.whole, f"+{ref or 'HEAD'}:{_HISTORY}"),
        protocols=url.protocols,
    )
    if done.returncode and _NO_REF.search(done.stderr.decode(errors="replace")):
        raise _no_ref(url, ref, where)
    if done.returncode:
        raise _failed(url, done.stderr, where)
    # Not by asking for the commit: git would fetch one that is lacking.
    return commit.encode() in run_git(repository, "rev-list", _HISTORY).stdout.split()


def _init(repository: Path, where: str) -> None:
    made = run_git(repository.parent, "init", "--quiet", "--bare", "--template=", repository.name)
    if made.returncode:
        raise FetchError(f"git can't make a repository: {reason(made.stderr)}", where=where)


def _is_final(output: bytes) -> bool:
    """Whether the server can't be reached or lets nobody in, so that asking again is useless."""
    text = output.decode(errors="replace")
    return any(each.search(text) for each in (_REFUSED, _HOST_KEY, _ABSENT)) or (
        "unable to access" in text
    )


def _no_ref(url: RemoteUrl, ref: str, where: str) -> ConfigurationError:
    return ConfigurationError(
        f"{url} has no branch, tag or commit {ref or 'HEAD'}",
        where=where,
        remedy="Correct what follows the @; a commit needs all its digits.",
    )


def _failed(url: RemoteUrl, output: bytes, where: str) -> FetchError:
    text = output.decode(errors="replace")
    why = url.redacted(reason(output))
    if _HOST_KEY.search(text):
        return FetchError(
            f"the host of {url} isn't one that ssh knows",
            where=where,
            remedy="Add its key to ~/.ssh/known_hosts after you have checked it.",
        )
    if _REFUSED.search(text):
        return FetchError(
            f"{url} lets nobody read it with these credentials: {why}",
            where=where,
            remedy="Give git credentials, by a credential helper, an ssh agent or GIT_ASKPASS; "
            "nobody is asked for a password.",
        )
    if _ABSENT.search(text):
        return FetchError(
            f"there is no git repository at {url}, or it isn't shown to you: {why}",
            where=where,
            remedy="Check the address, and that git's credentials may read it.",
        )
    return FetchError(
        f"{url} can't be fetched: {why}",
        where=where,
        remedy="Check the network and its proxy: `git ls-remote` with the address has to work.",
    )
