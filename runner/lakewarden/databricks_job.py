"""The command as a task of a Databricks job: `deploy/terraform` and `deploy/bundle` call it.

A wheel task can't call `lakewarden` itself: Databricks takes any `SystemExit` for a failure, 0 too;
only the main thread of a process may install handlers of signals; and a volume isn't a disk, it has
no locks. So the command runs in a process of its own and writes its reports to a disk. They are
copied to a folder of the run and to `latest`, whose report the next run compares with.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from databricks.sdk.core import Config

from lakewarden.model.errors import EXIT_OK
from lakewarden.renderers.safe_console import result

REPORTS: Final = "--reports"
LATEST: Final = "latest"
_REPORT: Final = "report.json"
_ON_DATABRICKS: Final = "DATABRICKS_RUNTIME_VERSION"
_BEARER: Final = "Bearer "


class RunFailedError(Exception):
    """The command ended with another exit code than 0: the task fails, with this as its reason."""


def main() -> None:
    """Run `lakewarden evaluate` with a task's parameters, which are `--reports FOLDER` and its own.

    Raises `RunFailedError` where it ends with anything but 0; the reports are copied first.
    """
    match sys.argv[1:]:
        case [option, folder, *arguments] if option == REPORTS and folder:
            run(Path(folder), arguments)
        case _:
            raise ValueError(f"{REPORTS} FOLDER comes first, then what `lakewarden evaluate` takes")


def run(reports: Path, arguments: list[str]) -> None:
    """Evaluate with `arguments`, and keep `report.json` and `report.html` below `reports`."""
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="lakewarden-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "lakewarden", "evaluate", *arguments]
        command += ["--report", _REPORT, "--report", "report.html"]
        previous = reports / LATEST / _REPORT
        if previous.is_file():
            result(f"previous report: {previous}")
            (folder / "previous").mkdir()
            shutil.copyfile(previous, folder / "previous" / _REPORT)
            command += ["--previous", f"previous/{_REPORT}"]
        code = _run(command, folder)
        written = sorted(each for each in folder.iterdir() if each.is_file())
        if written:
            for target in (reports / f"{began:%Y-%m-%dT%H%M%SZ}", reports / LATEST):
                _copy(written, target)
                result(f"reports: {target}")
    if code != EXIT_OK:
        raise RunFailedError(
            f"lakewarden exited with {code}. What was found is in the output above"
            + (f" and in {reports / LATEST}." if written else ".")
        )


def _run(command: list[str], folder: Path) -> int:
    """Run the command, pass on what it prints, line by line, and return its exit code."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
    ) as process:
        for line in process.stdout or ():
            result(line.rstrip("\n"))
    return process.returncode


def _environment() -> dict[str, str]:
    """Return the environment with what this process imports, and signs in as in a task."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if _ON_DATABRICKS in environment:
        # Only this process has the task's identity: the SDK finds it in the notebook's context.
        config = Config()
        header = config.authenticate().get("Authorization", "")
        if header.startswith(_BEARER):
            environment |= {
                "DATABRICKS_HOST": str(config.host),
                "DATABRICKS_TOKEN": header.removeprefix(_BEARER),
                "DATABRICKS_AUTH_TYPE": "pat",
            }
    return environment


def _copy(files: list[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for each in files:
        shutil.copyfile(each, target / each.name)


if __name__ == "__main__":
    main()
