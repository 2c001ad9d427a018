"""Addresses outside of a report: only where the report says which workspace its tables are in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from msgspec import UNSET

from lakewarden.model.report import Run, TableReport

_WORKSPACE: Final = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")
"""A report may come from anywhere: nothing but a host may become part of a link."""


_WEB: Final = re.compile(r"https?://[^\s<>\"'\\]+")


def workspace(run: Run) -> str:
    """Return the address of the workspace that was read, `https://HOST`; empty if not known."""
    if run.workspace is UNSET or not _WORKSPACE.fullmatch(run.workspace):
        return ""
    return run.workspace


def web(addresses: Iterable[str]) -> list[str]:
    """Return those of the addresses that lead to a page of the web, and to nothing else."""
    return [each for each in addresses if _WEB.fullmatch(each)]


def explorer_link(run: Run, table: TableReport) -> str:
    """Return a table's address in Catalog Explorer; empty if not known, or the table is planned."""
    host = workspace(run)
    if not host or table.definition is not None:
        return ""
    parts = (table.catalog_name, table.schema_name, table.name)
    if any(not part.strip(".") for part in parts):  # a browser would go up from there
        return ""
    path = "/".join(quote(part, safe="", errors="replace") for part in parts)
    return f"{host}/explore/data/{path}"
