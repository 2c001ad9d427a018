"""What several commands find and read: the folder `./policies`, and the files of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final, TypeVar

from lakewarden.commands.project_file import current
from lakewarden.commands.terminal import TerminalProgress, notes
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import (
    LOCAL_POLICIES,
    PolicyOptions,
    PolicySourceOptions,
    open_policies,
)
from lakewarden.origin import PLANS, Origin
from lakewarden.policy_sources.source import (
    OPTION,
    FolderSource,
    GitSource,
    PolicySource,
    has_policies,
)
from lakewarden.report.output_paths import Input
from lakewarden_collector.names import full_name

_ROUTER: Final = Path("lakewarden/main")
"""What only the product's own bundle root holds."""

_Policies = TypeVar("_Policies", bound=PolicySourceOptions)


def with_local_policies(options: _Policies) -> _Policies:
    """Return the options with the policies in `./policies`; a line on standard error says so.

    They and `./config` are looked for in the project file's folder, where there is such a file. All
    sources are open then, until the command ends.
    """
    return opened_policies(local_policies(options))


def opened_policies(options: _Policies) -> _Policies:
    """Return the options with all sources open, until the command ends."""
    options = replace(options, folder=current().folder)
    return current().stack.enter_context(open_policies(options, TerminalProgress()))


def tried_policies(options: _Policies, sources: Sequence[PolicySource]) -> _Policies:
    """Return the options with other sources, open until the command ends, locked or not."""
    from lakewarden.policy_sources.resolve import (  # noqa: PLC0415 -- every command would wait
        resolved_sources,
    )

    resolved = current().stack.enter_context(
        resolved_sources(sources, TerminalProgress(), folder=options.folder)
    )
    return replace(options, policy_sources=tuple(sources), resolved=resolved)


def local_policies(options: _Policies) -> _Policies:
    """Return the options with the policies in `./policies` as a source that isn't open yet."""
    folder = current().folder
    options = replace(options, folder=folder)
    local = folder / LOCAL_POLICIES
    known = {root.resolve() for root in options.roots}
    if not has_policies(local) or local.resolve() in known:
        return options
    if (local / _ROUTER).is_dir():
        notes().print(
            f"Not using {shown(local)}: it holds Lakewarden's own policies, and the installed ones "
            "decide"
        )
        return options
    if (named := _reference_of(local, options)) is not None:
        notes().print(f"Not using {shown(local)}: {named} has other versions of its policies")
        return options
    notes().print(f"Also using the policies in {shown(local)}")
    return replace(options, policy_sources=(*options.policy_sources, FolderSource(local)))


def _reference_of(local: Path, options: PolicySourceOptions) -> GitSource | None:
    """Return the source that is the folder of policies at a reference; None where none is."""
    references = [each for each in options.policy_sources if isinstance(each, GitSource)]
    if not references:
        return None
    from lakewarden.git.tree import place_in_repository  # noqa: PLC0415 -- as above

    place = PurePosixPath(place_in_repository(local.parent, where=OPTION), local.name)
    return next((each for each in references if str(place) == (each.folder or local.name)), None)


def shown(local: Path) -> str:
    """Return what to call a folder that was found, such as `./policies`."""
    return str(local) if local.is_absolute() else f"./{local}"


def table_name(text: str, where: str) -> str:
    """Return one table's name as documents have it; raises `ConfigurationError` for other texts."""
    if "*" in text:
        raise ConfigurationError(
            f"{text} is a pattern",
            where=where,
            remedy="Name one table, such as prod.sales.orders.",
        )
    try:
        return full_name(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text} isn't a full name", where=where, remedy=str(error)
        ) from error


def refuse_workspace(origin: Origin, why: str, use: str) -> None:
    """Raise `ConfigurationError` for a workspace, where tables are collected once beforehand."""
    option = "--source" if origin.beside is None else "--with"
    if "databricks" in {origin.source_kind, origin.beside and origin.beside.source_kind}:
        raise ConfigurationError(
            why,
            where=f"{option} databricks",
            remedy="Write `lakewarden collect --source databricks -o inventory.ndjson` once, then "
            f"{use} {'--inventory' if origin.beside is None else '--with'} inventory.ndjson.",
        )


def inputs(
    origin: Origin,
    *,
    policies: PolicyOptions,
    files: Mapping[str, Path | None] = MappingProxyType({}),
) -> list[Input]:
    """Return what a run reads, so that no output is written over it.

    `files` has other files, by what they are in a message.
    """
    found = [Input(what=what, path=path) for what, path in files.items() if path is not None]
    if origin.source_kind in PLANS:
        found += _of_plan(origin)
    elif origin.source_kind == "inventory":
        path = 0 if origin.location == "-" else Path(origin.location)
        found.append(Input(what="the inventory", path=path))
    elif origin.location and "://" not in origin.location:
        found.append(Input(what="the source's list of tables", path=Path(origin.location)))
    if origin.beside is not None and origin.beside.source_kind == "inventory":
        estate = origin.beside.location
        found.append(Input(what="the estate", path=0 if estate == "-" else Path(estate)))
    found += [
        Input(what="the policies in", path=folder, below=("lakewarden/*", "lakewarden/**/*"))
        for folder in policies.roots
    ]
    settings = ("*_config.yaml", "waivers.yaml")
    found.append(
        Input(what="the settings in", path=policies.config or policies.local_config, below=settings)
    )
    return found


def _of_plan(origin: Origin) -> Iterator[Input]:
    """Yield the files of a plan, which a path, a folder or a pattern names."""
    location = origin.location
    path, what = Path(location), "the plan"
    if location == "-":
        yield Input(what=what, path=0)
    elif has_magic(location) and not path.exists():
        for each in glob(location, recursive=True):  # noqa: PTH207 -- Path.glob can't take absolute ones
            yield Input(what=what, path=Path(each))
    elif origin.source_kind == "sql" and path.is_dir():
        yield Input(what="the SQL files in", path=path, below=("*.[sS][qQ][lL]",))
    elif origin.source_kind == "dbt":
        folder = path if path.is_dir() else path.parent
        names = ("manifest.json", "catalog.json", "target/manifest.json", "target/catalog.json")
        yield Input(what="the artifacts of dbt in", path=folder, below=names)
        yield Input(what=what, path=path)
    else:
        yield Input(what=what, path=path)
