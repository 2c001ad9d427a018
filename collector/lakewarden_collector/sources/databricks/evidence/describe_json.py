"""`DESCRIBE TABLE EXTENDED … AS JSON`: whether predictive optimization is on for one table.

The answer is one JSON object, in which a live workspace wrote `"predictive_optimization":
"ENABLE (inherited from METASTORE metastore_aws_eu_west_1)"`. Warehouses before Databricks Runtime
16.2 do not know `AS JSON`.
https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-describe-table
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import UNSET, Struct

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import Absence, PredictiveOptimization, TableDocument
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.server_text import sound
from lakewarden_collector.sources.databricks.evidence import refusal
from lakewarden_collector.sources.databricks.evidence.lookup import with_evidence, without_evidence
from lakewarden_collector.sources.databricks.evidence.metrics_history import OPTIMIZATION
from lakewarden_collector.sources.databricks.evidence.refusal import (
    first_line,
    refusal_text,
)
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.quoting import table_reference
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

EVIDENCE_KIND: Final = OPTIMIZATION
"""The kind of evidence that this brings."""

STATEMENT: Final = "describe_json"
"""The kind of the statements."""

WORDS: Final = "DESCRIBE TABLE EXTENDED … AS JSON"
"""How a message writes the statement."""

_UNMANAGED: Final = frozenset({"VIEW", "METRIC_VIEW", "FOREIGN", "EXTERNAL"})
# assumes json-tells-the-flag
_VALUE: Final = re.compile(r"(ENABLE|DISABLE)D?(?: \(inherited from (.+)\))?", re.IGNORECASE)


class _Described(Struct):
    """The answer's object; what is not named here is not read."""

    predictive_optimization: str | None = None


_DECODER: Final = decoder(_Described)


def why_not(document: TableDocument) -> Absence | None:
    """Return why asking about this table would bring nothing; None where it may help."""
    if document.table_type not in _UNMANAGED:
        return None
    reason = f"Databricks maintains only managed tables, not those of type {document.table_type}"
    return Absence(status="unsupported", reason=reason)


def json_of(catalog: str, schema: str, name: str) -> Statement:
    """Ask for all that is known of a table; `ValueError` for a name that cannot be quoted."""
    reference = table_reference(catalog, schema, name)
    return Statement(text=f"DESCRIBE TABLE EXTENDED {reference} AS JSON", kind=STATEMENT)


def describe(document: TableDocument, run: Run) -> TableDocument:
    """Return the document with its predictive optimization, or with why that is not known.

    Only `Interrupted` and a `StatementError` that is fatal are raised.
    """
    try:
        statement = json_of(document.catalog_name, document.schema_name, document.name)
    except ValueError as error:
        return refusal.of_name(document, EVIDENCE_KIND, error)
    try:
        rows = run(statement)
    except StatementError as error:
        if error.fatal:
            raise
        why = _refused(error, statement)
        return without_evidence(document, EVIDENCE_KIND, why.status, str(why.reason))
    return _filled(document, rows)


def unknown_here(error: StatementError) -> bool:
    """Tell whether the warehouse does not know the statement, whatever the table."""
    return error.error_class == "PARSE_SYNTAX_ERROR" or error.sql_state == "42601"


def _refused(error: StatementError, statement: Statement) -> Absence:
    if unknown_here(error):
        reason = f"this SQL warehouse does not know {WORDS} ({refusal_text(error)})"
        return Absence(status="unsupported", reason=reason)
    return refusal.of_description(error, statement, WORDS)


def _filled(document: TableDocument, rows: Rows) -> TableDocument:
    """Read the one value of the one row."""
    values = [value for row in rows.rows for value in row]
    if len(values) != 1 or values[0] is None:
        reason = f"{WORDS} answered {len(values)} values, not one text"
        return without_evidence(document, EVIDENCE_KIND, "failed", reason)
    try:
        described = _DECODER.decode(values[0])
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        reason = f"the answer of {WORDS} can't be read: {error}"
        return without_evidence(document, EVIDENCE_KIND, "failed", reason)
    value = described.predictive_optimization
    if value is None:
        reason = f"{WORDS} says nothing about predictive optimization"
        return without_evidence(document, EVIDENCE_KIND, "unsupported", reason)
    found = _VALUE.fullmatch(value.strip())
    if found is None:
        reason = f"{WORDS} says about predictive optimization: {first_line(str(sound(value)))!r}"
        return without_evidence(document, EVIDENCE_KIND, "unsupported", reason)
    optimization = PredictiveOptimization(
        enabled=found[1].upper() == "ENABLE",
        inherited_from=str(sound(found[2])) if found[2] else UNSET,
    )
    return with_evidence(document, EVIDENCE_KIND, predictive_optimization=optimization)
