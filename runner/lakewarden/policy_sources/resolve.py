"""Policy sources become folders for a run: fetched, read, checked against the lock, cleared up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from msgspec import UNSET

from lakewarden.git.remote import fetch_tree, has_in_history
from lakewarden.git.tree import GitTree, is_hash, lacks_in_history, open_tree
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.policy_sources.content import (
    Files,
    check_amount,
    check_pointers,
    content_digest,
    is_sound,
    is_wanted,
    read_folder,
    write_folder,
)
from lakewarden.policy_sources.lock_file import REMEDY, Lock, is_locked, locked_name
from lakewarden.policy_sources.resolved import ResolvedSource
from lakewarden.policy_sources.source import (
    OPTION,
    BundleSource,
    FolderSource,
    GitSource,
    PolicySource,
    RemoteSource,
)
from lakewarden.progress import Progress
from lakewarden_collector.errors import Problem
from lakewarden_collector.private_folder import PrivateFolder

_DIGITS: Final = 12
_PLACES: Final = ("", "policies")
"""Where a repository's policies are, where nobody names a folder."""


@contextmanager
def resolved_sources(
    sources: Sequence[PolicySource],
    progress: Progress,
    *,
    folder: Path = Path(),
    lock: Lock | None = None,
) -> Iterator[tuple[ResolvedSource, ...]]:
    """Have the policies of each source in a folder, until the block is left.

    `folder` lies in the repository that `git:` is about. With a lock, what it is about must be in
    it, and have its digest; a reference is then the commit that it names. Messages of errors in the
    block name the sources, not the folders.

    Raises `ConfigurationError` for sources that can't be what they should, `FetchError` where git
    has no success.
    """
    with ExitStack() as stack:
        found = list[ResolvedSource]()
        scratch: Path | None = None
        for number, source in enumerate(sources):
            entry = None
            if lock is not None and is_locked(source, lock.path.parent):
                entry = _entry(source, lock)
            elif isinstance(source, FolderSource):
                pin = PinnedSource(
                    source=str(source), digest=content_digest(read_folder(source.path))
                )
                found.append(ResolvedSource(source=source, root=source.path, pin=pin))
                continue
            scratch = scratch or stack.enter_context(PrivateFolder("policies"))
            root = scratch / f"source{number}"
            commit = entry.commit if entry is not None and entry.commit is not UNSET else ""
            pin, files = _read(source, folder, root, commit, progress)
            if entry is not None and lock is not None and entry.digest != pin.digest:
                raise _differs(source, entry, pin, lock)
            write_folder(files, root)
            found.append(ResolvedSource(source=source, root=root, pin=pin))
        try:
            yield tuple(found)
        except Problem as problem:
            rename(problem, found)
            raise


def pin_of(
    source: PolicySource, progress: Progress, *, folder: Path = Path(), commit: str = ""
) -> PinnedSource:
    """Return what a source holds, at a commit where one is named. Raises as `resolved_sources`."""
    with PrivateFolder("policies") as scratch:
        return _read(source, folder, scratch / "source", commit, progress)[0]


def check_history(source: PolicySource, commit: str, folder: Path, progress: Progress) -> None:
    """Raise `ConfigurationError` for a locked commit that its reference never had, or no more."""
    match source:
        case GitSource():
            strange = lacks_in_history(folder, source.ref, commit)
        case RemoteSource() if not is_hash(source.ref):
            with (
                PrivateFolder("policies") as scratch,
                progress.stage(f"Fetching the history of {source}"),
            ):
                strange = not has_in_history(
                    source.url, source.ref, commit, scratch / "history.git", where=OPTION
                )
        case _:
            strange = False
    if strange:
        raise ConfigurationError(
            f"commit {commit[:_DIGITS]}, which is locked, isn't in the history of {source}",
            where=OPTION,
            remedy="The branch or tag was moved, or the file names a commit of another place, such "
            "as a fork. Find out which; `lakewarden policies lock --upgrade` takes today's.",
        )


def rename(problem: Problem, sources: Sequence[ResolvedSource]) -> None:
    """Call files as the user knows them in the message of an error."""
    for each in sources:
        problem.what = each.named(problem.what)
        problem.where = each.named(problem.where)
        problem.remedy = each.named(problem.remedy)
        problem.details = tuple(map(each.named, problem.details))


def _read(
    source: PolicySource, folder: Path, root: Path, commit: str, progress: Progress
) -> tuple[PinnedSource, Files]:
    """Return what a source is and the files that it gives, at a commit where one is named."""
    found = ""
    match source:
        case FolderSource():
            files: Files = read_folder(source.path)
        case BundleSource():
            from lakewarden.policy_sources.bundle_file import (  # noqa: PLC0415 -- every command starts with this module
                read_bundle,
            )

            files, notes = read_bundle(source.path)
            for note in notes:
                progress.note(note)
        case GitSource():
            tree = open_tree(commit or source.ref, folder, where=OPTION)
            tree = GitTree(repository=tree.repository, commit=tree.commit, ref=source.ref)
            files, found = _of_tree(tree, source), tree.commit
        case RemoteSource():
            repository = root.with_name(f"{root.name}.git")
            with progress.stage(f"Fetching {source}"):
                tree = fetch_tree(source.url, commit or source.ref, repository, where=OPTION)
            files, found = _of_tree(tree, source), tree.commit
        case _:
            raise TypeError(source)
    check_pointers(files, str(source))
    pin = PinnedSource(source=str(source), digest=content_digest(files), commit=found or UNSET)
    return pin, files


def _of_tree(tree: GitTree, source: GitSource | RemoteSource) -> Files:
    """Return the policies of a commit, from the folder that is named or the usual ones."""
    for place in (source.folder,) if source.folder else _PLACES:
        files = tree.files(place)
        if not any(
            each.path.startswith("lakewarden/") and each.path.endswith(".rego") for each in files
        ):
            continue
        wanted = [each for each in files if is_wanted(each.path)]
        for each in wanted:
            if each.is_link or not is_sound(each.path):
                raise ConfigurationError(
                    f"{each.path!r} is a link, or not a path for a policy",
                    where=str(source),
                    remedy="Keep each policy as a file of its own, under a plain name.",
                )
        check_amount(len(wanted), sum(each.bytes for each in wanted), str(source))
        return dict(zip((each.path for each in wanted), tree.contents(wanted), strict=True))
    raise ConfigurationError(
        f"commit {tree.commit[:_DIGITS]} of {source} has no policies",
        where=OPTION,
        remedy="Name the folder that holds lakewarden/tables/<domain>/<policy>/, from the "
        "repository's root: git:REF:FOLDER, or #subdirectory=FOLDER. Submodules and links aren't "
        "followed.",
    )


def _entry(source: PolicySource, lock: Lock) -> PinnedSource:
    entry = lock.entry(source)
    if entry is None:
        raise ConfigurationError(
            f"{source} isn't in {lock.path}, so nobody has approved its policies",
            where=OPTION,
            remedy="Name it in the project file, run `lakewarden policies lock`, and have the file "
            "reviewed.",
        )
    if source.is_git and entry.commit is UNSET:
        raise ConfigurationError(
            f"{locked_name(source, lock.path.parent)} has no commit",
            where=str(lock.path),
            remedy=REMEDY,
        )
    return entry


def _differs(
    source: PolicySource, entry: PinnedSource, pin: PinnedSource, lock: Lock
) -> ConfigurationError:
    return ConfigurationError(
        f"{source} doesn't hold the policies that {lock.path} names",
        where=OPTION,
        details=(f"locked: {entry.digest}", f"found:  {pin.digest}"),
        remedy=f"If you expect another version: {REMEDY[0].lower()}{REMEDY[1:]}",
    )
