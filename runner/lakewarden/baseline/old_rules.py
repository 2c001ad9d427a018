"""The policies and settings of a git reference, laid out in a folder to be decided by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final

from msgspec import Struct, structs

from lakewarden.baseline.old_sources import OldSources, old_sources
from lakewarden.baseline.source import OPTION
from lakewarden.git.tree import GitTree
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicyOptions
from lakewarden.policy_sources.source import FolderSource

_READ: Final = frozenset({".rego", ".json", ".yaml", ".yml"})
"""What policies and settings are made of, by the ends of its files' names."""


class OldRules(Struct, frozen=True, kw_only=True):
    """Where the rules of a reference lie: bundle roots, and the folders of settings."""

    roots: tuple[Path, ...]
    config: Path | None
    """The folder that `--config` names; None where nobody names one."""
    local_config: Path
    """The folder that is found without being named."""
    elsewhere: OldSources | None
    """What its lock file names; None where it has none."""


def old_rules(tree: GitTree, options: PolicyOptions, folder: Path) -> OldRules:
    """Write the files of a reference into an empty folder, and return where they are.

    What lies outside of the repository is taken as it is, such as the policies that are installed
    with Lakewarden. A folder that the reference doesn't have, has no policies and no settings. With
    a lock file, the reference's sources from elsewhere are those of the file, else today's.
    """
    checkout = _Checkout(tree, folder)
    elsewhere = old_sources(tree, options, folder)
    roots = [
        root
        for number, each in enumerate((options.shipped, *_folders(options)))
        if (root := checkout.copy(each, f"policies_{number}", keep=each == options.shipped))
    ]
    if elsewhere is None:
        roots += [
            each.root
            for each in options.resolved or ()
            if not isinstance(each.source, FolderSource)
        ]
    named = options.config
    config = None if named is None else checkout.copy(named, "config", empty=True)
    return OldRules(
        roots=tuple(roots),
        config=config,
        local_config=checkout.copy(options.local_config, "local_config", empty=True)
        or options.local_config,
        elsewhere=elsewhere,
    )


def _folders(options: PolicyOptions) -> Iterator[Path]:
    """Yield the folders that are policy sources, each once, as they are named."""
    seen = {options.shipped.resolve()}
    for each in options.policy_sources:
        if isinstance(each, FolderSource) and each.path.resolve() not in seen:
            seen.add(each.path.resolve())
            yield each.path


class _Checkout:
    """Copies folders of one commit."""

    def __init__(self, tree: GitTree, folder: Path) -> None:
        self._folder = folder
        here = tree.repository.resolve()
        self._top = here.parents[len(PurePath(tree.folder).parts) - 1] if tree.folder else here
        self._tree = structs.replace(tree, folder="", repository=here)

    def copy(
        self, source: Path, name: str, *, keep: bool = False, empty: bool = False
    ) -> Path | None:
        """Return a folder with what the commit has of `source`; `source` itself where it's outside.

        Where the commit has nothing of it: `source` with `keep`, an empty folder with `empty`.
        """
        place = source.resolve()
        if not place.is_relative_to(self._top):
            return source
        files = [
            each
            for each in self._tree.files(place.relative_to(self._top))
            if PurePath(each.path).suffix in _READ
        ]
        if links := [each.path for each in files if each.is_link]:
            raise ConfigurationError(
                f"{source}/{links[0]} is a symbolic link at {self._tree.ref}, which isn't followed",
                where=OPTION,
                remedy="Keep the file itself there.",
            )
        target = self._folder / name
        if not files:
            if empty:
                target.mkdir()
            return target if empty else source if keep else None
        _write(target, [each.path for each in files], self._tree.contents(files))
        return target


def _write(target: Path, paths: Sequence[str], contents: Iterable[bytes]) -> None:
    for path, content in zip(paths, contents, strict=True):
        if any(part in {"", ".", ".."} for part in path.split("/")):
            raise ConfigurationError(f"{path!r} isn't a path that git makes", where=OPTION)
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
