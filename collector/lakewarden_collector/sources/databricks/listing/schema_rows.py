"""The rows of one schema's listing, gathered until the listing is whole; the names of a catalog.

`GET /api/2.1/unity-catalog/table-summaries` lists a whole catalog, 10,000 rows a page, each with
its full name: the parts unquoted with dots between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import structs

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client.server_text import is_sound, sound
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.journal.events import Listed
from lakewarden_collector.sources.databricks.listing.backing import pipeline_of
from lakewarden_collector.sources.databricks.listing.documents import (
    RowError,
    is_browsed,
    table_document,
)
from lakewarden_collector.sources.databricks.listing.foreign import as_own
from lakewarden_collector.sources.databricks.listing.listing_errors import row_failure, unlisted
from lakewarden_collector.sources.databricks.listing.paging import ListingError
from lakewarden_collector.sources.databricks.listing.scope import Scope


class SchemaRows:
    """Documents, failures and counts of one schema, each table once, whichever page it came on."""

    def __init__(
        self, catalog: str, schema: str, scope: Scope, asker: Asker, *, federated: bool = False
    ) -> None:
        self._parts = (catalog, schema)
        self._federated = federated
        self._scope = scope
        self._asker = asker
        self._rows = 0
        self._documents: dict[str, TableDocument] = {}
        self._hints: dict[str, int] = {}
        self._browsed: set[str] = set()
        self._failures: list[Failure] = []
        self._left_out: set[str] = set()
        self._named: set[str] = set()
        self._pipelines: dict[str, set[str]] = {}

    def add(self, row: Any) -> None:  # noqa: ANN401 -- any JSON value that a server may send
        """Take one row in; a row that isn't a table becomes a failure."""
        self._rows += 1
        try:
            document, hint = table_document(row)
        except RowError as error:
            self._failures.append(self._refused(row, str(error)))
            return
        self._named.add(document.name)
        full_name = document.full_name
        if pipeline := pipeline_of(row):
            self._pipelines.setdefault(pipeline, set()).add(full_name)
        if self._federated and isinstance(document.table_type, str):
            own = as_own(document.table_type, row.get("securable_kind"))
            document = structs.replace(document, table_type=own)
        if not self._scope.matches(document.catalog_name, document.schema_name, document.name):
            self._left_out.add(full_name)
        elif full_name not in self._documents:
            self._documents[full_name] = document
            if hint is not None:
                self._hints[full_name] = hint
            if is_browsed(row):
                self._browsed.add(full_name)

    def events(self) -> Sequence[Listed | LeftOut | Failure]:
        """Return what the rows were: failures and tables left out first, and the tables last."""
        missed = self._scope.missed(self._named, *self._parts)
        events: list[Listed | LeftOut | Failure] = [
            *self._failures,
            *(unlisted(self._asker, *self._parts, name) for name in missed),
        ]
        if self._left_out:
            what = f"tables of schema {join_name(self._parts)}"
            reason = "the include and exclude patterns leave them out"
            events.append(LeftOut(what=what, reason=reason, tables=len(self._left_out)))
        catalog, schema = self._parts
        events.append(
            Listed(
                catalog_name=catalog,
                schema_name=schema,
                documents=tuple(self._documents[name] for name in sorted(self._documents)),
                hints=self._hints,
                partly=tuple(sorted(self._browsed)),
                pipelines={each: tuple(sorted(names)) for each, names in self._pipelines.items()},
            )
        )
        return events

    def _refused(self, row: object, reason: str) -> Failure:
        """Tell of a row that isn't a table, by its name, else its number: no two look the same."""
        name = row.get("name") if isinstance(row, dict) else None
        if isinstance(name, str) and name and is_sound(name):
            self._named.add(name)
            what = f"table {join_name([*self._parts, name])}"
        else:
            what = f"row {self._rows} of schema {join_name(self._parts)}"
        return row_failure(self._asker, what, reason, "table")


def names_in_scope(rows: Iterable[Any], catalog: str, scope: Scope) -> tuple[str, ...]:
    """Return the full names that may be in scope, as Unity Catalog writes them, sorted, each once.

    A name with more dots than two may be split in several ways; it counts if one of them is in
    scope. Raises `ListingError` for a row without a name, and what iterating `rows` raises.
    """
    names = set()
    for row in rows:
        name = row.get("full_name") if isinstance(row, dict) else None
        if not isinstance(name, str):
            raise ListingError("a table summary has no `full_name`")
        names.add(sound(name))
    return tuple(sorted(name for name in names if _may_be_in_scope(name, catalog, scope)))


def _may_be_in_scope(full_name: str, catalog: str, scope: Scope) -> bool:
    rest = full_name.removeprefix(f"{catalog}.")
    dots = [place for place, character in enumerate(rest) if character == "."]
    return any(
        scope.refuses_schema(catalog, rest[:dot]) is None
        and scope.matches(catalog, rest[:dot], rest[dot + 1 :])
        for dot in dots
    )
