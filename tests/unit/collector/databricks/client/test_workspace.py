"""Signing in to a workspace with the real SDK: who one is, where, and what requests look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden_collector.sources.databricks.client.workspace import ME, connect
from lakewarden_collector.sources.databricks.concurrency.pace import Interrupted, Pace
from lakewarden_collector.sources.databricks.statements.grants import reading
from tests.unit.collector.databricks.client.loopback import Answer, Loopback
from tests.unit.collector.databricks.client.replies import (
    DISCOVERY,
    METASTORE_ID,
    Connect,
    Replies,
    listing_of,
)


def test_a_workspace_knows_its_metastore_its_principal_and_its_warehouse(
    connected: Connect, server: Loopback
) -> None:
    workspace = connected()
    assert workspace.profile == "prod"
    assert workspace.host == server.url
    assert (workspace.metastore_id, workspace.metastore_name) == (METASTORE_ID, "eu")
    assert workspace.principal == "warden@acme.example"
    assert workspace.warehouse_id == "wh1"
    assert workspace.asker.principal == workspace.principal
    assert connected(warehouse_id="wh2").warehouse_id == "wh2"


def test_no_warehouse_is_none(connected: Connect, config_file: Path) -> None:
    """Listing works without one; an empty text would be sent as a warehouse's id."""
    config_file.write_text(config_file.read_text().replace("warehouse_id = wh1\n", ""))
    assert connected().warehouse_id is None


def test_every_request_says_what_asks_and_which_workspace_is_meant(
    connected: Connect, server: Loopback, replies: Replies
) -> None:
    """A host of several workspaces routes by the header that the SDK's own methods send."""
    replies.by_path["/api/2.1/unity-catalog/tables"] = [Answer({"tables": []})]
    listing_of(connected())
    for request in server.requests:
        if request.path != DISCOVERY:
            assert request.headers["x-databricks-workspace-id"] == "42"
            assert request.headers["user-agent"].startswith("lakewarden/")
            assert request.headers["authorization"] == "Bearer t%0k"


def test_answers_keep_words_that_the_sdk_does_not_know(
    connected: Connect, replies: Replies, server: Loopback
) -> None:
    tables = {"tables": [{"table_type": "A_TYPE_OF_TOMORROW"}], "next_page_token": "p2"}
    replies.by_path["/api/2.1/unity-catalog/tables"] = [Answer(tables)]
    workspace = connected()
    assert listing_of(workspace, include_browse=True, max_results=200) == tables
    assert (
        "include_browse=true" in server.requests[-1].path
    )  # as the API writes it, in small letters


def test_requests_are_counted_by_kind(connected: Connect, replies: Replies) -> None:
    """The report tells what a run cost; `--plan` is held against it."""
    base = "/api/2.1/unity-catalog"
    kinds = {
        "catalogs": "list_catalogs",
        "schemas": "list_schemas",
        "tables": "list_tables",
        "table-summaries": "table_summaries",
        "tables/main.s.t": "get_table",
    }
    for path in kinds:
        replies.by_path[f"{base}/{path}"] = [Answer({})]
    workspace = connected()
    for path in kinds:
        workspace.get(f"{base}/{path}")
    assert workspace.spent.counts() == dict.fromkeys(kinds.values(), 1) | {"other": 2}


def test_nothing_is_asked_once_the_run_is_to_stop(connected: Connect, server: Loopback) -> None:
    pace = Pace.default(speed=0.001)
    workspace = connected(pace=pace)
    pace.stop.set()
    asked = len(server.requests)
    with pytest.raises(Interrupted):
        listing_of(workspace)
    assert len(server.requests) == asked


def test_as_many_connections_are_kept_as_requests_may_be_under_way(connected: Connect) -> None:
    """The SDK crosses the two arguments of its pool, which would leave it at 20 connections."""
    pace = Pace.default(lists=50, statements=40, speed=0.001)
    config = connected(pace=pace).client.config
    assert config.max_connection_pools >= 90
    assert config.max_connections_per_pool >= 90


def test_the_profile_says_how_long_to_retry(connected: Connect, config_file: Path) -> None:
    assert connected().client.config.retry_timeout_seconds == 300
    text = config_file.read_text().replace(
        "warehouse_id", "retry_timeout_seconds = 77\nwarehouse_id"
    )
    config_file.write_text(text)
    assert connected().client.config.retry_timeout_seconds == 77


def test_the_environment_is_used_without_a_profile(
    server: Loopback, config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not config_file.read_text()
    monkeypatch.setenv("DATABRICKS_HOST", f"{server.url}/")
    monkeypatch.setenv("DATABRICKS_TOKEN", "t")
    monkeypatch.setenv("DATABRICKS_WAREHOUSE_ID", "wh9")
    workspace = connect(None, pace=Pace.default(speed=0.001))
    assert (workspace.profile, workspace.host, workspace.warehouse_id) == ("", server.url, "wh9")


@pytest.mark.parametrize("answer", [Answer({"message": "no"}, 403), Answer({}), Answer("<html>")])
def test_a_principal_that_is_not_told_is_empty(
    connected: Connect, replies: Replies, answer: Answer
) -> None:
    """It is needed for the text of GRANT statements, which is no reason to end a run."""
    replies.by_path[ME] = [answer]
    workspace = connected()
    assert workspace.principal == ""
    assert "`<principal>`" in workspace.asker.grants(reading("a", "b", "c"))


def test_a_host_without_a_discovery_document_is_used_all_the_same(
    connected: Connect, replies: Replies, server: Loopback
) -> None:
    del replies.by_path[DISCOVERY]
    assert connected().metastore_id == METASTORE_ID
    assert "x-databricks-workspace-id" not in server.requests[-1].headers
