"""What a table of the factory is to be: columns, layout, properties, rows, and how large.

Large and small are said of a schema for tests, whose threshold is 1 MiB by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20
LARGE_ROWS: Final = 12_000
SMALL_ROWS: Final = 50

_RANDOM_BITS: Final = 122
"""Bits of a UUID that are random; no compression stores it in fewer."""


def uuids(rows: int, size: int) -> str:
    """Return as many columns of UUIDs as make so many rows take more than `size` bytes."""
    count = size * 8 // (rows * _RANDOM_BITS) + 1
    return ", ".join(f"text_{number} STRING" for number in range(count))


@dataclass(frozen=True)
class Spec:
    """One table, or a view where `view` is its query.

    `columns` is their definition in SQL, `layout` what follows it (`CLUSTER BY (id)`), `after` are
    statements about the table once it is filled, in which `{table}` is its name. Its size, read
    back when all that is done, must be more than `over` bytes and less than `under`, where they are
    given.
    """

    name: str
    columns: str = "id BIGINT, text STRING"
    layout: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    rows: int = SMALL_ROWS
    over: int | None = None
    under: int | None = None
    after: tuple[str, ...] = ()
    reads: int = 0
    """How often lineage is to say that others have read it."""
    view: str | None = None

    def definition(self, table: str) -> str:
        """Return the statement that makes it; `table` is its name in SQL.

        Sent twice, since the answer to the first was lost, it does no harm.
        """
        if self.view is not None:
            return f"CREATE VIEW IF NOT EXISTS {table} AS {self.view}"
        pairs = ", ".join(f"'{key}' = '{value}'" for key, value in self.properties)
        parts = [
            f"CREATE TABLE IF NOT EXISTS {table} ({self.columns})",
            *([self.layout] if self.layout else []),
            *([f"TBLPROPERTIES ({pairs})"] if pairs else []),
        ]
        return " ".join(parts)
