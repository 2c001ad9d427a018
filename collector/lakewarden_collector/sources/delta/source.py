"""The source of Delta tables that needs no Spark and no workspace."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.interface import EvidenceWay

WAYS: Final = (
    EvidenceWay(
        name="layout",
        gives=(
            *("full_name", "catalog_name", "schema_name", "name"),
            *("table_type", "data_source_format", "owner", "predictive_optimization"),
        ),
        without="What can't be listed is a failure, with the store's message.",
        blind=(
            "Without a list file nobody is known to own a table, and each counts as external.",
            "A table outside of the folder or the list file isn't known to it.",
        ),
    ),
    EvidenceWay(
        name="delta_log",
        gives=(
            *("table_id", "comment", "created_at", "updated_at", "storage_location"),
            *("properties", "columns", "size", "detail"),
        ),
        without="A table whose log can't be read is a failure that names the file.",
        blind=(
            "Unity Catalog alone knows tags, column masks and who reads a table.",
            "Tables in other formats have only what the list file says of them.",
        ),
    ),
)
"""What a lake's folders say, or its list file, and what each table's log says."""


class DeltaSource:
    """Delta tables below a folder or object-store URI, or those that a list file names.

    `location` is a path or URI of a lake laid out `<root>/<catalog>/<schema>/<table>`, or the path
    of a file with lines `full_name = URI` (see `list_file`). Object stores take their credentials
    from the environment.
    """

    source_kind = "delta"
    left_out: Sequence[LeftOut] = ()

    def __init__(self, location: str) -> None:
        self.scope = location

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Find the tables at once, then read them while they are asked for, as `Source` says."""
        # pyarrow and obstore take a moment to import: only a collection waits for them.
        from lakewarden_collector.sources.delta.reading import find_entries, read_entries  # noqa: PLC0415 -- see above

        return read_entries(find_entries(self.scope))
