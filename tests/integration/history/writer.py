"""A process that adds runs to a history: `writer.py PLACE DAY… [--stop-at FILE]`.

With `--stop-at` it hands over all rows of its first run, creates the file, and never commits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from lakewarden.history import keeper
from lakewarden.history.failures import RunFailures
from lakewarden.history.rows import RunKey, batches
from lakewarden.model.report import Report
from tests.support.past_runs import KEYED, PLAIN, failing, kept, report, table

TABLES = 50


def main(place: str, *arguments: str) -> None:
    """Add a run for each day."""
    days = arguments
    if "--stop-at" in arguments:
        *days, _, flag = arguments  # type: ignore[assignment]  # a list of the same
        _stop_at(Path(flag))
    with TemporaryDirectory() as folder:
        for day in map(int, days):
            tables = [
                table(f"t{number}", {PLAIN: failing(), KEYED: failing("x", "y")})
                for number in range(TABLES)
            ]
            kept(place, report(day, *tables), Path(folder) / "report.json")


def _stop_at(flag: Path) -> None:
    def stopped(report: Report, key: RunKey, failures: RunFailures) -> Iterator[pa.RecordBatch]:
        yield from batches(report, key, failures)
        flag.touch()
        time.sleep(600)

    vars(keeper)["batches"] = stopped


if __name__ == "__main__":
    main(*sys.argv[1:])
