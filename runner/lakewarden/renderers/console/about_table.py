"""What is known of a table, as every view of one table shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from lakewarden.model.decision import Exemption
from lakewarden.model.report import FactLabel
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.insight import KINDS
from lakewarden.renderers.words.proof import terms
from lakewarden.renderers.words.sizes import stated_size
from lakewarden.renderers.words.wording import visible
from lakewarden_collector.document import Definition


class KnownTable(Protocol):
    """What a view reads of a table."""

    @property
    def table_type(self) -> str | None:
        """As in the document."""

    @property
    def data_source_format(self) -> str | None:
        """As in the document."""

    @property
    def owner(self) -> str | None:
        """As in the document."""

    @property
    def size(self) -> Mapping[str, Any]:
        """As in the document."""

    @property
    def definition(self) -> Definition | None:
        """Where it's declared."""

    @property
    def facts(self) -> Mapping[str, Mapping[str, Any]]:
        """Facts by domain."""


def about_pairs(table: KnownTable) -> list[tuple[str, str]]:
    """Return labels and texts: its type, its owner, its size, and where it's declared."""
    kinds = filter(None, (table.table_type, table.data_source_format))
    pairs = [
        ("type", ", ".join(kinds) or "not known"),
        ("owner", wording.owner(table.owner).removeprefix("owner ")),
        ("size", stated_size(table.size)),
    ]
    if table.definition:
        pairs.append(("declared", wording.declared(table.definition)))
    return pairs


def show_facts(sheet: Sheet, table: KnownTable, labels: Mapping[str, FactLabel]) -> None:
    """Write what the policies' libraries say of it, where they say anything."""
    words = wording.FactWords(labels)
    pairs = [
        (words.title(name), words.of_table(name, value))
        for domain, facts in sorted(table.facts.items())
        for fact, value in sorted(facts.items())
        for name in [f"{domain}.{fact}"]
    ]
    if pairs:
        sheet.heading("Facts")
        sheet.pairs(pairs)


def show_exemption(sheet: Sheet, exemption: Exemption, *, indent: int) -> None:
    """Write why a policy doesn't demand something of it, and on which terms."""
    how = KINDS.get(exemption.kind, f"by {exemption.kind}")
    sheet.line(visible(f"Exempt {how}: {exemption.reason}"), indent=indent)
    if stated := terms(exemption):
        sheet.line(visible(stated), indent=indent + 2)
