"""What the sources of plans share: tables that are declared and may not exist yet.

A planned document describes the table as it is once the plan is applied. Its `definition` says
where it is declared. What only applying tells has evidence of status `known_after_apply`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final

from lakewarden_collector.document import Absence, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold

OTHER_PROPERTIES: Final = "properties.*"
"""The key of `evidence` for all properties that a document doesn't list: any of them may be set."""

_OF_ESTATES: Final = "size", "access", "predictive_optimization", "tags"
"""What no plan knows: only a table that exists has it."""


def known_after_apply(reason: str) -> Absence:
    """Return why a part of a planned document is absent."""
    return Absence(status="known_after_apply", reason=reason)


def of_new_table() -> dict[str, Absence]:
    """Return the evidence that any table lacks that doesn't exist yet."""
    reason = known_after_apply("The table doesn't exist yet.")
    return dict.fromkeys(_OF_ESTATES, reason)


def of_existing_table(reason: str) -> dict[str, Absence]:
    """Return the evidence that a plan lacks about a table that exists already, with its reason."""
    return dict.fromkeys(_OF_ESTATES, Absence(status="not_requested", reason=reason))


def declared_once(
    items: Iterable[TableDocument | Failure],
) -> Iterator[TableDocument | Failure]:
    """Return items sorted by name, and one failure for each table that is declared several times.

    Case doesn't count in a table's name.
    """
    tables: dict[str, list[TableDocument]] = {}
    found: list[tuple[str, TableDocument | Failure]] = []
    for item in items:
        if isinstance(item, Failure):
            found.append((item.what, item))
        else:
            tables.setdefault(fold(item.full_name), []).append(item)
    found += [(same[0].full_name, _only(same)) for same in tables.values()]
    return (item for _, item in sorted(found, key=itemgetter(0)))


def _only(same: list[TableDocument]) -> TableDocument | Failure:
    if len(same) == 1:
        return same[0]
    return Failure(
        what=same[0].full_name,
        where=", ".join(each.definition.place for each in same),
        reason=f"{len(same)} declarations make this table",
        remedy="Keep one of them.",
    )
