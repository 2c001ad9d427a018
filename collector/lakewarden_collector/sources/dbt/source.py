"""The source of the tables that a dbt project makes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.planned import declared_once
from lakewarden_collector.sources.dbt.artifacts import read_project
from lakewarden_collector.sources.dbt.nodes import read_nodes
from lakewarden_collector.sources.interface import EvidenceWay

WAYS: Final = (
    EvidenceWay(
        name="manifest",
        gives=(
            *("full_name", "catalog_name", "schema_name", "name", "table_type"),
            *("data_source_format", "owner", "comment", "storage_location", "properties"),
            *("tags", "columns", "detail", "definition"),
        ),
        without="Without a manifest nothing is read: `dbt parse` writes one, without a connection.",
        blind=(
            "A project knows the columns of models whose contract is enforced, and of no others.",
            "A project doesn't know who owns a table, unless `meta.owner` or a group says so.",
        ),
    ),
    EvidenceWay(
        name="catalog",
        gives=("columns", "owner"),
        without="Without a catalog file beside the manifest, most columns are unknown.",
        blind=("It is as old as the last `dbt docs generate`.",),
    ),
)
"""What a manifest says, and the catalog file beside it."""


class DbtSource:
    """The tables of a dbt project, as they are once dbt has run.

    `location` is a `manifest.json`, or a folder that has one, in itself or in `target`. It is read
    when the source is made: raises `WrongInputError` for anything but the manifest of a Databricks
    project in a version that is read, and `SourceError` for a file that can't be read.
    """

    source_kind = "dbt"

    def __init__(self, location: str) -> None:
        self.scope = location
        self.left_out: Sequence[LeftOut] = ()
        self._project = read_project(location)

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Yield the project's tables, as `Source` says."""
        left_out: list[LeftOut] = []
        found = list(read_nodes(self._project, left_out))
        self.left_out = sorted(left_out, key=lambda each: (each.reason, each.what))
        yield from declared_once(found)
