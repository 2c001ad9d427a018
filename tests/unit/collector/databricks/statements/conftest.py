"""The server on loopback, and a runner that sends it statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.collector.databricks.statements.bench import Bench
from tests.unit.collector.databricks.statements.loopback import Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Return the server."""
    with loopback() as memory:
        yield memory


@pytest.fixture
def bench(server: Loopback) -> Bench:
    """Return the runner and all that it works with."""
    return Bench(server)
