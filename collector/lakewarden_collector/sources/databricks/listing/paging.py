"""All rows of a paged listing of Unity Catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lakewarden_collector.sources.databricks.client.interface import (
    CATALOGS,
    SCHEMAS,
    SUMMARIES,
    TABLES,
    Api,
    Query,
)

# assumes page-sizes
PAGE_SIZES: Final = {CATALOGS: 1000, SCHEMAS: 1000, TABLES: 200, SUMMARIES: 10_000}
"""What is asked for; a server gives the smaller of this and its own size, which is not documented
except for the summaries' 10,000. Zero would ask for the server's; without a number at all the
answer is unpaged, and refused where it is large."""

_KEYS: Final = {CATALOGS: "catalogs", SCHEMAS: "schemas", TABLES: "tables", SUMMARIES: "tables"}


_EMPTY_PAGES: Final = 1000
"""How many in a row are believed: a filter may leave nothing of a page, a server may be wrong."""


class ListingError(ValueError):
    """An answer that isn't a page of a listing, or a listing that goes in circles."""


def rows(api: Api, path: str, query: Query, *, before_page: Callable[[], None]) -> Iterator[Any]:
    """Yield the rows of all pages, in the server's order, whatever they are.

    A page may be empty and go on; only the absence of `next_page_token` ends the listing (REST
    reference, "Pagination behavior"). `before_page` is called before each request.

    Raises `ListingError`, also for a listing that does not come to an end, and what `Api.get`
    raises.
    """
    asked = {**query, "max_results": PAGE_SIZES[path]}
    tokens: set[str] = set()
    empty = 0
    while True:
        before_page()
        page = api.get(path, asked)
        found = page.get(_KEYS[path])
        if not isinstance(found, list | None):
            raise ListingError(f"the answer's `{_KEYS[path]}` isn't a list")
        yield from found or ()
        empty = 0 if found else empty + 1
        token = page.get("next_page_token")
        if not token:
            return
        if not isinstance(token, str):
            raise ListingError("the answer's `next_page_token` isn't text")
        if token in tokens:
            raise ListingError("the pages go in circles: a `next_page_token` came twice")
        if empty >= _EMPTY_PAGES:
            raise ListingError(f"{empty:,} pages in a row are empty, and the listing goes on")
        tokens.add(token)
        asked = {**asked, "page_token": token}
