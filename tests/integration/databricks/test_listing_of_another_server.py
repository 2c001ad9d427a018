"""The listing against a second, independent implementation of its API.

The double shares every mistake in our reading of the API; a server that others wrote does not. The
open-source `olai-uc-server` 0.0.11 speaks the listing, pagination included, but knows neither who
asks nor a metastore's summary, and takes minutes to build:

    cargo install olai-uc-server --version 0.0.11 --features bin
    LAKEWARDEN_UC_SERVER=~/.cargo/bin/uc-server make test ARGS='-k another_server'

Without the variable the test is skipped.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from databricks.sdk.core import ApiClient, Config
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.client.rest import Rest
from lakewarden_collector.sources.databricks.concurrency.pace import Pace, RequestCounts
from lakewarden_collector.sources.databricks.journal.events import Listed, Summarised
from lakewarden_collector.sources.databricks.listing import paging
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import walk

SERVER: Final = "LAKEWARDEN_UC_SERVER"
UC: Final = "/api/2.1/unity-catalog"
BUCKET: Final = "s3://bucket/lake"
TABLES: Final = 7
COLUMN: Final = {
    "name": "id",
    "type_text": "bigint",
    "type_json": '{"name":"id","type":"long","nullable":true,"metadata":{}}',
    "type_name": "LONG",
    "position": 0,
    "nullable": True,
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiClient]:
    """Start the server on a free port of loopback, and make two schemas of tables in it."""
    binary = os.environ.get(SERVER)
    if not binary:
        pytest.skip(f"needs an open-source Unity Catalog server; {SERVER} names its binary")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "serve", "--no-ui", "--host", "127.0.0.1", "--port", str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}{UC}/catalogs")
            client = ApiClient(Config(host=f"http://127.0.0.1:{port}", token="any"))  # noqa: S106 -- it opens nothing
            _fill(client)
            yield client
        finally:
            process.terminate()


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _fill(client: ApiClient) -> None:
    def post(path: str, **body: Any) -> None:  # noqa: ANN401 -- a JSON object
        client.do("POST", f"{UC}/{path}", body=body)

    role = {"role_arn": "arn:aws:iam::1:role/x"}
    post("credentials", name="c", purpose="STORAGE", skip_validation=True, aws_iam_role=role)
    post("external-locations", name="l", url=BUCKET, credential_name="c", skip_validation=True)
    post("catalogs", name="main", storage_root=f"{BUCKET}/main")
    for schema in ("sales", "empty"):
        post("schemas", name=schema, catalog_name="main")
    for number in range(TABLES):
        post(
            "tables",
            name=f"t{number}",
            catalog_name="main",
            schema_name="sales",
            table_type="EXTERNAL",
            data_source_format="DELTA",
            storage_location=f"{BUCKET}/t{number}",
            columns=[COLUMN],
            properties={"clusteringColumns": '[["id"]]'},
        )


def test_the_walk_lists_another_server_page_by_page(
    server: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(paging.PAGE_SIZES, interface.TABLES, 2)
    spent = RequestCounts()
    rest = Rest(api_client=server, workspace_id=None, pace=Pace.default(), spent=spent)
    events = list(walk(rest, Scope(), workers=4))
    assert [event for event in events if isinstance(event, Failure)] == []
    listed = {event.schema_name: event.documents for event in events if isinstance(event, Listed)}
    assert listed.keys() == {"sales", "empty"}
    assert listed["empty"] == ()
    assert [each.name for each in listed["sales"]] == [f"t{number}" for number in range(TABLES)]
    assert all(_whole(document) for document in listed["sales"])
    assert spent.counts()["list_tables"] >= TABLES // 2, "it was paged"
    # It may have no summaries, which isn't a failure; if it has, they know the same tables.
    for event in events:
        if isinstance(event, Summarised) and event.names:
            assert set(event.names) == {f"main.sales.t{number}" for number in range(TABLES)}


def _whole(document: TableDocument) -> bool:
    """Whether everything that the server tells has arrived."""
    return (
        (document.table_type, document.data_source_format) == ("EXTERNAL", "DELTA")
        and document.properties == {"clusteringColumns": '[["id"]]'}
        and document.columns is not UNSET
        and [column.name for column in document.columns] == ["id"]
        and isinstance(document.table_id, str)
        and isinstance(document.created_at, str)
        and document.storage_location == f"{BUCKET}/{document.name}"
    )
