"""Whether the Rego tests notice a mutant."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from benchmarks.mutation.mutants import Mutant

_LIMIT_SECONDS = 60.0
"""A mutant that the tests take longer for, some hundred times longer than usual, is noticed.

So long, since a busy machine must not make the tests fail, or a mutant look noticed.
"""

_ENVIRONMENT = {**os.environ, "GOGC": "off", "GOMEMLIMIT": "1GiB", "GOMAXPROCS": "1"}
"""OPA runs for a tenth of a second: collecting garbage takes longer than it saves."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    DISCARDED = "discarded"
    """`opa check --strict` refuses the module or its test, so nobody could have written it."""


class UnsoundError(Exception):
    """The policies as they are do not pass their own checks or tests; the text is OPA's."""


class Court:
    """A copy of the policies, in which one mutant after the other is tried."""

    def __init__(self, opa: Path, policies: Path, folder: Path) -> None:
        self._opa = opa
        self._root = Path(shutil.copytree(policies, folder))

    def try_as_they_are(self, files: Iterable[str]) -> None:
        """Raise UnsoundError if a check or test fails without any mutant."""
        whole = [self._check([self._root]), self._all_tests()]
        for arguments in [*whole, *map(self._own_tests, files)]:
            ended = self._run(arguments)
            if ended is None or ended.returncode:
                raise UnsoundError(ended.stdout + ended.stderr if ended else "OPA takes too long")

    def strict_queries(self, file: str) -> list[str]:
        """Return what asks for the tests beside the module of which no built-in fails.

        The tests as a whole, mostly; those are left out that hand over what no document holds, such
        as null.
        """
        package = ".".join(["data", *Path(file).parent.parts]) + "_test"
        if not self._fails(self._strictly(file, [package])):
            return [package]
        texts = [path.read_text(encoding="utf-8") for path in self._near(file)]
        names = {name for text in texts for name in re.findall(r"^test_\w+", text, re.MULTILINE)}
        queries = [f"{package}.{name}" for name in sorted(names)]
        return [query for query in queries if not self._fails(self._strictly(file, [query]))]

    def fate(self, mutant: Mutant, strict_queries: list[str]) -> Fate:
        """Try the mutant: first the tests beside its module, which mostly suffice, then all.

        Last come those beside it again, as the engines evaluate policies.
        """
        file = mutant.change.file
        path = self._root / file
        original = path.read_text(encoding="utf-8")
        path.write_text(mutant.text, encoding="utf-8")
        try:
            if self._fails(self._check(self._near(file))):
                return Fate.DISCARDED
            strictly = self._strictly(file, strict_queries)
            tests = (self._own_tests(file), self._all_tests(), strictly)
            return Fate.KILLED if any(map(self._fails, tests)) else Fate.SURVIVED
        finally:
            path.write_text(original, encoding="utf-8")

    def _check(self, modules: Iterable[Path]) -> list[str | Path]:
        return ["check", "--strict", "--schema", self._root / "schemas", *modules]

    def _all_tests(self) -> list[str | Path]:
        return ["test", "--bundle", self._root]

    def _own_tests(self, file: str) -> list[str | Path]:
        return ["test", *self._near(file)]

    def _strictly(self, file: str, queries: list[str]) -> list[str | Path]:
        """Return a command that fails where a built-in does, for which `opa test` has no option.

        Such a failure makes the engines refuse a whole batch of tables; for `opa test` it is only
        undefined, so that it cannot tell whether a type was asked for before.
        """
        sources = [argument for path in self._near(file) for argument in ("--data", path)]
        values = ", ".join(queries)
        return ["eval", "--strict-builtin-errors", "--format", "values", *sources, f"[{values}]"]

    def _near(self, file: str) -> list[Path]:
        """Return the module's folder and what it may import: to load less is what saves time."""
        lakewarden = self._root / "lakewarden"
        libraries = [
            path
            for path in sorted((lakewarden / "lib").rglob("*.rego"))
            if not path.name.endswith("_test.rego")
        ]
        own = sorted((self._root / file).parent.glob("*.rego"))
        return [
            *dict.fromkeys([*libraries, *own, *sorted((lakewarden / "testing").glob("*.rego"))])
        ]

    def _fails(self, arguments: list[str | Path]) -> bool:
        ended = self._run(arguments)
        return ended is None or ended.returncode != 0

    def _run(self, arguments: list[str | Path]) -> subprocess.CompletedProcess[str] | None:
        command = [self._opa, *arguments]
        try:
            return subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=_LIMIT_SECONDS,
                env=_ENVIRONMENT,
            )
        except subprocess.TimeoutExpired:
            return None


def fates(opa: Path, policies: Path, mutants: list[Mutant], jobs: int) -> Iterator[Fate]:
    """Yield the fate of each mutant in turn; `jobs` of them are tried at a time."""
    with _courts(opa, policies, jobs) as free, ThreadPoolExecutor(jobs) as threads:
        files = sorted({mutant.change.file for mutant in mutants})
        court = free.get()
        court.try_as_they_are(files)
        strict = {file: court.strict_queries(file) for file in files}
        free.put(court)

        def tried(mutant: Mutant) -> Fate:
            court = free.get()
            try:
                return court.fate(mutant, strict[mutant.change.file])
            finally:
                free.put(court)

        yield from threads.map(tried, mutants)


@contextmanager
def _courts(opa: Path, policies: Path, jobs: int) -> Iterator[queue.SimpleQueue[Court]]:
    with tempfile.TemporaryDirectory(prefix="lakewarden-mutation-") as folder:
        free: queue.SimpleQueue[Court] = queue.SimpleQueue()
        for number in range(jobs):
            free.put(Court(opa, policies, Path(folder) / str(number)))
        yield free
