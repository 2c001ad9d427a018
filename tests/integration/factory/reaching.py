"""Reaches a double by the SDK, as the scenarios do."""

from __future__ import annotations

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.factory.place import Schema
from tests.workspace.server import Address

SCRATCH = Schema("main", "scratch")


def client(
    workspace: Address, *, warehouse_id: str | None = Address.warehouse_id, patience: int = 10
) -> WorkspaceClient:
    """Return a client; `patience` is the seconds it spends on a request that fails in passing."""
    config = Config(
        host=workspace.url,
        token=workspace.token,
        warehouse_id=warehouse_id,
        retry_timeout_seconds=patience,
    )
    return WorkspaceClient(config=config)
