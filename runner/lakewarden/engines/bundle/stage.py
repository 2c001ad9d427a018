"""Staging: the policies of several directories, copied into one bundle root for one run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import called

ROOT: Final = "lakewarden"
"""The first word of every package of ours, and the only root that the staged bundle claims."""

MANIFEST: Final = '{"roots": ["lakewarden"], "rego_version": 1}\n'

_PACKAGE = re.compile(r"^package\s+([^#\n]*?)\s*(?:#.*)?$", re.MULTILINE)


class StagedModule(Struct, frozen=True, kw_only=True):
    """One policy file: where it came from, and what it says.

    `path` is relative to the bundle root, with forward slashes; `package` is dotted, without
    `data.`.
    """

    path: str
    package: str
    source: Path
    text: str


def read_policies(policy_dirs: Sequence[Path]) -> tuple[StagedModule, ...]:
    """Read every `.rego` file that isn't a test from the bundle roots, sorted by path.

    Raises `ConfigurationError` if a directory is missing or cannot be read, if there is no policy
    at all, if a module is not under package `lakewarden`, or if two directories hold the same
    package or the same file.
    """
    modules: dict[str, StagedModule] = {}
    owner: dict[str, tuple[Path, StagedModule]] = {}
    for root in {Path(directory).resolve(): Path(directory) for directory in policy_dirs}.values():
        if not root.is_dir():
            raise ConfigurationError(
                "this policy directory does not exist",
                where=str(root),
                remedy="Name a directory that holds Rego files under lakewarden/.",
            )
        for file in _rego_files(root):
            module = _read(root, file)
            first_root, first = owner.setdefault(module.package, (root, module))
            if first_root != root:
                raise _twice(f"package {module.package} is defined in two directories", first, file)
            if module.path in modules:
                raise _twice(
                    f"the file {module.path} is in two directories", modules[module.path], file
                )
            modules[module.path] = module
    if not modules:
        raise ConfigurationError(
            "there are no policies: no .rego file was found",
            where=", ".join(str(directory) for directory in policy_dirs)
            or "the list of directories",
            remedy="Name a directory that holds Rego files under lakewarden/.",
        )
    return tuple(modules[path] for path in sorted(modules))


def stage(policy_dirs: Sequence[Path], into: Path) -> dict[str, Path]:
    """Copy the policies of all directories into one bundle root, `into`, with its manifest.

    Returns the path of each staged file, relative to `into`, mapped to the file it was copied
    from, so that messages can name the user's own file. Raises as `read_policies` does.
    """
    modules = read_policies(policy_dirs)
    into.mkdir(parents=True, exist_ok=True)
    (into / ".manifest").write_text(MANIFEST, encoding="utf-8")
    for module in modules:
        target = into / module.path
        target.parent.mkdir(parents=True, exist_ok=True)
        # What was read and checked, whatever the file holds by now; the text keeps every byte.
        target.write_bytes(module.text.encode())
    return {module.path: module.source for module in modules}


def package_of(text: str) -> str:
    """Return the package that a module's text declares, dotted; empty if it declares none."""
    found = _PACKAGE.search(text)
    return re.sub(r'\[\s*"([^"]*)"\s*\]', r".\1", found.group(1)) if found else ""


def _rego_files(root: Path) -> list[Path]:
    try:
        found = sorted(root.rglob("*.rego"))
    except OSError as error:  # a folder below it has gone meanwhile, or cannot be read
        raise ConfigurationError(
            f"this folder can't be read: {error.strerror}",
            where=str(error.filename or root),
            remedy="Try again when nobody is editing the policies.",
        ) from error
    return [
        file
        for file in found
        if not file.name.endswith("_test.rego")
        and not any(part.startswith(".") for part in file.relative_to(root).parts)
    ]


def _read(root: Path, file: Path) -> StagedModule:
    try:
        text = file.read_bytes().decode()  # read_text would hide carriage returns
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"this policy can't be read: {error}", where=str(file), remedy="Rego is UTF-8 text."
        ) from error
    package = package_of(text)
    if package != ROOT and not package.startswith(f"{ROOT}."):
        raise ConfigurationError(
            f"the package is {package}, which is not under {ROOT}"
            if package
            else "the file declares no package",
            where=f"{file}:{_package_line(text)}",
            remedy=f"A policy is a package {ROOT}.tables.<domain>.<policy>.",
        )
    path = PurePosixPath(file.relative_to(root))
    return StagedModule(path=str(path), package=package, source=file, text=text)


def _package_line(text: str) -> int:
    found = _PACKAGE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _twice(what: str, first: StagedModule, second: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{what}: {called(first.source)}, and {second}",
        where=str(second),
        remedy="Rename or remove one of them; a policy can't be replaced by another directory's.",
    )
