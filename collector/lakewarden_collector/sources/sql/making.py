"""The table that a CREATE makes."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from lakewarden_collector.names import sql_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.sql.columns import Path
from lakewarden_collector.sources.sql.create import Create
from lakewarden_collector.sources.sql.draft import Draft

_TABLE_TYPES: Final = {
    "TABLE": "MANAGED",
    "STREAMING TABLE": "STREAMING_TABLE",
    "MATERIALIZED VIEW": "MATERIALIZED_VIEW",
}


def make(draft: Draft, create: Create, origin: Draft | None, replaced: Draft | None) -> None:
    """Give a draft what a CREATE says; raises `StateFault`.

    `origin` is the table that LIKE or CLONE names, `replaced` the one that is there; None where
    nobody knows it.
    """
    draft.table_type = _TABLE_TYPES[create.kind]
    draft.format = create.format or "DELTA"
    _give_columns(draft, create, origin)
    if create.clone and create.replace:  # no comment is cloned: that of the table stays
        draft.comment = None if replaced is None else replaced.comment
        draft.comment_absence = "The table that is replaced has it."
    if create.location is not None:
        draft.set_location(create.location)
    elif create.external:
        draft.table_type = "EXTERNAL"
    if create.comment is not None:
        draft.comment = create.comment
    draft.set_properties(create.properties)
    if create.partitioned_by:
        draft.partition_by(create.partitioned_by)
    if create.clustered:
        draft.cluster_by(create.clustering)
    if create.tags:
        draft.set_tags(create.tags)


def _give_columns(draft: Draft, create: Create, origin: Draft | None) -> None:
    named = create.like or create.clone
    if named is not None:
        _copy(draft, create, named, origin)
    elif create.columns or create.partition_columns:
        keys = {fold(key) for key in create.primary_key}
        for spec in (*(create.columns or ()), *create.partition_columns):
            required = spec.primary_key or fold(spec.path[0]) in keys
            draft.known_columns().add(structs.replace(spec, primary_key=required))
    elif create.query or create.kind != "TABLE":
        draft.columns, draft.columns_absence = None, "The query gives the table its columns."
    elif create.location is not None:
        draft.columns = None
        draft.columns_absence = draft.other_properties = (
            "What lies at the location already gives it."
        )


def _copy(draft: Draft, create: Create, named: Path, origin: Draft | None) -> None:
    """Take over what LIKE and CLONE copy, as far as it is known."""
    absence = f"{sql_name(named)} gives it."
    draft.other_properties = absence
    if create.like is not None:
        draft.comment, draft.comment_absence = None, absence
    if origin is None or create.versioned:
        draft.columns, draft.columns_absence = None, absence
        draft.format = create.format
        return
    draft.copy_columns(origin)
    draft.format = create.format or origin.format
    if create.clone and origin.properties is not None and not origin.other_properties:
        draft.properties, draft.other_properties = dict(origin.properties), ""
