"""A clock for databricks-sdk whose sleeps take no time but count."""

from __future__ import annotations

import time

from databricks.sdk import WorkspaceClient
from databricks.sdk.clock import Clock
from databricks.sdk.core import Config

from tests.workspace.server import Address


class FastClock(Clock):
    """`slept` holds what the SDK wanted to wait between its attempts, in seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> float:
        """Return the time as if all sleeps had been slept."""
        return time.time() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Count the seconds and return at once."""
        self.slept.append(seconds)


def client(
    workspace: Address, *, clock: Clock | None = None, seconds: float = 60
) -> WorkspaceClient:
    """Return an unmodified client of a double; `seconds` is its HTTP time-out."""
    config = Config(
        host=workspace.url,
        token=workspace.token,
        warehouse_id=workspace.warehouse_id,
        http_timeout_seconds=seconds,
        clock=clock or FastClock(),
    )
    return WorkspaceClient(config=config)
