"""Lists that are answered once: a resumed collection reads them from its journal."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from lakewarden_collector.sources.databricks.api import Query
from lakewarden_collector.sources.databricks.journal import Journal
from lakewarden_collector.sources.databricks.journal_events import Page
from lakewarden_collector.sources.databricks.listing.paging import CATALOGS, SCHEMAS, SUMMARIES
from lakewarden_collector.sources.databricks.workspace import Workspace

_KEPT: Final = frozenset({CATALOGS, SCHEMAS, SUMMARIES})
"""The tables' own pages are not kept: their documents are, schema by schema."""


class Remembering:
    """A workspace's REST API, seen through the journal."""

    def __init__(self, workspace: Workspace, journal: Journal) -> None:
        self._workspace = workspace
        self._journal = journal

    def get(self, path: str, query: Query = {}) -> dict[str, Any]:  # noqa: B006 -- never changed
        """Return what an earlier attempt was answered, else ask; see `Api.get`."""
        if path not in _KEPT:
            return self._workspace.get(path, query)
        asked = [self._workspace.host, path, sorted(query.items())]
        key = msgspec.json.encode(asked).decode()
        answer = self._journal.page(key)
        if answer is None:
            answer = self._workspace.get(path, query)
            self._journal.add(Page(key=key, answer=msgspec.Raw(msgspec.json.encode(answer))))
        return answer
