"""Serves real tables to any client: `python -m tests.workspace.spark_server [--sql FILE]`.

Spark with Delta behind the workspace double, in a process of its own. When it is ready it prints
what signs one in, as lines for a shell:

    DATABRICKS_HOST=http://127.0.0.1:40123
    DATABRICKS_TOKEN=…
    DATABRICKS_WAREHOUSE_ID=…

It serves until SIGTERM or SIGINT, or until its standard input closes, where that is a pipe or a
terminal; then Spark and all tables are gone. Everything else goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.integration.spark.jars import JarError
from tests.integration.spark.session import NoJavaError, running_spark
from tests.workspace.estate import SqlError
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_system import make_system_tables

_END: Final = re.compile(r";[ \t]*(?:\n|\Z)")


def statements(text: str) -> Iterator[str]:
    """Yield the statements of a file: each ends with a semicolon at the end of a line."""
    for part in _END.split(text):
        if part.strip():
            yield part.strip()


def serve(sql: Sequence[str]) -> None:
    """Run the statements, say where the double is, and serve until told to end.

    Raises `SqlError` for a statement that fails, `NoJavaError` and `JarError` without Spark.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lakewarden-spark-"))
        spark = stack.enter_context(running_spark(Path(folder)))
        _end_by_signals()  # again: Spark has put a handler of its own in the place of ours
        estate = stack.enter_context(SparkEstate(spark))
        make_system_tables(estate)
        for statement in sql:
            estate.execute(statement, {})
        workspace = stack.enter_context(Workspace(estate))
        sys.stdout.write(
            f"DATABRICKS_HOST={workspace.url}\n"
            f"DATABRICKS_TOKEN={workspace.token}\n"
            f"DATABRICKS_WAREHOUSE_ID={workspace.warehouse_id}\n"
        )
        sys.stdout.flush()
        _wait()


def _end_by_signals() -> None:
    """Let SIGTERM and SIGINT end the process in order, also where a shell had SIGINT ignored."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)


def _wait() -> None:
    """Return when the input closes; without one that can close, only a signal ends this."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or sys.stdin.isatty():
        while sys.stdin.buffer.read(1 << 16):
            pass
    else:
        signal.pause()


def main() -> int:
    """Serve; return 0 when told to end, 1 where it cannot."""
    parser = argparse.ArgumentParser(prog="python -m tests.workspace.spark_server")
    parser.add_argument(
        "--sql", type=Path, metavar="FILE", help="statements to run first, each ending a line by ;"
    )
    named = parser.parse_args().sql
    _end_by_signals()
    try:
        serve(tuple(statements(named.read_text(encoding="utf-8"))) if named else ())
    except KeyboardInterrupt:
        return 0
    except (NoJavaError, JarError, SqlError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
