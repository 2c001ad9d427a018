"""One table while it is being judged: what it wants, and which ways to that have been gone."""

from __future__ import annotations

from msgspec import structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.databricks.desk import UNSETTLED
from lakewarden_collector.sources.databricks.journal_events import Table


class Case:
    """One table while it is being judged."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.wants: frozenset[str] = frozenset()
        self.changed = False
        self.gained = False
        """Evidence came, so the table is to be judged again."""
        self.queued = ""
        """The way in which it is to be described, if it is."""

    def lacks(self, kind: str, way: str) -> bool:
        """Say whether this kind is wanted and this way to it is still open."""
        gone = self.table.tried
        return kind in self.wants and way not in gone and way + UNSETTLED not in gone

    def go(self, way: str, document: TableDocument, *, gained: bool = False) -> None:
        """Note that a way was gone and what the document is now."""
        self.table = structs.replace(self.table, document=document, tried=(*self.table.tried, way))
        self.changed = True
        self.gained = self.gained or gained
