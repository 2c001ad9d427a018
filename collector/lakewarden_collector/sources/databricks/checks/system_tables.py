"""Whether the system tables may be read that make evidence cheap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.checks.check import STATEMENT, Check
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.evidence import lineage, metrics_history, values
from lakewarden_collector.sources.databricks.evidence.refusal import refusal_text
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.grants import (
    enabling,
    grants_for,
    tables_in,
)
from lakewarden_collector.sources.databricks.statements.statement import (
    Parameter,
    Rows,
    Statement,
)

_DAYS: Final = 7

TAG_TABLES: Final = ("catalog_tags", "schema_tags", "table_tags")

_TAGS: Final = "\nUNION ALL\n".join(
    f"SELECT '{name}' AS tag_table, count(*) AS tags FROM system.information_schema.{name}"  # noqa: S608 -- the names are constants
    for name in TAG_TABLES
)

_LINEAGE: Final = f"""SELECT count(*) AS events, max(event_date) AS newest
FROM {lineage.TABLE}
WHERE metastore_id = :metastore_id
  AND event_date >= current_date() - INTERVAL {_DAYS} DAYS"""  # noqa: S608 -- the name and the number are constants


def system_tables(run: Run, metastore_id: str, asker: Asker) -> Iterator[Check]:
    """Look at each table; raises a `StatementError` that is fatal."""
    yield _metrics(run, metastore_id, asker)
    yield _lineage(run, metastore_id, asker)
    yield _tags(run, asker)


def lineage_events(metastore_id: str) -> Statement:
    """Ask whether there are events of late."""
    return Statement(
        text=_LINEAGE,
        kind=STATEMENT,
        parameters=(Parameter(name="metastore_id", value=metastore_id),),
    )


def tag_counts() -> Statement:
    """Ask how many tags are visible."""
    return Statement(text=_TAGS, kind=STATEMENT)


def _metrics(run: Run, metastore_id: str, asker: Asker) -> Check:
    table = metrics_history.TABLE
    statement = metrics_history.probe(metastore_id, _DAYS)
    try:
        rows = run(statement)
    except StatementError as error:
        brings = "sizes without a statement for each table"
        return _refused(error, statement, brings, metastore_id, asker)
    counts = rows.mappings()
    known, sized = _sum(rows, "known_tables"), _sum(rows, "known_sizes")
    if not known:
        return Check(
            "note",
            f"{table}: readable, but without a table of the last {_DAYS} days; sizes come from "
            "DESCRIBE DETAIL, a statement each",
        )
    if not sized:
        return Check(
            "note",
            f"{table}: {known} tables, none with a size; it has sizes where serverless compute is "
            "enabled, and until then they come from DESCRIBE DETAIL, a statement each",
        )
    newest = max(row["newest"] or "" for row in counts)
    return Check("ok", f"{table}: {known} tables, the newest figures of {newest}")


def _lineage(run: Run, metastore_id: str, asker: Asker) -> Check:
    statement = lineage_events(metastore_id)
    try:
        rows = run(statement)
    except StatementError as error:
        return _refused(error, statement, "how often tables are read", metastore_id, asker)
    if not _sum(rows, "events"):
        what = f"{lineage.TABLE}: readable, but without an event of the last {_DAYS} days"
        return Check("note", what)
    newest = rows.mappings()[0]["newest"]
    return Check("ok", f"{lineage.TABLE}: events up to {newest}")


def _tags(run: Run, asker: Asker) -> Check:
    where = "system.information_schema"
    try:
        rows = run(tag_counts())
    except StatementError as error:
        if error.fatal:
            raise
        grants = asker.grants(*grants_for(tag_counts()))
        what = f"tags in {where}, which some policies need: {refusal_text(error)}"
        return Check("missing" if error.kind == "denied" else "note", what, grants)
    return Check("ok", f"tags in {where}: {_sum(rows, 'tags')} are visible")


def _refused(
    error: StatementError, statement: Statement, brings: str, metastore_id: str, asker: Asker
) -> Check:
    """Say what is lacking; what is missing may be not enabled, or not visible to the principal."""
    if error.fatal:
        raise error
    (table,) = tables_in(statement.text)
    grants = asker.grants(*grants_for(statement))
    what = f"{join_name(table)}, for {brings}: {refusal_text(error)}"
    match error.kind:
        case "denied":
            return Check("missing", what, grants)
        case "missing":
            enable = enabling(metastore_id, table[1])
            remedy = f"An account admin enables the schema: {enable}, then: {grants}"
            return Check("missing", what, remedy)
        case _:
            return Check(
                "note", what, "Try again; if it fails again, the cause is in the workspace."
            )


def _sum(rows: Rows, column: str) -> int:
    return sum(values.count(row[column]) or 0 for row in rows.mappings())
