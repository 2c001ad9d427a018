"""The files that dbt writes: the manifest, the catalog beside it, and the project around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from msgspec import Struct

from lakewarden_collector.decoding import decoder
from lakewarden_collector.errors import SourceError, WrongInputError
from lakewarden_collector.file_kinds import HEAD, HOW, FileKind, Wanted, recognise, wrong_input

VERSIONS: Final = (12, 20)
"""Versions of the manifest: dbt Core 1.8 to 1.12 write 12, dbt 2 writes 20."""

PARSE: Final = HOW[Wanted.DBT_MANIFEST]

_ADAPTER: Final = "databricks"
_MANIFEST: Final = "manifest.json"
_PROJECT: Final = "dbt_project.yml"
_SCHEMA: Final = re.compile(r"/dbt/([a-z-]+)/v(\d+)\.json$")
_NO_NAME: Final = re.compile(r"[^\w-]")
_LEVELS: Final = 3
"""How far above the manifest its project is looked for: `target` may be a path of some folders."""


class _Manifest(Struct, frozen=True):
    """The parts that are read; macros, most of the file, only where a hook calls one."""

    metadata: dict[str, Any]
    nodes: dict[str, Any]
    groups: dict[str, Any] | None = None
    disabled: dict[str, Any] | None = None
    macros: msgspec.Raw = msgspec.Raw(b"{}")


class _Catalog(Struct, frozen=True):
    nodes: dict[str, Any]


_decode_manifest: Final = decoder(_Manifest).decode
_decode_catalog: Final = decoder(_Catalog).decode
_decode_macros: Final = decoder(dict[str, Any]).decode


class Project(Struct, frozen=True, kw_only=True):
    """A dbt project, as its files tell it.

    `root` is the folder that holds it, where that is known. `flags` are those of its
    `dbt_project.yml`; None where that wasn't found. `packages` is the folder below `root` in which
    `dbt deps` installs packages. `macros` reads the macros, by id.
    """

    name: str
    nodes: Mapping[str, Any]
    groups: Mapping[str, Any]
    disabled: Mapping[str, Any]
    catalog: Mapping[str, Any]
    root: Path | None
    flags: Mapping[str, Any] | None
    packages: str
    macros: Callable[[], Mapping[str, Any]]

    def folder(self, package: str) -> str:
        """Return where the files of a package are, below `root`; empty for the project itself."""
        named = _NO_NAME.sub("_", package)  # a manifest that says `../..` leads nowhere
        return "" if package == self.name else f"{self.packages}/{named}"

    def flag(self, name: str) -> bool | None:
        """Return whether a behaviour of dbt-databricks is on, off by default; None if unknown."""
        return None if self.flags is None else self.flags.get(name) is True


def find_manifest(location: str) -> Path:
    """Return the manifest that a file or folder stands for, whether it exists or not."""
    path = Path(location)
    if not path.is_dir():
        return path
    below = path / "target" / _MANIFEST
    return below if below.is_file() and not (path / _MANIFEST).is_file() else path / _MANIFEST


def read_project(location: str) -> Project:
    """Read a manifest, what lies beside it, and the settings of its project.

    Raises `WrongInputError` and `SourceError`.
    """
    path = find_manifest(location)
    if path.is_dir():
        raise wrong_input(FileKind.FOLDER, Wanted.DBT_MANIFEST, location)
    data = _read(path)
    try:
        manifest = _decode_manifest(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        kind = recognise(data[:HEAD], whole=len(data) <= HEAD)
        if kind is not None and kind is not FileKind.DBT_MANIFEST:
            raise wrong_input(kind, Wanted.DBT_MANIFEST, location) from error
        raise WrongInputError(
            f"isn't a dbt manifest: {error}", where=str(path), remedy=PARSE
        ) from error
    name = _checked(manifest.metadata, str(path))
    root, settings = _root(path, name)
    flags = settings.get("flags")
    return Project(
        name=name,
        nodes=manifest.nodes,
        groups=manifest.groups or {},
        disabled=manifest.disabled or {},
        catalog=_catalog(path.with_name("catalog.json"), manifest.nodes),
        root=root,
        flags=None if root is None else flags if isinstance(flags, dict) else {},
        packages=_packages(settings.get("packages-install-path")),
        macros=cache(lambda: _macros(manifest.macros)),
    )


def _macros(data: msgspec.Raw) -> Mapping[str, Any]:
    try:
        return _decode_macros(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WrongInputError("there is no such file", where=str(path), remedy=PARSE) from error
    except OSError as error:
        raise SourceError(
            f"can't be read: {error.strerror}",
            where=str(path),
            remedy="Allow this user to read it.",
        ) from error


def _checked(metadata: Mapping[str, Any], where: str) -> str:
    """Return the project's name if its manifest is one of those that are read."""
    found = _SCHEMA.search(str(metadata.get("dbt_schema_version")))
    if found is None or found[1] != "manifest":
        what = f"an artifact of dbt ({found[1]})" if found else "without the version of a manifest"
        raise WrongInputError(f"is {what}, not a dbt manifest", where=where, remedy=PARSE)
    # A number of many digits is one that no dbt writes, and Python refuses to read it.
    if found[2] not in map(str, VERSIONS):
        known = " and ".join(map(str, VERSIONS))
        raise WrongInputError(
            f"is a dbt manifest of version {found[2][:9]}, and versions {known} are read",
            where=where,
            remedy="Write it with dbt Core 1.8 or later, or with a newer Lakewarden.",
        )
    adapter = metadata.get("adapter_type")
    if adapter != _ADAPTER:
        raise WrongInputError(
            f"is the manifest of a project for the adapter {str(adapter)[:40]!r}, not for "
            f"{_ADAPTER!r}",
            where=where,
            remedy="Parse the project with a profile of type databricks.",
        )
    name = metadata.get("project_name")
    if not isinstance(name, str) or not name:
        raise WrongInputError("doesn't name its project", where=where, remedy=PARSE)
    return name


def _root(manifest: Path, name: str) -> tuple[Path | None, Mapping[str, Any]]:
    """Return the folder of the project and its settings, if it is there under that name."""
    for folder in list(manifest.absolute().parents)[:_LEVELS]:
        try:
            settings = yaml.safe_load((folder / _PROJECT).read_bytes())
        except (OSError, yaml.YAMLError, ValueError, RecursionError):
            continue
        if isinstance(settings, dict) and settings.get("name") == name:
            return folder, settings
    return None, {}


def _packages(setting: object) -> str:
    """Return the folder that the setting names; the usual one for none, or for one of Jinja."""
    named = isinstance(setting, str) and setting.strip("/") and "{{" not in setting
    return str(setting).replace("\\", "/").rstrip("/") if named else "dbt_packages"


def _catalog(path: Path, nodes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tables of the catalog file, by node, without those of other projects.

    Raises `WrongInputError` and `SourceError` where a file is there that can't be read.
    """
    if not path.is_file():
        return {}
    try:
        found = _decode_catalog(_read(path)).nodes
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WrongInputError(
            f"isn't a dbt catalog: {error}",
            where=str(path),
            remedy="Write it again by `dbt docs generate`, or remove it.",
        ) from error
    return {key: value for key, value in found.items() if key in nodes}
