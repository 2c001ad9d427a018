"""Fixes put into effect: blanks are filled in, and the SQL source reads the statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from lakewarden_collector.decoding import Converter
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.sql.source import whole_statements
from lakewarden_collector.sources.sql.state import State
from tests.support import documents
from tests.support.agreement import Decide

Json = dict[str, Any]
CHOSEN: Final = {
    "<key columns>": "id",
    "<'what a row is, where it comes from, who can rely on it'>": (
        "'One row for each order of the shop, from the checkout.'"
    ),
    "<'what it holds'>": "'What the customer sees.'",
    "<'who approved it, and where'>": "'governance, GOV-7'",
    "<`group`>": "`data-team`",
    "<the version before>": "0",
}
"""Everything that shipped policies leave to a person, with what somebody might choose."""

_KEPT: Final = (
    *("full_name", "catalog_name", "schema_name", "name"),
    *("definition", "size", "access", "evidence"),
)
"""What of a table no statement of a fix changes, but the source writes otherwise."""

_document: Final = Converter(TableDocument)


def filled(statement: str) -> str:
    """Return the statement with its blanks filled in."""
    for blank, chosen in CHOSEN.items():
        statement = statement.replace(blank, chosen)
    return statement


def decided(opa: Decide, policy: str, table: Json, settings: Json) -> Json:
    """Return the decision of one policy; `settings` are some of its domain."""
    (answer,) = opa(documents.about(policy, settings, [table]))
    decision: Json = answer["decisions"][policy]
    return decision


def after(table: Json, statements: Iterable[str]) -> Json:
    """Return the table's document after these statements, as the SQL source understands them.

    Whatever else they do, such as another table that they name or a part that isn't understood, is
    an error.
    """
    known = _document(table)
    state = State({fold(known.full_name): known}.get, ("none", "none"))
    state.begin("fixes.sql")
    for statement in statements:
        (only,) = whole_statements(statement)
        state.apply(only)
    results = list(state.results())
    if not results:
        return table  # nothing but what leaves documents as they are
    (found,) = results
    assert not isinstance(found, Failure), found
    assert fold(found.full_name) == fold(known.full_name)
    changed: Json = msgspec.to_builtins(found)
    if "columns" not in changed:  # AS SELECT * takes those of the table
        changed["columns"] = [
            {name: value for name, value in column.items() if name != "partition_index"}
            for column in table["columns"]
        ]
    return changed | {part: table[part] for part in _KEPT if part in table}


def named(parts: Sequence[str], **fields: Any) -> Json:  # noqa: ANN401 -- any part of a document
    """Return the document of a table of this name."""
    names = dict(zip(("catalog_name", "schema_name", "name"), parts, strict=True))
    return {"full_name": join_name(parts), **names, **fields}


def sql_of(decision: Json) -> Iterator[tuple[Json, list[str]]]:
    """Yield each fix that a decision offers, and its statements, those that undo it among them."""
    for violation in decision.get("violations", ()):
        for fix in violation.get("fixes", ()):
            yield fix, [*fix.get("sql", ()), *fix.get("undo", ())]
