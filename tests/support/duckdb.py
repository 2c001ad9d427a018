"""DuckDB as a reader of the history that shares no code with its writer.

Its extension for Delta has to be downloaded, so it is given the files that the log lists; no log
here is so long that a checkpoint replaces its beginning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb


def rows(place: str, query: str) -> list[Any]:
    """Ask for rows of `history`, whose column `filename` is DuckDB's own."""
    with connected(place) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def connected(place: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Have a connection with the view `history`."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        connection.read_parquet(
            files(Path(place)), hive_partitioning=True, filename=True, union_by_name=True
        ).create_view("history")
        yield connection


def files(folder: Path) -> list[str]:
    """Return the files of a table, as its log has them."""
    found: dict[str, None] = {}
    for log in sorted((folder / "_delta_log").glob("*.json")):
        for line in log.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                found[action["add"]["path"]] = None
            elif "remove" in action:
                del found[action["remove"]["path"]]
    return [str(folder / unquote(path)) for path in found]
