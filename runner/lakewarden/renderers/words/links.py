"""Addresses outside of a report: only where the report says which workspace its tables are in."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from msgspec import UNSET

from lakewarden.model.report import Run, TableReport

_WORKSPACE: Final = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")
"""A report may come from anywhere: nothing but a host may become part of a link."""


def explorer(run: Run) -> str:
    """Return what the address of a table in Catalog Explorer begins with; empty if not known."""
    if run.workspace is UNSET or not _WORKSPACE.fullmatch(run.workspace):
        return ""
    return f"{run.workspace}/explore/data/"


def explorer_link(run: Run, table: TableReport) -> str:
    """Return a table's address in Catalog Explorer; empty if not known, or the table is planned."""
    start = explorer(run)
    if not start or table.definition is not None:
        return ""
    parts = (table.catalog_name, table.schema_name, table.name)
    if any(not part.strip(".") for part in parts):  # a browser would go up from there
        return ""
    return start + "/".join(quote(part, safe="", errors="replace") for part in parts)
