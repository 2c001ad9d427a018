"""Reads from `system.access.table_lineage`: one record for each read or write that was noticed.

Lineage is a part of all events: it is recorded where it can be inferred, and misses reads by path,
through JDBC and temporary views, among others. So a count is a lower bound, and a table without a
record is not known to be unread. The table is regional; names are joined part by part, since a
full name with a dot in a part is ambiguous.
https://docs.databricks.com/admin/system-tables/lineage
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden_collector.document import Absence, Access, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.evidence import values
from lakewarden_collector.sources.databricks.evidence.lookup import (
    answered,
    with_evidence,
    without_evidence,
)
from lakewarden_collector.sources.databricks.evidence.refusal import of_system_table
from lakewarden_collector.sources.databricks.journal.events import Answer
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Parameter, Statement

TABLE: Final = "system.access.table_lineage"

DAYS: Final = 30
"""How far back reads are counted."""

# `event_date` prunes the partitions. Writes have no source table. Our own statements read no
# table's data, but the principal may have other uses. Databricks' own jobs, such as predictive
# optimization, read as `System-User`, or under a like name: nobody uses a table by that. A service
# principal is a reader, like the user that a job runs as.
# assumes lineage-columns, databricks-reads-as-system-user
_READS: Final = f"""SELECT source_table_catalog, source_table_schema, source_table_name,
  count(*) AS reads,
  count(DISTINCT created_by) AS readers,
  max(event_time) AS last_read_at
FROM {TABLE}
WHERE metastore_id = :metastore_id
  AND event_date >= current_date() - INTERVAL {{days:d}} DAYS
  AND source_table_name IS NOT NULL
  AND (created_by IS NULL OR created_by <> :principal
    AND replace(replace(replace(lower(created_by), '-', ''), '_', ''), ' ', '')
      NOT IN ('systemuser', 'system'))
{{slice}}GROUP BY source_table_catalog, source_table_schema, source_table_name"""  # noqa: S608 -- a constant
_SLICE: Final = """  AND :slice =
    pmod(hash(source_table_catalog, source_table_schema, source_table_name), :slices)
"""


def reads(metastore_id: str, principal: str, days: int) -> Statement:
    """Ask for the reads of every table in the last so many days, by others than `principal`."""
    return Statement(
        text=_READS.format(days=days, slice=""),
        sliced=_READS.format(days=days, slice=_SLICE),
        columns=(
            *("source_table_catalog", "source_table_schema", "source_table_name"),
            *("reads", "readers", "last_read_at"),
        ),
        kind=TableLineage.name,
        parameters=(
            Parameter(name="metastore_id", value=metastore_id),
            Parameter(name="principal", value=principal),
        ),
    )


class TableLineage:
    """How often each table was read within a window of whole days."""

    evidence_kind = "access"
    name = "table_lineage"

    def __init__(self, metastore_id: str, principal: str, *, days: int = DAYS) -> None:
        self._statement = reads(metastore_id, principal, days)
        self._days = days
        self._access: dict[tuple[str | None, str | None, str | None], Access] = {}
        self._absence = Absence(status="not_requested", reason="lineage wasn't queried")
        self._taken = False
        self._notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return why reads are lacking on the whole, a sentence each."""
        if self._taken and not self._access:
            return (f"{TABLE} has no read of the last {self._days} days, so it provides no reads.",)
        return self._notes

    def load(self, run: Run, catalogs: Sequence[str]) -> Iterator[Answer]:
        """Ask once for all tables, unless that is known."""
        if self._taken or not catalogs:
            return
        self._notes = ()
        try:
            rows = run(self._statement)
        except StatementError as error:
            if error.fatal:
                raise
            self._absence = of_system_table(error, TABLE)
            self._notes = (f"No reads from lineage: {self._absence.reason}.",)
            return
        yield answered(self.name, rows)

    def take(self, answer: Answer) -> None:
        """Add the reads of an answer."""
        self._taken = True
        self._absence = Absence(
            status="unsupported",
            reason=f"lineage has no read of it in the last {self._days} days; it sees only a part "
            "of all reads, so that proves nothing",
        )
        for row in answer.mappings():
            key = (
                _interned(row["source_table_catalog"]),
                _interned(row["source_table_schema"]),
                row["source_table_name"],
            )
            self._access[key] = Access(
                reads=values.count(row["reads"]),
                readers=values.count(row["readers"]),
                window_days=self._days,
                last_read_at=values.moment(row["last_read_at"]),
            )

    def apply(self, document: TableDocument) -> TableDocument:
        """Give the document its reads; without a record they are not known, and not 0."""
        access = self._access.get((document.catalog_name, document.schema_name, document.name))
        if access is not None:
            return with_evidence(document, self.evidence_kind, access=access)
        why = self._absence
        return without_evidence(document, self.evidence_kind, why.status, str(why.reason))


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)
