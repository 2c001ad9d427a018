"""Runs `lakewarden evaluate` as the user of the scenarios would, environment and all."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.support.commandline import COMMAND, REPOSITORY

_JUDGED: Final = (0, 1, 3)
"""The exit codes of a run whose report can be judged: none failed, some failed, incomplete."""

_FILES: Final = {"json": "report.json", "html": "report.html", "markdown": "report.md"}


class NotEvaluated(Exception):  # noqa: N818 -- what the scenarios have to say, in these words
    """A run that ended without a report; the text is the tool's own."""


class Written(Struct, frozen=True, kw_only=True):
    """What one run left behind."""

    exit_code: int
    inventory: Path
    reports: dict[str, Path]
    """By format."""


def evaluate(
    *arguments: str | Path,
    into: Path,
    inventory: Path | None = None,
    full: bool = False,
    listen: Callable[[str], object] = lambda _: None,
) -> Written:
    """Evaluate and return what was written into the folder `into`.

    `inventory` is one that is read instead of a source that the arguments name; `full` writes a
    report in every format, else only JSON. `listen` hears each line about its progress when it is
    said. Raises `NotEvaluated` with the tool's own words.
    """
    into.mkdir(parents=True, exist_ok=True)
    kept = inventory or into / "inventory.ndjson"
    reports = {each: into / _FILES[each] for each in (_FILES if full else ("json",))}
    command = [*COMMAND, "evaluate", *map(str, arguments)]
    command += ["--save-inventory" if inventory is None else "--inventory", str(kept)]
    for each, path in reports.items():
        command += ["--report", f"{each}={path}"]
    code, summary = _run(command, into / "summary.txt", listen)
    if code not in _JUDGED:
        summary = summary or "it said nothing"
        found = re.search(r"^error: ", summary, re.MULTILINE)
        why = summary[found.start() :] if found else summary  # without what it was doing before
        raise NotEvaluated(f"lakewarden evaluate ended with exit {code}: {why}")
    return Written(exit_code=code, inventory=kept, reports=reports)


def _run(command: list[str], out: Path, listen: Callable[[str], object]) -> tuple[int, str]:
    """Return the exit code and what it wrote to standard error; ended early, it ends too."""
    with (
        out.open("w", encoding="utf-8") as stdout,
        subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | {"NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        errors: list[str] = []
        try:
            for line in process.stderr or ():
                listen(line)
                errors.append(line)
        except BaseException:
            process.terminate()
            raise
    return process.returncode, "".join(errors).strip()
