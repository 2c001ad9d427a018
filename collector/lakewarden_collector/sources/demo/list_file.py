"""The demo lakehouse's list of tables, in the syntax that the delta source reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec

LIST_FILE: Final = "tables.list"


def list_lines(tables: Iterable[TableSpec]) -> Iterator[str]:
    """Yield one line for each table: its name, its place relative to the list, its attributes."""
    for spec in tables:
        owner = "" if spec.owner is None else f" owner={spec.owner}"
        yield (
            f"{spec.full_name} = {spec.folder} table_type={spec.table_type}"
            f" data_source_format={spec.data_source_format}{owner}\n"
        )
