"""A package's METADATA block, read from the module's text where no OPA parses it for us.

Title, description, custom and the like come out as OPA has them. OPA also rewrites `schemas` and
`authors`, which we don't read, `related_resources`, for which see `related_pages`, and dates, which
stay text here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from lakewarden.engines.bundle.stage import StagedModule
from lakewarden.engines.interface import Module
from lakewarden.model.errors import ConfigurationError

_PACKAGE_SCOPE: Final = "package"


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars, as OPA's parser has them: `yes`, `off` and `12:30` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 -- PyYAML's own class attribute, typed without ClassVar


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[0-9][0-9_]*|0x[0-9a-fA-F]+)", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


def package_annotations(text: str, where: str) -> dict[str, Any]:
    """Return the METADATA block of the module's package as a mapping; empty if it has none.

    `where` is the module's file, for errors. Raises `ConfigurationError` for a block that isn't a
    YAML mapping; like OPA, this counts any comment that follows without a blank line to the block.
    """
    found: dict[str, Any] = {}
    for line, block in _blocks(text):
        try:
            value = yaml.load(block, Loader=_Loader)  # noqa: S506 -- a SafeLoader
        except yaml.MarkedYAMLError as error:
            row = line + (error.problem_mark.line if error.problem_mark else 0)
            raise _no_metadata(f"{where}:{row}", error.problem or "no YAML") from error
        except yaml.YAMLError as error:
            raise _no_metadata(f"{where}:{line}", str(error)) from error
        if not isinstance(value, dict):
            raise _no_metadata(f"{where}:{line}", "no mapping")
        if value.pop("scope", _PACKAGE_SCOPE) == _PACKAGE_SCOPE:
            found = value
    return found


def annotated(module: StagedModule, where: str = "") -> Module:
    """Return a module as an engine would give it; `where` is its file, if not its source.

    Raises as `package_annotations` does.
    """
    return Module(
        path=module.path,
        package=module.package,
        text=module.text,
        annotations=package_annotations(module.text, where or str(module.source)),
    )


def related_pages(annotations: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield address and description of each related resource; without one, the address is it.

    OPA has mappings with `ref`, a module's text also bare addresses.
    """
    for resource in annotations.get("related_resources") or ():
        stated = resource if isinstance(resource, dict) else {"ref": resource}
        address = str(stated.get("ref", ""))
        if address:
            yield address, str(stated.get("description") or address)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield first line and YAML of each METADATA block in front of the package clause."""
    block: list[str] | None = None
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if block is not None and not stripped.startswith("#"):
            yield start, "\n".join(block)
            block = None
        if re.match(r"package\b", stripped):
            return
        if block is not None:
            block.append(stripped[1:])
        elif re.fullmatch(r"#\s*METADATA", stripped):
            block, start = [], number + 1


def _no_metadata(where: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the METADATA block can't be read: {why}",
        where=where,
        remedy="It is YAML behind `# `; separate it from other comments with an empty line.",
    )
