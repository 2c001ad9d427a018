"""Which tables there are, before any is read."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from lakewarden_collector.names import join_name


class Declared(Struct, frozen=True, kw_only=True):
    """What a list file says about a table that its log cannot know."""

    table_type: str = "EXTERNAL"
    data_source_format: str = "DELTA"
    owner: str | UnsetType = UNSET


class Entry(Struct, frozen=True, kw_only=True):
    """One table's name parts (catalog, schema, table), its place, and what was declared of it."""

    parts: tuple[str, str, str]
    uri: str
    declared: Declared = Declared()

    @property
    def full_name(self) -> str:
        """The parts with dots between, back-quoted where a part needs it."""
        return join_name(self.parts)
