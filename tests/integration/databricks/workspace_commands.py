"""Runs `lakewarden … --source databricks` on a double of a workspace, as a user does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.support import processes
from tests.support.commandline import COMMAND, environment, lakewarden
from tests.workspace.server import Address

Json = dict[str, Any]


def variables(workspace: Address, *, warehouse: bool = True) -> dict[str, str]:
    """Return the environment that signs one in to the double."""
    named = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": workspace.token}
    return named | ({"DATABRICKS_WAREHOUSE_ID": workspace.warehouse_id} if warehouse else {})


def run(
    workspace: Address,
    command: str,
    *arguments: str | Path,
    cwd: Path,
    warehouse: bool = True,
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Run one command on the double, in the home `cwd`, and return how it ended."""
    signed_in = variables(workspace, warehouse=warehouse) | changes
    return lakewarden(command, "--source", "databricks", *arguments, cwd=cwd, **signed_in)


def started(
    workspace: Address, command: str, *arguments: str | Path, cwd: Path
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a command in a session of its own, with a folder for its temporary files."""
    temporary = cwd / "temporary"
    temporary.mkdir(exist_ok=True)
    return processes.started(
        [*COMMAND, command, "--source", "databricks", *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd, TMPDIR=str(temporary), **variables(workspace)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def read(path: Path) -> Json:
    """Return a JSON report."""
    report: Json = json.loads(path.read_text())
    return report


def outcomes(report: Json, policy: str = "clustering.strategy_required") -> dict[str, str]:
    """Return what one policy says of each table, by the last part of its name."""
    return {each["name"]: each["decisions"][policy]["outcome"] for each in report["tables"]}


def decision(report: Json, name: str, policy: str = "clustering.strategy_required") -> Json:
    """Return one policy's decision about the only table of this name."""
    (found,) = (each for each in report["tables"] if each["name"] == name)
    decided: Json = found["decisions"][policy]
    return decided


class Inventory:
    """The lines of an inventory, told apart."""

    def __init__(self, path: Path) -> None:
        self.lines: Sequence[Json] = [json.loads(line) for line in path.read_text().splitlines()]
        self.header: Json = self.lines[0]["inventory"]
        self.end: Json = self.lines[-1]["end"]
        self.failures: Sequence[Json] = [x["failure"] for x in self.lines if "failure" in x]
        self.documents: Sequence[Json] = [x for x in self.lines if "full_name" in x]

    def document(self, name: str) -> Json:
        """Return the document of the only table with this last part of its name."""
        (found,) = (each for each in self.documents if each["name"] == name)
        return found

    def timeless(self) -> Sequence[Mapping[str, Any]]:
        """Return the documents without the times at which they were asked for."""
        return [
            {**each, "size": {k: v for k, v in each["size"].items() if k != "as_of"}}
            if each.get("size", {}).get("origin") == "describe_detail"
            else each
            for each in self.documents
        ]
