"""`DESCRIBE DETAIL`: the exact size of one table, and what else its log says.

One row for one table; it cannot be batched. The column names are Delta's, the API gives arrays and
maps as JSON text. https://docs.databricks.com/delta/table-details
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import UNSET, UnsetType

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import Absence, Detail, Size, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.server_text import sound
from lakewarden_collector.sources.databricks.evidence import refusal, values
from lakewarden_collector.sources.databricks.evidence.lookup import with_evidence, without_evidence
from lakewarden_collector.sources.databricks.evidence.refusal import refusal_text
from lakewarden_collector.sources.databricks.listing.lookup import TableLookup
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.quoting import table_reference
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

EVIDENCE_KIND: Final = "size"
"""The kind of evidence that describing a table brings."""

STATEMENT: Final = "describe_detail"
"""The kind of the statements."""

WORDS: Final = "DESCRIBE DETAIL"
"""How a message writes the statement."""

_figures: Final = decoder(dict[str, int | str]).decode
_NO_DATA: Final = frozenset({"VIEW", "METRIC_VIEW", "FOREIGN"})
_LOGGED: Final = frozenset({"DELTA", "DELTA_UNIFORM_HUDI", "DELTA_UNIFORM_ICEBERG", "ICEBERG"})


def why_not(document: TableDocument) -> Absence | None:
    """Return why asking for this table's detail would bring nothing; None where it may help.

    A table type that is not known is asked for: it may be a new kind of table.
    """
    if document.table_type in _NO_DATA:
        reason = f"a table of type {document.table_type} has no size"
    elif document.data_source_format is not UNSET and document.data_source_format not in _LOGGED:
        reason = f"DESCRIBE DETAIL has no size for the format {document.data_source_format}"
    else:
        return None
    return Absence(status="unsupported", reason=reason)


def describable(document: TableDocument) -> bool:
    """Return whether asking for this table's detail may bring a size."""
    return why_not(document) is None


def detail_of(catalog: str, schema: str, name: str) -> Statement:
    """Ask for one table's detail; `ValueError` for a name that cannot be quoted."""
    reference = table_reference(catalog, schema, name)
    return Statement(text=f"DESCRIBE DETAIL {reference}", kind=STATEMENT)


SecondLook = Callable[[str, str, str], TableLookup]
"""Says of a table's catalog, schema and name what has become of it, and why."""


def describe(
    document: TableDocument, run: Run, as_of: str, look_up: SecondLook | None = None
) -> TableDocument:
    """Return the document with size and detail, or with the reason why it has no size.

    `as_of` is the time of asking, RFC 3339 in UTC. `look_up` is asked about a table that the
    statement does not find. Only `Interrupted` and a `StatementError` that is fatal are raised.
    """
    try:
        statement = detail_of(document.catalog_name, document.schema_name, document.name)
    except ValueError as error:
        return refusal.of_name(document, EVIDENCE_KIND, error)
    try:
        rows = run(statement)
    except StatementError as error:
        if error.fatal:
            raise
        why = refusal.of_description(error, statement, WORDS)
        if error.kind == "missing" and look_up is not None:
            why = _not_found(document, error, statement, look_up)
        return without_evidence(document, EVIDENCE_KIND, why.status, str(why.reason))
    return _filled(document, rows, as_of)


def _not_found(
    document: TableDocument, error: StatementError, statement: Statement, look_up: SecondLook
) -> Absence:
    """Say what a table is that DESCRIBE DETAIL does not find: dropped, or hidden from statements.

    Without USE SCHEMA or USE CATALOG a table that is there is not found either.
    """
    second = look_up(document.catalog_name, document.schema_name, document.name)
    if second.outcome == "dropped":
        return Absence(
            status="failed",
            reason=f"it was dropped since it was listed ({refusal_text(error)})",
        )
    if second.outcome == "failed":
        refused = refusal.of_description(error, statement, WORDS).reason
        return Absence(
            status="failed", reason=f"{refused}; and it can't be looked up: {second.reason}"
        )
    return Absence(
        status="denied",
        reason="DESCRIBE DETAIL can't find it, though Unity Catalog has it; it needs "
        f"{refusal.needed(statement)} ({refusal_text(error)})",
    )


def _filled(document: TableDocument, rows: Rows, as_of: str) -> TableDocument:
    if len(rows.rows) != 1:
        return without_evidence(
            document,
            EVIDENCE_KIND,
            "failed",
            f"DESCRIBE DETAIL answered {len(rows.rows)} rows, not one",
        )
    row = rows.mappings()[0]
    detail = _detail(row)
    if detail.size_in_bytes is UNSET and row.get("sizeInBytes") is not None:
        described = with_evidence(document, "detail", detail=detail)
        return without_evidence(
            described,
            EVIDENCE_KIND,
            "failed",
            f"DESCRIBE DETAIL returned an impossible size: {row['sizeInBytes']!r:.40}",
        )
    # assumes unsized-kinds-are-null-or-errors
    if detail.size_in_bytes is UNSET:
        described = with_evidence(document, "detail", detail=detail)
        return without_evidence(
            described, EVIDENCE_KIND, "unsupported", "DESCRIBE DETAIL has no size for it (NULL)"
        )
    size = Size(
        bytes=detail.size_in_bytes,
        files=detail.num_files,
        origin="describe_detail",
        as_of=as_of,
        exact=True,
    )
    return with_evidence(document, EVIDENCE_KIND, size=size, detail=detail)


def _statistics(value: str | None) -> dict[str, str] | UnsetType:
    """Read a map of figures as text, which a live workspace gives; numbers are written as text."""
    found = values.of_json(value, _figures)
    if found is UNSET:
        return UNSET
    return {str(sound(name)): str(sound(figure)) for name, figure in found.items()}


def _detail(row: dict[str, str | None]) -> Detail:
    """Read the row; a column that is not there or not as documented is not known."""
    # assumes answers-are-text
    return Detail(
        format=values.text(row.get("format")),
        id=values.text(row.get("id")),
        name=values.text(row.get("name")),
        description=values.text(row.get("description")),
        location=values.text(row.get("location")),
        created_at=values.moment(row.get("createdAt")),
        last_modified=values.moment(row.get("lastModified")),
        partition_columns=values.of_json(row.get("partitionColumns"), values.texts),
        clustering_columns=values.of_json(row.get("clusteringColumns"), values.texts),
        cluster_by_auto=values.flag(row.get("clusterByAuto")),
        num_files=values.count(row.get("numFiles")),
        size_in_bytes=values.count(row.get("sizeInBytes")),
        properties=values.of_json(row.get("properties"), values.text_by_name),
        min_reader_version=values.count(row.get("minReaderVersion")),
        min_writer_version=values.count(row.get("minWriterVersion")),
        table_features=values.of_json(row.get("tableFeatures"), values.texts),
        statistics=_statistics(row.get("statistics")),
    )
