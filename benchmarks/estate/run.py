"""Collects an estate by the real command line, and notes what the workspace was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.estate.watched import Taken, watched
from tests.support.commandline import COMMAND, environment
from tests.workspace.log import Log
from tests.workspace.process import WorkspaceProcess

LISTS: Final = ("list_catalogs", "list_schemas", "list_tables", "table_summaries", "get_table")
_DESCRIBE: Final = re.compile(r"DESCRIBE DETAIL `(\w+)`\.`(\w+)`\.`(\w+)`")


@dataclass(frozen=True, kw_only=True)
class RequestLog:
    """What the workspace was asked during a run, by its own account."""

    list_calls: int
    """Requests of the listing API, those that were refused included."""
    refused: int
    """Requests of any kind that were answered with 429."""
    statements: int
    described: tuple[str, ...]
    """The tables of all DESCRIBE DETAIL statements, by full name, as often as they were asked."""
    most_running: int
    """The most statements that ran at once since the workspace began."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One collection: what it took, and what it asked."""

    taken: Taken
    asked: RequestLog


def collect(workspace: WorkspaceProcess, folder: Path, inventory: str, *more: str) -> Run:
    """Run `lakewarden collect` with all shipped policies and an OPA server of its own.

    `folder` is where it runs and its home; `inventory` is the file it writes there.
    """
    command = [*COMMAND, "collect", "--source", "databricks", "-o", inventory, *more]
    before = workspace.log
    taken = watched(command, folder, signed_in(workspace, folder))
    return Run(taken=taken, asked=_asked(before, workspace.log))


def signed_in(workspace: WorkspaceProcess, home: Path) -> dict[str, str]:
    """Return an environment that names the workspace and its warehouse."""
    return environment(
        home,
        DATABRICKS_HOST=workspace.url,
        DATABRICKS_TOKEN=workspace.token,
        DATABRICKS_WAREHOUSE_ID=workspace.warehouse_id,
    )


def _asked(before: Log, after: Log) -> RequestLog:
    """Return what came between two states of the log."""
    sent = [statement.text for statement in after.statements[len(before.statements) :]]
    described = [_DESCRIBE.fullmatch(text) for text in sent if text.startswith("DESCRIBE DETAIL")]
    return RequestLog(
        list_calls=after.count(*LISTS) - before.count(*LISTS),
        refused=_refused(after) - _refused(before),
        statements=len(sent),
        described=tuple(".".join(found.groups()) for found in described if found),
        most_running=after.peak_running,
    )


def _refused(log: Log) -> int:
    return sum(number for key, number in log.statuses.items() if key.endswith(" 429"))
