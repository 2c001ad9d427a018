"""A scratch copy of policies, tests included, in which the tools are let loose on them.

`opa` reads a bundle root whole, with every JSON and YAML file in it, and knows one root. So the
Rego of all folders is copied into one, beside the schemas that are generated for the domains that
are there, and every finding is told about the file that was copied.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from lakewarden.engines.bundle.stage import stage
from lakewarden.engines.opa.check import pure_capabilities, source_of
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import TREES
from lakewarden.resources import called, shipped_policies
from lakewarden.settings.rego_schemas import schemas
from lakewarden.settings.settings import SCHEMA_FILE, load_schemas
from lakewarden_collector.private_folder import PrivateFolder

TEST_SUFFIX: Final = "_test.rego"
_ROUTER: Final = Path("lakewarden", "main")
_TREES: Final = tuple(("lakewarden", tree) for tree in TREES)


class Workspace(Struct, frozen=True, kw_only=True):
    """Where the staged policies are, and what is needed to check them."""

    opa: Path
    staged: Path
    """The bundle root with all Rego files."""
    schemas: Path
    """Folder with table.json, waiver.json and settings.json, for `opa check --schema`."""
    capabilities: Path
    """File that names the built-ins that policies may call."""
    forbidden: frozenset[str]
    """The built-ins that it lacks."""
    builtins: frozenset[str]
    """All built-ins that this OPA has."""
    sources: Mapping[str, Path]
    """A path relative to `staged`, with forward slashes, to the user's file."""
    own: tuple[str, ...]
    """Those of the paths that are to be judged; the others are loaded beside them."""
    roots: tuple[Path, ...]
    """The bundle roots that are to be judged."""
    domains: Mapping[str, Mapping[str, Any]]
    """Every domain's settings schema."""
    only: tuple[str, ...] = ()
    """Ids of the policies that are judged, where not all in the roots are."""

    def source(self, file: str) -> str:
        """Return the user's file for one that a tool names."""
        return source_of(file, self.sources)

    def staged_path(self, file: str) -> str:
        """Return the path relative to the bundle root of a file that a tool names."""
        parts = file.split("/")
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((tail for tail in tails if tail in self.sources), file)

    @property
    def own_modules(self) -> tuple[str, ...]:
        """The judged files that aren't tests."""
        return tuple(path for path in self.own if not path.endswith(TEST_SUFFIX))

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """The folders of the judged policies, and those that lie where a policy's would."""
        inner = [each.replace(".", "/") for each in self.only] or ["*/*"]
        places = ["/".join((*tree, each)) for tree in _TREES for each in inner]
        found = [path for root in self.roots for place in places for path in root.glob(place)]
        visible = (path for path in found if path.is_dir() and not path.name.startswith("."))
        return tuple(sorted(visible))

    @property
    def own_schemas(self) -> tuple[tuple[Path, str], ...]:
        """File and text of the settings schema of each domain that has a judged policy."""
        domains = {policy_id.partition(".")[0] for policy_id in self.only}
        return tuple(
            (file, file.read_text(encoding="utf-8"))
            for root, tree in product(self.roots, _TREES)
            for file in sorted(root.glob("/".join((*tree, "*", SCHEMA_FILE))))
            if not domains or file.parent.name in domains
        )


@contextmanager
def open_workspace(
    opa: Path, roots: Sequence[Path], beside: Sequence[Path] = (), only: Sequence[str] = ()
) -> Iterator[Workspace]:
    """Stage the bundle roots, those `beside` them and the shipped policies; clean up afterwards.

    A root that holds a router is complete, and the shipped policies are not added to it. Where
    `only` names policies of the roots, these alone are judged. Raises `ConfigurationError` for
    folders without policies and for a package that is in two folders, `EngineError` if OPA cannot
    be run.
    """
    for root in (*roots, *beside):
        if not any(root.glob("lakewarden/**/*.rego")):
            raise ConfigurationError(
                f"there are no policies in {root}",
                where=str(root),
                remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/.",
            )
    roots = tuple({root.resolve(): root for root in roots}.values())
    complete = any((root / _ROUTER).is_dir() for root in (*roots, *beside))
    everything = (*(() if complete else (shipped_policies(),)), *beside, *roots)
    with PrivateFolder("kit") as scratch:
        staged = Path(scratch, "policies")
        sources = stage(everything, staged)
        for root in everything:
            sources |= _stage_tests(root, staged, sources)
        domains = load_schemas(everything)
        for name, schema in schemas(domains).items():
            _write(Path(scratch, "schemas", name), schema)
        pure, removed = pure_capabilities(opa)
        names = {builtin["name"] for builtin in pure["builtins"]}
        _write(Path(scratch, "capabilities.json"), pure)
        yield Workspace(
            opa=opa,
            staged=staged,
            schemas=Path(scratch, "schemas"),
            capabilities=Path(scratch, "capabilities.json"),
            forbidden=frozenset(removed),
            builtins=frozenset(names | removed),
            sources=sources,
            own=tuple(
                sorted(
                    path
                    for path, file in sources.items()
                    if _is_in(file, roots) and _is_about(path, only)
                )
            ),
            roots=roots,
            domains=domains,
            only=tuple(only),
        )


def policies_in(roots: Sequence[Path]) -> dict[str, Path]:
    """Return the ids of the policies under bundle roots, by their folders; each with its root."""
    return {
        f"{file.parents[1].name}.{file.parent.name}": root
        for root, tree in product(roots, _TREES)
        for file in sorted(root.glob("/".join((*tree, "*/*/*.rego"))))
        if not any(part.startswith(".") for part in file.relative_to(root).parts)
    }


def _stage_tests(root: Path, staged: Path, sources: Mapping[str, Path]) -> dict[str, Path]:
    tests: dict[str, Path] = {}
    for file in sorted(root.rglob(f"*{TEST_SUFFIX}")):
        place = file.relative_to(root)
        if any(part.startswith(".") for part in place.parts):
            continue
        if place.as_posix() in sources:
            raise ConfigurationError(
                f"this test is in two directories: {called(sources[place.as_posix()])}, and {file}",
                where=str(file),
                remedy="Rename or remove one of them.",
            )
        (staged / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, staged / place)
        tests[place.as_posix()] = file
    return tests


def _is_about(path: str, only: Sequence[str]) -> bool:
    folder = tuple(path.split("/")[:-1])
    places = {(*tree, *policy_id.split(".")) for tree in _TREES for policy_id in only}
    return not only or folder in places


def _is_in(file: Path, roots: Sequence[Path]) -> bool:
    return any(file.is_relative_to(root) for root in roots)


def _write(file: Path, value: object) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")
