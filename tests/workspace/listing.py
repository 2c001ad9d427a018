"""Unity Catalog's listing API: catalogs, schemas, tables, table summaries (facts 5; SDK)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Final

from lakewarden_collector.names import split_name
from tests.workspace.behaviours import Behaviours
from tests.workspace.estate import Estate, Json, Refused
from tests.workspace.results import Limits

Query = Mapping[str, str]

_USERNAMES: Final = ("owner", "created_by", "updated_by")
_NOT_LISTED: Final = ("view_dependencies", "table_constraints")


class ListingApi:
    """Cuts an estate's listings into pages."""

    def __init__(self, estate: Estate, limits: Limits, behaviours: Behaviours) -> None:
        self._estate = estate
        self._limits = limits
        self._behaviours = behaviours

    def catalogs(self, query: Query) -> Json:
        """GET /catalogs."""
        rows = self._visible(self._estate.catalogs(), query)
        return self._page("list_catalogs", "catalogs", rows, query, self._limits.catalogs_page)

    def schemas(self, query: Query) -> Json:
        """GET /schemas?catalog_name=."""
        rows = self._visible(self._estate.schemas(_given(query, "catalog_name")), query)
        return self._page("list_schemas", "schemas", rows, query, self._limits.schemas_page)

    def tables(self, query: Query) -> Json:
        """GET /tables?catalog_name=&schema_name=: tables and views of one schema."""
        catalog, schema = _given(query, "catalog_name"), _given(query, "schema_name")
        rows = self._visible(self._estate.tables(catalog, schema), query)
        if "max_results" not in query and len(rows) > self._limits.tables_page:
            # Facts 5: unpaginated listing is refused by now.
            raise _invalid(
                "The ListTables result set is too large to be returned without pagination."
                " Please use max_results. #UC-PGRQD"
            )
        answer = self._page("list_tables", "tables", rows, query, self._limits.tables_page)
        drop = set(_NOT_LISTED)
        if _flag(query, "omit_columns"):
            drop.add("columns")
        if _flag(query, "omit_properties"):
            drop.add("properties")
        if _flag(query, "omit_username"):
            drop.update(_USERNAMES)
        if "tables" in answer:
            answer["tables"] = [
                {k: v for k, v in row.items() if k not in drop} for row in answer["tables"]
            ]
        return answer

    def table(self, full_name: str) -> Json:
        """GET /tables/{full_name}.

        How dots and back-quotes inside a part are told apart is unverified, so both readings are
        taken: the parts as they stand between dots, and back-quoted ones.
        """
        for parts in _readings(full_name):
            try:
                row = self._estate.table(*parts)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
            else:
                return self._behaviours.page("get_table", [row])[0]
        raise Refused(404, "TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.")

    def summaries(self, query: Query) -> Json:
        """GET /table-summaries?catalog_name=: names and types over a whole catalog."""
        catalog = _given(query, "catalog_name")
        like_schema = _like(query.get("schema_name_pattern") or "%")
        like_table = _like(query.get("table_name_pattern") or "%")
        rows: list[Json] = []
        for schema in self._estate.schemas(catalog):
            if not like_schema.fullmatch(schema["name"]) or schema.get("browse_only"):
                continue
            try:
                tables = self._estate.tables(catalog, schema["name"])
            except Refused:
                continue  # the summaries leave out what the principal may not see (SDK)
            rows += [
                {key: table[key] for key in ("full_name", "table_type") if key in table}
                for table in tables
                if like_table.fullmatch(table["name"]) and not table.get("browse_only")
            ]
        return self._page("table_summaries", "tables", rows, query, self._limits.summaries_page)

    def _visible(self, rows: Sequence[Json], query: Query) -> Sequence[Json]:
        if _flag(query, "include_browse"):
            return rows
        return [row for row in rows if not row.get("browse_only")]

    def _page(self, kind: str, name: str, rows: Sequence[Json], query: Query, most: int) -> Json:
        """Return one page, in the order of the rows; the token says where the next begins.

        `max_results`: above 0 the page is the smaller of it and the server's size, at 0 the
        server's, below 0 an error (SDK, `TablesAPI.list`).
        """
        asked = _number(query, "max_results")
        size = min(asked, most) if asked else most
        key = name + "?" + "&".join(f"{k}={query[k]}" for k in sorted(query))
        start = _read_token(query["page_token"], name) if query.get("page_token") else 0
        if self._behaviours.empty_page(kind, key):
            return {"next_page_token": _token(name, start)}
        answer: Json = {}
        if page := self._behaviours.page(kind, rows[start : start + size]):
            answer[name] = page
        if start + size < len(rows):
            answer["next_page_token"] = _token(name, start + size)
        return answer


_tokens = iter(range(1 << 62))


def _token(name: str, start: int) -> str:
    """Return an opaque token; no two are alike, even for the same place."""
    return base64.urlsafe_b64encode(f"{name} {start} {next(_tokens)}".encode()).decode()


def _read_token(token: str, name: str) -> int:
    try:
        word, start, _ = base64.urlsafe_b64decode(token).decode().split()
    except ValueError as error:
        raise _invalid("Page token is invalid") from error
    if word != name:
        raise _invalid("Page token is of another listing")
    return int(start)


def _given(query: Query, name: str) -> str:
    if not query.get(name):
        raise _invalid(f"{name} is missing")
    return query[name]


def _flag(query: Query, name: str) -> bool:
    return query.get(name) == "true"


def _number(query: Query, name: str) -> int:
    text = query.get(name, "0")
    if not text.isdigit():
        raise _invalid(f"{name} must be a number and not negative")
    return int(text)


def _like(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.compile(text, re.DOTALL | re.IGNORECASE)


def _invalid(message: str) -> Refused:
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def _readings(full_name: str) -> list[tuple[str, str, str]]:
    readings: list[tuple[str, str, str]] = []
    try:
        parts = split_name(full_name)
    except ValueError:
        parts = ()
    if len(parts) == 3:
        readings.append((parts[0], parts[1], parts[2]))
    words = full_name.split(".")
    readings += [
        (".".join(words[:i]), ".".join(words[i:j]), ".".join(words[j:]))
        for i in range(1, len(words) - 1)
        for j in range(i + 1, len(words))
    ]
    return readings
