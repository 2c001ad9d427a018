"""The policies from elsewhere that a git reference used: those of the lock file that it has."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, structs

from lakewarden.git.tree import GitTree
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.options.policies import PolicyOptions
from lakewarden.policy_sources.lock_file import LOCK_FILE, Lock, locked_name, parse_lock
from lakewarden.policy_sources.source import (
    BundleSource,
    FolderSource,
    PolicySource,
    is_path,
    parse_policy_source,
)


class OldSources(Struct, frozen=True, kw_only=True):
    """Policy sources that aren't folders, and the lock that says what they have to hold."""

    sources: tuple[PolicySource, ...]
    lock: Lock


def old_sources(tree: GitTree, options: PolicyOptions, folder: Path) -> OldSources | None:
    """Return what a reference's lock file names; None where it has no such file.

    Bundles that it has in its repository are written into `folder`; others are taken from where
    they are. Raises `ConfigurationError` for a lock file that can't be followed.
    """
    data = tree.read(LOCK_FILE)
    if data is None:
        return None
    sources, entries = list[PolicySource](), list[PinnedSource]()
    for number, entry in enumerate(parse_lock(data, f"{tree.ref}:{LOCK_FILE}")):
        source = _source(tree, entry, options.folder, folder / f"bundle_{number}.tar.gz")
        if not isinstance(source, FolderSource):
            sources.append(source)
            entries.append(structs.replace(entry, source=locked_name(source, folder)))
    lock = Lock(path=folder / LOCK_FILE, sources=tuple(entries))
    return OldSources(sources=tuple(sources), lock=lock)


def _source(tree: GitTree, entry: PinnedSource, here: Path, bundle: Path) -> PolicySource:
    if not is_path(entry.source):
        return parse_policy_source(entry.source)
    try:
        packed = tree.read(entry.source)
    except ConfigurationError:  # it lies outside of the repository
        packed = None
    if packed is None:
        return parse_policy_source(str(here / entry.source))
    bundle.write_bytes(packed)
    return BundleSource(bundle)
