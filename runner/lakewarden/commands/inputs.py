"""What several commands find and read: the folder `./policies`, and the files of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from lakewarden.commands.terminal import stderr
from lakewarden.options.policies import PolicySourceOptions, has_policies
from lakewarden.origin import Origin
from lakewarden.report.output_paths import Input

LOCAL_POLICIES: Final = Path("policies")
"""A team's own policies, found like `./config`."""

_ROUTER: Final = Path("lakewarden/main")
"""What only the product's own bundle root holds."""

_Policies = TypeVar("_Policies", bound=PolicySourceOptions)


def with_local_policies(options: _Policies) -> _Policies:
    """Return the options with the policies in `./policies`; a line on standard error says so."""
    known = {root.resolve() for root in options.roots}
    if not has_policies(LOCAL_POLICIES) or LOCAL_POLICIES.resolve() in known:
        return options
    if (LOCAL_POLICIES / _ROUTER).is_dir():
        stderr().print(
            "Not using ./policies: it holds Lakewarden's own, and the installed ones decide"
        )
        return options
    stderr().print("Also using the policies in ./policies")
    return replace(options, policy_sources=(*options.policy_sources, LOCAL_POLICIES))


def inputs(
    origin: Origin,
    *,
    config: Path | None = None,
    roots: Sequence[Path] = (),
    files: Mapping[str, Path | None] = MappingProxyType({}),
) -> list[Input]:
    """Return what a run reads, so that no output is written over it.

    `files` has other files, by what they are in a message.
    """
    found = [Input(what=what, path=path) for what, path in files.items() if path is not None]
    if origin.source_kind == "inventory":
        path = 0 if origin.location == "-" else Path(origin.location)
        found.append(Input(what="the inventory", path=path))
    elif origin.location and "://" not in origin.location:
        found.append(Input(what="the source's list of tables", path=Path(origin.location)))
    found += [
        Input(what="the policies in", path=folder, below=("lakewarden/*", "lakewarden/**/*"))
        for folder in roots
    ]
    settings = ("*_config.yaml", "waivers.yaml")
    found.append(Input(what="the settings in", path=config or Path("config"), below=settings))
    return found
