"""Builds a Dockerfile without Docker: COPY and RUN in a folder that stands for the file system.

Absolute paths of the image are taken below that folder, in the scripts of RUN too; those of the
machine's own programs are not. The folder is the same for every stage, since environments of Python
name their place, and is put aside when the next stage begins. It knows the instructions that our
Dockerfile has, and refuses others.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

_EXPANDED: Final = re.compile(r"\$(?:\{(\w+)(?::\+([^}]*))?\}|(\w+))")
_ABSOLUTE: Final = re.compile(r"(?<![\w./$}-])/(?!dev/|bin/|usr/bin(?=[:/]))(?=[a-z])")

Base = Callable[[Path], Mapping[str, str]]
"""Puts into a folder what an image has of its own; returns the variables that the image sets."""


class Image:
    """The last stage, built: its folder, its variables, its user, and what it starts."""

    def __init__(self, root: Path, variables: Mapping[str, str]) -> None:
        self.root = root
        self.variables = dict(variables)
        self.user = "0:0"
        self.folder = "/"
        self.entrypoint: list[str] = []

    def inside(self, path: str) -> Path:
        """Return where a path of the image is on this machine."""
        return self.root / str(Path("/", self.folder, path)).lstrip("/")

    def mapped(self, text: str) -> str:
        """Return a text with the image's absolute paths as they are on this machine."""
        return _ABSOLUTE.sub(f"{self.root}/", text)

    def environment(self) -> dict[str, str]:
        """Return the variables with which the image starts its programs."""
        return {name: self.mapped(value) for name, value in self.variables.items()}


def instructions(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each instruction of a Dockerfile with its text, continued lines joined."""
    lines = [each for each in file.read_text("utf-8").splitlines() if not each.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, text = line.partition(" ")
            yield name, text.strip()


def build(
    context: Path, bases: Mapping[str, Base], folder: Path, arguments: Mapping[str, str]
) -> Image:
    """Build `context/Dockerfile`; `bases` have the images, by their names before the first `:`."""
    builder = _Builder(context, bases, folder, arguments)
    for name, text in instructions(context / "Dockerfile"):
        builder.do(name, text)
    return builder.image


class _Builder:
    """Follows the instructions one after another; `image` is the stage that is being built."""

    def __init__(
        self, context: Path, bases: Mapping[str, Base], folder: Path, arguments: Mapping[str, str]
    ) -> None:
        self.image = Image(folder / "image", {})
        self._context = context
        self._bases = bases
        self._folder = folder
        self._arguments = arguments
        self._values: dict[str, str] = {}
        self._stages: dict[str, Path] = {}
        self._stage = ""
        self._known: Final[Mapping[str, Callable[[str], None]]] = {
            "ARG": self._arg,
            "COPY": self._copy,
            "ENTRYPOINT": self._entrypoint,
            "ENV": self._env,
            "FROM": self._from,
            "LABEL": lambda _: None,
            "RUN": self._run,
            "USER": self._user,
            "WORKDIR": self._workdir,
        }

    def do(self, name: str, text: str) -> None:
        """Follow one instruction; one that isn't known is a `KeyError`."""
        self._known[name](text)

    def _arg(self, text: str) -> None:
        key, _, default = text.partition("=")
        self._values[key] = self._arguments.get(key, default)

    def _from(self, text: str) -> None:
        root = self.image.root
        if root.exists():
            self._stages[self._stage] = root.rename(self._folder / f"stage-{self._stage}")
        reference, _, self._stage = _expanded(text, self._values).partition(" AS ")
        root.mkdir()
        self.image = Image(root, self._bases[re.split("[:@]", reference)[0]](root))

    def _workdir(self, text: str) -> None:
        self.image.folder = text
        self.image.inside(".").mkdir(parents=True, exist_ok=True)

    def _env(self, text: str) -> None:
        for each in shlex.split(text):
            key, _, value = each.partition("=")
            self.image.variables[key] = _expanded(value, self.image.variables)

    def _user(self, text: str) -> None:
        self.image.user = text

    def _entrypoint(self, text: str) -> None:
        self.image.entrypoint = json.loads(text)

    def _run(self, script: str) -> None:
        assert self.image.user == "0:0"
        kept = {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
        subprocess.run(
            ("bash", "-e", "-c", self.image.mapped(script)),
            cwd=self.image.inside("."),
            env=kept | self.image.environment(),
            check=True,
            capture_output=True,
            text=True,
        )

    def _copy(self, text: str) -> None:
        *sources, target = text.split()
        origin = self._context
        ignored = (origin / ".dockerignore").read_text("utf-8").splitlines()
        if sources[0].startswith("--from="):
            origin, ignored = self._stages[sources.pop(0).removeprefix("--from=")], []
        for source in sources:
            found, to = origin / source.lstrip("/"), self.image.inside(target)
            assert found.exists(), f"{source} isn't there"
            if found.is_dir():
                _copy_folder(origin, found, to, ignored)
                continue
            to = to / found.name if target.endswith("/") else to
            to.parent.mkdir(parents=True, exist_ok=True)
            assert not _is_ignored(source, ignored), f"{source} isn't in the context"
            shutil.copy2(found, to)


def _expanded(text: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = values.get(found[1] or found[3], "")
        return (_expanded(found[2], values) if known else "") if found[2] is not None else known

    # The word after `:+` may itself name a variable.
    return _EXPANDED.sub(value, text)


def _copy_folder(origin: Path, source: Path, target: Path, ignored: list[str]) -> None:
    if not ignored:
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        return
    for file in sorted(source.rglob("*")):
        if file.is_file() and not _is_ignored(file.relative_to(origin).as_posix(), ignored):
            to = target / file.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to)


def _is_ignored(path: str, patterns: list[str]) -> bool:
    """Tell whether `.dockerignore` leaves a file out: the last pattern that matches decides."""
    parents = [path, *map(str, Path(path).parents)]
    decided = [
        not pattern.startswith("!")
        for pattern in patterns
        if pattern and not pattern.startswith("#")
        if any(_matches(parent, pattern.removeprefix("!")) for parent in parents)
    ]
    return bool(decided) and decided[-1]


def _matches(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(Path(path).name, pattern.removeprefix("**/"))
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)
