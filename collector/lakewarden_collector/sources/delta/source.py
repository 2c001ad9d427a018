"""The source of Delta tables that needs no Spark and no workspace."""

from __future__ import annotations

from collections.abc import Generator

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure


class DeltaSource:
    """Delta tables below a folder or object-store URI, or those that a list file names.

    `location` is a path or URI of a lake laid out `<root>/<catalog>/<schema>/<table>`, or the path
    of a file with lines `full_name = URI` (see `list_file`). Object stores take their credentials
    from the environment.
    """

    kind = "delta"

    def __init__(self, location: str) -> None:
        self.scope = location

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Find the tables at once, then read them while they are asked for, as `Source` says."""
        # deltalake, pyarrow and obstore take half a second to import: only who collects waits.
        from lakewarden_collector.sources.delta.reading import find_entries, read_entries  # noqa: PLC0415 -- see above

        return read_entries(find_entries(self.scope))
