"""Options that say which policies decide, and by which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_set import LOCAL_CONFIG
from lakewarden.resources import shipped_policies

LOCAL_POLICIES: Final = "policies"
"""The folder of a team's own policies, found like `./config`."""


def existing_policies(text: str) -> Path:
    """Return a folder with policies; raises `ConfigurationError` for another."""
    folder = Path(text)
    if not has_policies(folder):
        raise ConfigurationError(
            f"there are no policies in {folder}",
            where="--policy-source",
            remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/.",
        )
    return folder


def has_policies(folder: Path) -> bool:
    """Whether a folder has the shape of a bundle root."""
    return any(folder.glob("lakewarden/**/*.rego"))


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
        for folder in root.glob("lakewarden/tables/*/*/")
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
        tuple[Path, ...],
        typer.Option(
            "--policy-source",
            metavar="DIR",
            parser=existing_policies,
            help="Add the policies of a folder that holds lakewarden/tables/. ./policies is found "
            "without this. May be repeated.",
        ),
    ] = ()
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
        """The bundle roots of a run, the shipped one first; a folder counts once."""
        return tuple(
            {each.resolve(): each for each in (self.shipped, *self.policy_sources)}.values()
        )


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
