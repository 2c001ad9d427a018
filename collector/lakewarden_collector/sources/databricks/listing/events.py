"""What a listing tells as it goes."""

from __future__ import annotations

from msgspec import Struct

from lakewarden_collector.document import TableDocument


class Listed(Struct, frozen=True, kw_only=True):
    """One schema, listed whole: every table that the principal may see."""

    catalog_name: str
    schema_name: str
    documents: tuple[TableDocument, ...]
    hints: dict[str, int] = {}
    """`full_name` to `spark.sql.statistics.totalSize` where the listing has it: undated bytes that
    order work and decide nothing."""
    partly: tuple[str, ...] = ()
    """The full names of tables that are only browsed: their metadata is selective."""
    pipelines: dict[str, tuple[str, ...]] = {}
    """Pipeline ids and the full names of what they show here, in scope or not."""


class Summarised(Struct, frozen=True, kw_only=True):
    """The names that the table summaries of one catalog know, as Unity Catalog writes them.

    The parts stand unquoted with dots between, so a name with dots of its own is ambiguous.
    """

    catalog_name: str
    names: tuple[str, ...]
