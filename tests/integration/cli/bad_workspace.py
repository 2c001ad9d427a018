"""A workspace that is not as it should be, and options that fit none."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

from lakewarden_collector.sources.databricks.journal.events import VERSION
from tests.support.commandline import COMMAND, environment, lakewarden
from tests.support.processes import started, wait_until
from tests.workspace.faults import Broken
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.misbehaving import Behaviour
from tests.workspace.server import Workspace
from tests.workspace.timing import Timing

Ended = CompletedProcess[str]
BadInput = Callable[[Path], Ended]

_EVALUATE: Final = ("evaluate", "--source", "databricks")
_BEGUN: Final = f'{{"type":"begun","version":{VERSION},"purpose":"{{}}","started_at":""}}\n'
_COLLECT: Final = ("collect", "--source", "databricks", "-o", "lake.ndjson")


def _estate() -> Guarded:
    """Return two clustered tables, which pass, and one whose size is needed and small."""
    estate = HandmadeEstate()
    sales = estate.catalog("prod").schema("sales")
    sales.table("orders", bytes=5 * GIB, clustering=[["id"]])
    sales.table("regions", bytes=1000)
    estate.catalog("prod").schema("finance").table("payments", clustering=[["id"]], metric_days=0)
    return Guarded(estate)


def _ask(
    folder: Path,
    *arguments: str,
    estate: Guarded | None = None,
    behaviours: tuple[Behaviour, ...] = (),
    warehouse: bool = True,
    **changes: str,
) -> Ended:
    """Run a command whose default profile is a workspace."""
    with Workspace(estate or _estate(), behaviours=behaviours) as workspace:
        workspace.profile(folder / ".databrickscfg", warehouse=warehouse)
        return lakewarden(*(arguments or _EVALUATE), cwd=folder, **changes)


def asking(*arguments: str) -> BadInput:
    """Evaluate the workspace with these arguments."""
    return lambda folder: _ask(folder, *_EVALUATE, *arguments)


def narrowed_to_nothing(folder: Path) -> Ended:
    """Evaluate tables of a misspelt schema: no statement may be sent about all others."""
    estate = _estate()
    with Workspace(estate) as workspace:
        workspace.profile(folder / ".databrickscfg")
        ended = lakewarden(
            *(*_EVALUATE, "--include", "prod.*", "--table", "prod.sals.*"), cwd=folder
        )
        assert workspace.log.statements == []
    return ended


def reusing(name: str, text: str) -> BadInput:
    """Reuse the sizes of a file of this text."""

    def run(folder: Path) -> Ended:
        (folder / name).write_text(text)
        return _ask(folder, *_EVALUATE, "--reuse", name)

    return run


def no_workspace(folder: Path) -> Ended:
    return lakewarden(*_EVALUATE, cwd=folder)


def outdone(folder: Path) -> Ended:
    other = "https://other.example.com"
    return _ask(folder, *_EVALUATE, "--profile", "DEFAULT", DATABRICKS_HOST=other)


def unknown_token(folder: Path) -> Ended:
    refusal = Broken("metastore_summary", status=401, error_code="UNAUTHENTICATED")
    return _ask(folder, behaviours=(refusal,))


def no_metastore(folder: Path) -> Ended:
    refusal = Broken("metastore_summary", status=404, error_code="METASTORE_DOES_NOT_EXIST")
    return _ask(folder, behaviours=(refusal,))


def no_host(folder: Path) -> Ended:
    """Ask a port that nobody listens on."""
    variables = {"DATABRICKS_HOST": "http://127.0.0.1:9", "DATABRICKS_TOKEN": "a-token"}
    return lakewarden(*_EVALUATE, cwd=folder, **variables)


def no_warehouse(folder: Path) -> Ended:
    return _ask(folder, warehouse=False)


def spent_budget(folder: Path) -> Ended:
    return _ask(folder, *_EVALUATE, "--max-statements", "1")


def unlisted_schema(folder: Path) -> Ended:
    estate = _estate()
    estate.revoke_schema("prod", "finance")
    return _ask(folder, estate=estate)


def too_few(folder: Path) -> Ended:
    """Demand more of a workspace than it shows: one of three is only known to the history."""
    estate = _estate()
    estate.hide("prod", "finance", "payments")
    return _ask(folder, *_EVALUATE, "--min-coverage", "90%", estate=estate)


def denied_history(folder: Path) -> Ended:
    """Sizes are described one by one where the metrics history is refused: nothing is lost."""
    estate = _estate()
    estate.deny_system("system.storage.table_metrics_history")
    return _ask(folder, estate=estate)


def _journal(folder: Path, text: str) -> None:
    (folder / "lake.ndjson.partial").write_text(text)


def left_journal(folder: Path) -> Ended:
    _journal(folder, _BEGUN)
    return _ask(folder, *_COLLECT)


def no_journal(folder: Path) -> Ended:
    _journal(folder, "something else\n")
    return _ask(folder, *_COLLECT, "--resume")


def others_journal(folder: Path) -> Ended:
    _journal(folder, _BEGUN)
    return _ask(folder, *_COLLECT, "--resume")


def interrupted(folder: Path) -> Ended:
    """Press Ctrl-C while tables are described: it can be resumed, and no statement is running."""
    with Workspace(_estate(), timing=Timing(describe_seconds=60.0)) as workspace:
        workspace.profile(folder / ".databrickscfg")
        with started(
            [*COMMAND, *_COLLECT],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            wait_until(process, workspace.log.followed)
            os.killpg(process.pid, signal.SIGINT)
            out, output = process.communicate(timeout=60)
        assert workspace.log.running() == []
    assert (folder / "lake.ndjson.partial").stat().st_size
    assert not (folder / "lake.ndjson").exists()
    return CompletedProcess(process.args, process.returncode, out, output)
