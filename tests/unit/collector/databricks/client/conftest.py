"""A small workspace on loopback, and a configuration file that knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakewarden_collector.sources.databricks.client.workspace import Workspace, connect
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from tests.unit.collector.databricks.client.loopback import Loopback, serving
from tests.unit.collector.databricks.client.replies import (
    Connect,
    Replies,
)


@pytest.fixture
def replies() -> Replies:
    return Replies()


@pytest.fixture
def server(replies: Replies) -> Iterator[Loopback]:
    with serving(replies) as loopback:
        yield loopback


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave nothing of the machine's own configuration in sight."""
    for name in ("HOST", "TOKEN", "CONFIG_PROFILE", "WAREHOUSE_ID", "CLIENT_ID", "AUTH_TYPE"):
        monkeypatch.delenv(f"DATABRICKS_{name}", raising=False)
    path = tmp_path / "databrickscfg"
    path.write_text("")
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return path


@pytest.fixture
def connected(server: Loopback, config_file: Path) -> Connect:
    """Return `connect` to the server by the profile `prod`."""
    config_file.write_text(
        f"[prod]\nhost = {server.url}\ntoken = t%0k\nwarehouse_id = wh1\n"
        "[other]\nhost = https://elsewhere.example\ntoken = x\n"
    )

    def connected(profile: str | None = "prod", **options: Any) -> Workspace:  # noqa: ANN401 -- passed on
        options.setdefault("pace", Pace.default(speed=0.001))
        return connect(profile, **options)

    return connected
