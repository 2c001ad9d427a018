"""A table as the report shows it, from its document and the engine's answer."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from lakewarden.model.decision import TableDecisions
from lakewarden.model.report import TableReport
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import Definition, EncodedDocument


class _Brief(Struct, frozen=True):
    """What a report repeats of a document."""

    catalog_name: str
    schema_name: str
    name: str
    size: dict[str, Any]
    table_type: str | UnsetType = UNSET
    data_source_format: str | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    table_id: str | UnsetType = UNSET
    definition: Definition = Definition()


_brief: Final = decoder(_Brief).decode
_NO_DEFINITION: Final = Definition()


def reported(document: EncodedDocument, answer: TableDecisions) -> TableReport:
    """Return the report's entry about a table with its decisions."""
    brief = _brief(document.data)
    return TableReport(
        full_name=document.full_name,
        catalog_name=brief.catalog_name,
        schema_name=brief.schema_name,
        name=brief.name,
        table_type=brief.table_type or None,
        data_source_format=brief.data_source_format or None,
        owner=None if brief.owner is UNSET else brief.owner,
        size=brief.size,
        definition=None if brief.definition == _NO_DEFINITION else brief.definition,
        table_id=brief.table_id or None,
        facts=answer.facts,
        decisions=answer.decisions,
    )
