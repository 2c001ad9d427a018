"""Options that say which policies decide, and by which settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from lakewarden.engines.interface import Module
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import TREES
from lakewarden.model.report import PinnedSource
from lakewarden.policy_set import LOCAL_CONFIG, PolicySet, load_rules
from lakewarden.policy_sources.resolved import ResolvedSource
from lakewarden.policy_sources.source import (
    OPTION,
    FolderSource,
    PolicySource,
    parse_policy_source,
)
from lakewarden.progress import Progress
from lakewarden.resources import shipped_policies
from lakewarden.settings.changes import NOTHING, Changes

LOCAL_POLICIES: Final = "policies"
"""The folder of a team's own policies, found like `./config`."""


def existing_config(text: str) -> Path:
    """Return a folder of settings; raises `ConfigurationError` for what isn't a folder."""
    named = Path(text)
    if not named.is_dir():
        is_file = named.is_file()
        holds = f"{named.parent} is the folder of this file. " if is_file else ""
        raise ConfigurationError(
            f"{named} is a file" if is_file else f"there is no folder {named}",
            where="--config",
            remedy=f"{holds}Name the folder that holds <domain>_config.yaml and waivers.yaml.",
        )
    return named


def complete_policies(incomplete: str) -> list[str]:
    """Return the ids of policies that begin so, for the shell."""
    folders = (
        folder
        for root in (shipped_policies(), Path(LOCAL_POLICIES))
        for tree in TREES
        for folder in root.glob(f"lakewarden/{tree}/*/*/")
        if any(folder.glob("*.rego"))
    )
    found = {f"{folder.parent.name}.{folder.name}" for folder in folders}
    return sorted(each for each in found if each.startswith(incomplete))


@dataclass(frozen=True, kw_only=True)
class PolicyPatternOptions:
    """Which of the policies."""

    policies: Annotated[
        tuple[str, ...],
        typer.Option(
            "--policy",
            metavar="PATTERN",
            autocompletion=complete_policies,
            help="Only policies whose id matches, such as '*.key_limit'. May be repeated.",
        ),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class PolicySourceOptions:
    """Where policies come from."""

    policy_sources: Annotated[
        tuple[PolicySource, ...],
        typer.Option(
            OPTION,
            metavar="SOURCE",
            parser=parse_policy_source,
            help="Add policies: a folder that holds lakewarden/tables/, a bundle (.tar.gz), "
            "git:REF[:FOLDER] or git+https://HOST/PATH@REF. ./policies is found without it. May be "
            "repeated.",
        ),
    ] = ()
    resolved: tuple[ResolvedSource, ...] | None = None
    """What the sources are while they are open, see `open_policies`; None before."""
    packed: tuple[PinnedSource, ...] = ()
    """What the sources were of a run whose policies are shipped here, in an evidence pack."""
    shipped: Path = field(default_factory=shipped_policies)
    """The bundle root with Lakewarden's own policies and its router."""
    folder: Path = Path()
    """The folder whose `config` applies where nobody names another."""

    @property
    def local_config(self) -> Path:
        """The folder of settings that is found without being named."""
        return self.folder / LOCAL_CONFIG

    @property
    def roots(self) -> tuple[Path, ...]:
        """The bundle roots of a run, the shipped one first; a folder counts once.

        Of sources that aren't open, those that are folders.
        """
        return tuple({each.resolve(): each for each in (self.shipped, *self.own_roots)}.values())

    @property
    def own_roots(self) -> tuple[Path, ...]:
        """The bundle roots that the sources give."""
        if self.resolved is not None:
            return tuple(each.root for each in self.resolved)
        return tuple(each.path for each in self.policy_sources if isinstance(each, FolderSource))

    @property
    def pins(self) -> tuple[PinnedSource, ...]:
        """What the sources hold, by digest."""
        return (*self.packed, *(each.pin for each in self.resolved or ()))

    def named(self, text: str) -> str:
        """Return a text in which files of sources are called as the user knows them."""
        for each in self.resolved or ():
            text = each.named(text)
        return text


@dataclass(frozen=True, kw_only=True)
class EffectivePolicyOptions(PolicySourceOptions):
    """Policies, and what the settings make of them."""

    config: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_config,
            help="Folder with <domain>_config.yaml and waivers.yaml. Without it: ./config, else "
            "the defaults; the demo has settings of its own.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PolicyOptions(EffectivePolicyOptions, PolicyPatternOptions):
    """Which policies decide."""

    def load_rules(
        self,
        modules: Sequence[Module],
        *,
        clock: str | None,
        belonging: Path | None = None,
        changes: Changes = NOTHING,
    ) -> PolicySet:
        """Read and check the rules that these options name, for the modules of an engine.

        `belonging` is the folder of settings that belongs to the tables' source. Raises as
        `lakewarden.policy_set.load_rules` does.
        """
        return load_rules(
            modules,
            policy_dirs=self.roots,
            patterns=self.policies,
            config_dir=self.config,
            belonging=belonging,
            local_config=self.local_config,
            clock=clock,
            changes=changes,
        )


_Policies = TypeVar("_Policies", bound=PolicySourceOptions)


@contextmanager
def open_policies(options: _Policies, progress: Progress) -> Iterator[_Policies]:
    """Have the policies of every source at hand, as folders, until the block is left.

    What is open already stays so. Raises as `resolved_sources` does; `lakewarden.lock` in the
    options' folder counts.
    """
    if options.resolved is not None:
        yield options
        return
    if not options.policy_sources:
        yield replace(options, resolved=())
        return
    # Every command would wait for these: imported where there are sources.
    from lakewarden.policy_sources.lock_file import read_lock  # noqa: PLC0415 -- see above
    from lakewarden.policy_sources.resolve import resolved_sources  # noqa: PLC0415 -- see above

    lock = read_lock(options.folder)
    with resolved_sources(
        options.policy_sources, progress, folder=options.folder, lock=lock
    ) as resolved:
        yield replace(options, resolved=resolved)
