"""What the parts of this source need of a workspace: one GET and its paths, and one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

CATALOGS: Final = "/api/2.1/unity-catalog/catalogs"

SCHEMAS: Final = "/api/2.1/unity-catalog/schemas"

TABLES: Final = "/api/2.1/unity-catalog/tables"

SUMMARIES: Final = "/api/2.1/unity-catalog/table-summaries"

CONNECTIONS: Final = "/api/2.1/unity-catalog/connections"

Query = Mapping[str, str | int | bool]


class Api(Protocol):
    """A workspace's REST API, seen through databricks-sdk: authenticated, retried, paced."""

    def get(self, path: str, query: Query = ...) -> dict[str, Any]:
        """Return the JSON object that `GET path?query` answers.

        Values are as the server wrote them: an enumeration's word that the SDK does not know is
        still there. Raises `DatabricksError` and its subclasses for a refusal, the builtin
        `TimeoutError` where the SDK has retried without success, and `Interrupted`.
        """
        ...


Run = Callable[[Statement], Rows]
"""Sends one statement and returns all of its rows; raises `StatementError`."""
