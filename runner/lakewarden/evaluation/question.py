"""What the engine is asked: everything that a decision is a function of, in one request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from lakewarden.evaluation.variants import Variant, Variants
from lakewarden.settings.waivers import Waiver, index_waivers
from lakewarden_collector.document import EncodedDocument


class WaiverLookup:
    """An index of waivers by the names and patterns of their tables.

    The router matches what it is sent; this only spares it what cannot match.
    """

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self._waivers = waivers
        self._index = index_waivers(waivers)

    def covering(self, names: Collection[str]) -> list[Waiver]:
        """Return the waivers that cover at least one of these tables, in their order."""
        numbers = {number for name in names for number in self._index.covering(name)}
        return [self._waivers[number] for number in sorted(numbers)]


class TableQuery(Struct, frozen=True, kw_only=True):
    """One table of a request: its document, and what overrides make of its settings."""

    document: EncodedDocument
    variant: Variant | None = None


class Question(Struct, frozen=True, kw_only=True, dict=True):
    """All of a request but its documents: what every decision of a run is a function of."""

    policies: tuple[str, ...]
    settings: dict[str, dict[str, Any]]
    waivers: tuple[Waiver, ...]
    now: str
    variants: Variants | None = None
    offers: bool = False
    """Whether the answers are to have what domains offer to try on a table, too."""

    def request(self, tables: Sequence[TableQuery], policies: Sequence[str] | None = None) -> bytes:
        """Return the engine's input: these tables, and all policies unless some are named."""
        names = {table.document.full_name for table in tables}
        body: dict[str, Any] = {
            "policies": self.policies if policies is None else policies,
            "settings": self.settings,
            "waivers": self._lookup.covering(names),
            "now": self.now,
        }
        if self.offers:
            body["changes"] = True
        variants = list({id(v): v for table in tables if (v := table.variant)}.values())
        if any(variant.settings for variant in variants):
            numbers = {id(variant): number for number, variant in enumerate(variants)}
            body["variants"] = [variant.settings for variant in variants]
            body["variant"] = [numbers.get(id(table.variant), -1) for table in tables]
        documents = b",".join(table.document.data for table in tables)
        return msgspec.json.encode(body)[:-1] + b',"tables":[' + documents + b"]}"

    @cached_property
    def _lookup(self) -> WaiverLookup:
        return WaiverLookup(self.waivers)

    def about(self, document: EncodedDocument) -> TableQuery:
        """Return a document with what the overrides make of its settings."""
        variant = self.variants.of(document.full_name) if self.variants else None
        return TableQuery(document=document, variant=variant)
