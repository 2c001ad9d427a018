"""What every source of tables offers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure


class Source(Protocol):
    """A place that tables come from.

    `kind` is the word before the colon in `--source KIND:LOCATION`, `scope` says what is looked
    at, for the reader of the report.
    """

    kind: str
    scope: str

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Yield every table once, sorted by `full_name`; a `Failure` for each one not read.

        Closing the generator ends the reading: no further table is begun.

        Raises `SourceError` where nothing can be collected at all. One table's trouble is a
        `Failure`, and the others go on.
        """
        ...
