"""Tags from `system.information_schema`: of catalogs, schemas and tables, in one statement.

A tag is inherited from the catalog to its schemas to their tables, and the nearest value wins. The
information schema shows the tags of what the principal may see, so a table that is only browsed may
have tags that are not shown.
https://docs.databricks.com/sql/language-manual/information-schema/table_tags
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden_collector.document import Absence, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.evidence.lookup import (
    answered,
    with_evidence,
    without_evidence,
)
from lakewarden_collector.sources.databricks.evidence.refusal import of_system_table
from lakewarden_collector.sources.databricks.journal.events import Answer
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Statement

TABLES: Final = "system.information_schema.{catalog_tags, schema_tags, table_tags}"

# assumes tags-in-the-information-schema
_TAGS: Final = """SELECT catalog_name, NULL AS schema_name, NULL AS table_name, tag_name, tag_value
FROM system.information_schema.catalog_tags
UNION ALL
SELECT catalog_name, schema_name, NULL AS table_name, tag_name, tag_value
FROM system.information_schema.schema_tags
UNION ALL
SELECT catalog_name, schema_name, table_name, tag_name, tag_value
FROM system.information_schema.table_tags"""
_SLICE: Final = f"""SELECT catalog_name, schema_name, table_name, tag_name, tag_value
FROM ({_TAGS}) AS tags
WHERE pmod(hash(catalog_name, schema_name, table_name), :slices) = :slice"""  # noqa: S608 -- a constant

_Place = tuple[str | None, str | None, str | None]


def all_tags() -> Statement:
    """Ask for every tag of every catalog, schema and table that the principal may see."""
    names = ("catalog_name", "schema_name", "table_name", "tag_name", "tag_value")
    return Statement(text=_TAGS, kind=Tags.name, sliced=_SLICE, columns=names)


class Tags:
    """The tags that hold for each table, its own and the inherited ones."""

    evidence_kind = "tags"
    name = "tags"

    def __init__(self) -> None:
        self._tags: dict[_Place, dict[str, str]] = {}
        self._absence: Absence | None = Absence(
            status="not_requested", reason="tags weren't requested"
        )
        self._notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return why tags are lacking on the whole, a sentence each."""
        return self._notes

    def load(self, run: Run, catalogs: Sequence[str]) -> Iterator[Answer]:
        """Ask once for all tags, unless they are known."""
        if self._absence is None or not catalogs:
            return
        self._notes = ()
        try:
            rows = run(all_tags())
        except StatementError as error:
            if error.fatal:
                raise
            self._absence = of_system_table(error, TABLES)
            self._notes = (f"No tags: {self._absence.reason}.",)
            return
        yield answered(self.name, rows)

    def take(self, answer: Answer) -> None:
        """Add the tags of an answer; a tag without a value has the empty one."""
        self._absence = None
        for row in answer.mappings():
            place = (row["catalog_name"], row["schema_name"], row["table_name"])
            if (name := row["tag_name"]) is not None:
                self._tags.setdefault(place, {})[name] = row["tag_value"] or ""

    def apply(self, document: TableDocument) -> TableDocument:
        """Give the document its tags, none where it has none."""
        if self._absence is not None:
            why = self._absence
            return without_evidence(document, self.evidence_kind, why.status, str(why.reason))
        catalog, schema = document.catalog_name, document.schema_name
        own = self._tags.get((catalog, schema, document.name))
        if own is None and _only_browsed(document):
            return without_evidence(
                document,
                self.evidence_kind,
                "denied",
                "only BROWSE is granted, so its tags may be hidden",
            )
        inherited = self._tags.get((catalog, None, None), {})
        nearer = self._tags.get((catalog, schema, None), {})
        return with_evidence(document, self.evidence_kind, tags=inherited | nearer | (own or {}))


def _only_browsed(document: TableDocument) -> bool:
    """Return whether the listing was refused the table's metadata."""
    why = document.evidence.get("properties")
    return why is not None and why.status == "denied"
