"""GET requests to a workspace: authenticated and retried by the SDK, paced and counted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import requests
from databricks.sdk.core import ApiClient
from databricks.sdk.errors import (
    DeadlineExceeded,
    InternalError,
    TemporarilyUnavailable,
    TooManyRequests,
)
from databricks.sdk.errors.base import DatabricksError

from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.client.interface import CONNECTIONS, Query
from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.concurrency.retry import persistently

_FAULTS: Final = (TooManyRequests, TemporarilyUnavailable, InternalError, DeadlineExceeded)
"""HTTP 429, 503, 500, 504; 502 has no class of its own and is a bare `DatabricksError`."""

_BROKEN: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    requests.JSONDecodeError,
)
"""An answer that broke off, or is a proxy's page. (The SDK retries lost connections itself.)"""

_UNREADABLE: Final = (TypeError, RecursionError)
"""What the SDK makes of JSON that is a number or a word (`_BaseClient.do`), or nested too deep."""

_KINDS: Final = {
    interface.CATALOGS: "list_catalogs",
    interface.SCHEMAS: "list_schemas",
    interface.TABLES: "list_tables",
    interface.SUMMARIES: "table_summaries",
}


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Sends GET requests at the pace of list calls and counts them."""

    api_client: ApiClient
    workspace_id: str | None
    """The header's value that tells a host of several workspaces which one is meant."""
    pace: Pace
    spent: RequestCounts

    def get(self, path: str, query: Query = {}) -> dict[str, Any]:  # noqa: B006 -- never changed
        """Answer as `Api.get` promises; an answer that isn't an object is a `ValueError`."""
        headers = {"Accept": "application/json"}
        if self.workspace_id:
            # As the SDK's own methods do (service/catalog.py); its `do` does not add it.
            headers["X-Databricks-Workspace-Id"] = self.workspace_id
        with self.pace.lists.permit():
            self.spent.add(_kind(path))
            try:
                answer = persistently(
                    lambda: self.api_client.do("GET", path, query=dict(query), headers=headers),
                    _passes,
                    self.pace.clock,
                )
            except _UNREADABLE:
                answer = None
        if not isinstance(answer, dict):
            raise ValueError(f"{path} didn't answer with a JSON object")  # noqa: TRY004 -- no caller's mistake
        return answer


def _passes(error: Exception) -> bool:
    """Tell whether an error is a fault of the server's that the SDK does not retry.

    The SDK retries 429 and 503 only where it can read the body, 500, 502 and 504 never
    (errors/parser.py, errors/customizer.py), and no answer whose body broke off. Reading twice does
    no harm.
    """
    return isinstance(error, _FAULTS + _BROKEN) or type(error) is DatabricksError


def _kind(path: str) -> str:
    """Return the word that a request is counted by."""
    if path.startswith(f"{interface.TABLES}/"):
        return "get_table"
    if path.startswith(f"{CONNECTIONS}/"):
        return "get_connection"
    return _KINDS.get(path, "other")
