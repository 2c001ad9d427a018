"""Runs the production layer as `make test-scenario` does, in a home of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.integration.databricks.workspace_commands import variables
from tests.support.commandline import in_checkout
from tests.workspace.server import Address

_FOUND: Final = re.compile(r"  (holds|not judged|BROKEN): ([^:]+)(?:: (.*))?")
_COUNT: Final = re.compile(r"(\d+) (passed|failed|skipped|error)")

HOLDS, NOT_JUDGED, BROKEN = "holds", "not judged", "BROKEN"


class Production(NamedTuple):
    """One run of the production layer."""

    code: int
    out: str
    err: str
    """What stood on the screen meanwhile."""
    counts: Mapping[str, int]
    """As in pytest's last line, by its words."""
    output: Mapping[str, tuple[str, str]]
    """Title of a scenario to what came of it and why, or what was found."""

    def those(self, sign: str) -> set[str]:
        """Return the titles of the scenarios of which this came."""
        return {title for title, (what, _) in self.output.items() if what == sign}


def production(home: Path, *arguments: str | Path, **changes: str) -> Production:
    """Run all scenarios; what is written lies in `home`, which is their home, too."""
    ended = in_checkout(
        *(
            sys.executable,
            "-m",
            "pytest",
            "tests/acceptance/test_production.py",
            "-p",
            "no:cacheprovider",
        ),
        *("--basetemp", str(home / "written"), *map(str, arguments)),
        home=home,
        timeout=300,
        **changes,
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    *_, last = ended.stdout.strip().splitlines()
    return Production(
        code=ended.returncode,
        out=ended.stdout,
        err=ended.stderr,
        counts={word: int(number) for number, word in _COUNT.findall(last)},
        output={
            match[2]: (match[1], match[3] or "")
            for match in map(_FOUND.fullmatch, ended.stdout.splitlines())
            if match
        },
    )


def on_workspace(
    workspace: Address, home: Path, *arguments: str, warehouse: bool = True
) -> Production:
    """Run all scenarios on a double of a workspace."""
    signed_in = variables(workspace, warehouse=warehouse)
    return production(home, "--source", "databricks", *arguments, **signed_in)
