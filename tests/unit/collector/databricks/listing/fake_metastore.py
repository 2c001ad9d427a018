"""A metastore that answers from dicts, in pages of any size, and fails where it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lakewarden_collector.sources.databricks.client.interface import Query

Tables = Mapping[tuple[str, str], Sequence[Any]]
"""Rows of the table listing by catalog and schema."""


def table_info(catalog: str, schema: str, name: str, **fields: object) -> dict[str, Any]:
    return {"catalog_name": catalog, "schema_name": schema, "name": name, **fields}


class FakeMetastore:
    """Implements `Api`.

    `cut` splits the rows of a listing into pages; pages may be empty. `schemas` are further rows of
    each listing of schemas. `errors` holds what is raised instead of an answer, by the last word of
    the path and the names asked for, from the page on that stands beside it.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        catalogs: Sequence[Any] | None = None,
        schemas: Sequence[Any] = (),
        cut: Callable[[Sequence[Any]], list[list[Any]]] | None = None,
        errors: Mapping[tuple[str, ...], tuple[int, Exception]] | None = None,
    ) -> None:
        self.tables = tables
        names = sorted({catalog for catalog, _ in tables})
        self.catalogs = [{"name": name} for name in names] if catalogs is None else catalogs
        self.schemas = schemas
        self.cut = cut or (lambda rows: [list(rows)])
        self.errors = errors or {}
        self.asked: list[tuple[str, ...]] = []
        self.queries: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def get(self, path: str, query: Query = MappingProxyType({})) -> dict[str, Any]:
        what = path.rsplit("/", 1)[1]
        names = [str(query[key]) for key in ("catalog_name", "schema_name") if key in query]
        call = (what, *names)
        number = int(query.get("page_token", 0))
        with self._lock:
            self.asked.append(call)
            self.queries.append(dict(query))
        first, error = self.errors.get(call, (0, None))
        if error is not None and number >= first:
            raise error
        pages = self.cut(self._rows(what, names)) or [[]]
        answer: dict[str, Any] = {}
        if pages[number]:  # an empty list does not travel
            answer["tables" if what == "table-summaries" else what] = pages[number]
        if number + 1 < len(pages):
            answer["next_page_token"] = str(number + 1)
        return answer

    def _rows(self, what: str, names: Sequence[str]) -> Sequence[Any]:
        if what == "catalogs":
            return self.catalogs
        if what == "schemas":
            known = [{"name": schema} for catalog, schema in self.tables if [catalog] == names]
            return [*known, *self.schemas]
        if what == "tables":
            return self.tables[names[0], names[1]]
        assert what == "table-summaries"
        return [
            {"full_name": ".".join((*place, row["name"]))}
            for place, rows in self.tables.items()
            for row in rows
            if [place[0]] == names and isinstance(row, dict) and "name" in row
        ]
