"""What a small workspace answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakewarden_collector.sources.databricks.client.workspace import ME, METASTORE, Workspace
from tests.unit.collector.databricks.client.loopback import Answer, Request

DISCOVERY = "/.well-known/databricks-config"
METASTORE_ID = "11111111-2222-3333-4444-555555555555"

Connect = Callable[..., Workspace]


class Replies:
    """What the server answers, by path without the query; others are 404."""

    def __init__(self) -> None:
        self.by_path: dict[str, list[Answer]] = {
            DISCOVERY: [Answer({"oidc_endpoint": "https://x.example/oidc", "workspace_id": "42"})],
            METASTORE: [Answer({"metastore_id": METASTORE_ID, "name": "eu", "region": "eu-1"})],
            ME: [Answer({"userName": "warden@acme.example"})],
        }

    def __call__(self, request: Request) -> Answer:
        answers = self.by_path.get(request.path.partition("?")[0])
        if not answers:
            return Answer({"error_code": "ENDPOINT_NOT_FOUND", "message": "no such path"}, 404)
        return answers.pop(0) if len(answers) > 1 else answers[0]


def listing_of(workspace: Workspace, **query: str | int | bool) -> dict[str, Any]:
    return workspace.get("/api/2.1/unity-catalog/tables", query)
