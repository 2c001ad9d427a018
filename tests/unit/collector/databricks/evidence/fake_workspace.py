"""A fake of `Run`: the system tables as plain tuples, and what DESCRIBE DETAIL answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakewarden_collector.document import TableDocument
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.evidence.lookup import Lookup
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

PROBE = ("catalog_name", "known_tables", "known_sizes", "newest")
LATEST = (
    *("table_id", "catalog_name", "schema_name", "table_name"),
    *("bytes", "files", "measured_on", "predictive_optimization_enabled"),
)
READS = (
    *("source_table_catalog", "source_table_schema", "source_table_name"),
    *("reads", "readers", "last_read_at"),
)
TAGS = ("catalog_name", "schema_name", "table_name", "tag_name", "tag_value")

Row = tuple[str | None, ...]


@dataclass
class FakeWorkspace:
    """Answers each kind of statement; `errors` are raised in order, before anything is answered.

    `history` has rows like the answer (`LATEST`): one for each table.
    """

    history: Sequence[Row] = ()
    reads: Sequence[Row] = ()
    tags: Sequence[Row] = ()
    errors: list[StatementError | None] = field(default_factory=list)
    sent: list[Statement] = field(default_factory=list)

    def __call__(self, statement: Statement) -> Rows:
        self.sent.append(statement)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        if "table_lineage" in statement.text:
            return Rows(columns=READS, rows=tuple(self.reads))
        if "information_schema" in statement.text:
            return Rows(columns=TAGS, rows=tuple(self.tags))
        assert "table_metrics_history" in statement.text
        if "known_tables" in statement.text:
            return Rows(columns=PROBE, rows=tuple(self._counts()))
        return Rows(columns=LATEST, rows=tuple(self._latest(statement)))

    def _counts(self) -> Iterable[Row]:
        for catalog in sorted({row[1] or "" for row in self.history}):
            mine = [row for row in self.history if row[1] == catalog]
            sized = sum(row[4] is not None for row in mine)
            yield catalog, str(len(mine)), str(sized), "2026-11-22"

    def _latest(self, statement: Statement) -> Iterable[Row]:
        some = {p.value for p in statement.parameters if p.name.startswith("catalog_")}
        return (row for row in self.history if not some or row[1] in some)


def measured(
    catalog: str,
    name: str,
    size: int | None,
    *,
    files: int | None = 1,
    optimized: str | None = None,
) -> Row:
    """Return a row of the metrics history; the table's id is `id-of-<catalog>-<name>`."""
    day = None if size is None else "2026-11-22"
    figures = (None if size is None else str(size), None if files is None else str(files), day)
    return f"id-of-{catalog}-{name}", catalog, "s", name, *figures, optimized


def table(catalog: str = "main", name: str = "t", **fields: Any) -> TableDocument:  # noqa: ANN401 -- any field
    """Return the document of a managed Delta table as the listing gives it."""
    known: dict[str, Any] = {
        "full_name": f"{catalog}.s.{name}",
        "catalog_name": catalog,
        "schema_name": "s",
        "name": name,
        "table_id": f"id-of-{catalog}-{name}",
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "properties": {},
    }
    known |= fields
    if "full_name" not in fields:
        known["full_name"] = join_name(
            [known[f"{part}name"] for part in ("catalog_", "schema_", "")]
        )
    return TableDocument(**known)


def load(lookup: Lookup, run: FakeWorkspace, catalogs: Sequence[str]) -> int:
    """Load a lookup as a collection does; return the number of statements it sent."""
    before = len(run.sent)
    for answer in lookup.load(run, catalogs):
        lookup.take(answer)
    return len(run.sent) - before
