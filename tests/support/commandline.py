"""Runs `lakewarden` as a user does: another process, an empty home, a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.support import prepared

REPOSITORY: Final = Path(__file__).resolve().parents[2]
COMMAND: Final = (sys.executable, "-m", "lakewarden")
_READ_AT_THE_START: Final = ("PYTHON", "LC_", "LANG", "COLUMNS", "TERM", "FORCE_COLOR")
"""Variables that Python itself reads, or a library when it is imported."""
NOW: Final = "2026-11-23T05:10:00Z"


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return an environment with an empty home and the OPA of this machine."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "PYTHONPATH", "LAKEWARDEN_OPA", "LANG", "TMPDIR")
        if name in os.environ
    }
    local = REPOSITORY / ".tools" / "bin" / "opa"
    if "LAKEWARDEN_OPA" not in kept and local.is_file():
        kept["LAKEWARDEN_OPA"] = str(local)
    return kept | {"HOME": str(home), "NO_COLOR": "1"} | changes


def lakewarden(
    *arguments: str | Path, cwd: Path, stdin: str = "", **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run one command in `cwd`, which is its home too, and return how it ended."""
    if not any(name.startswith(_READ_AT_THE_START) for name in changes):
        return prepared.run(
            [str(each) for each in arguments],
            cwd=cwd,
            env=environment(cwd, **changes),
            stdin=stdin,
            timeout=120,
        )
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(cwd, **changes),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def in_checkout(
    *command: str, home: Path, timeout: float, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run what a developer runs, such as make, in the checkout; return how it ended."""
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(home, **changes),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def document(name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of a document
    """Return a large managed Delta table without any clustering; `fields` change it."""
    return {
        "full_name": f"main.sales.{name}",
        "catalog_name": "main",
        "schema_name": "sales",
        "name": name,
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "properties": {},
        "size": {"bytes": 2**31, "exact": True},
    } | fields


CLUSTERED: Final[dict[str, Any]] = {
    "properties": {"clusteringColumns": '[["id"]]'},
    "columns": [{"name": "id", "type_text": "bigint"}],
}
"""Fields that make a table pass everything that applies to it."""


def write_lines(path: Path, *documents: dict[str, Any]) -> Path:
    """Write documents as plain NDJSON."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    return path
