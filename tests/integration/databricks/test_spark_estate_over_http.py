"""Real tables behind the double, through the unmodified databricks-sdk.

Were one of these to fail, what makes, reads and drops tables on a workspace would not do so here.
"""

# ruff: noqa: S608 -- statements of our own words

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import StatementParameterListItem, StatementResponse, StatementState

from tests.workspace.estate import Value
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_system import fill, make_system_tables, record_metrics
from tests.workspace.system_catalog import LINEAGE, METRICS

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

Ask = Callable[..., StatementResponse]


@pytest.fixture(scope="module")
def estate(spark: Any) -> Iterator[SparkEstate]:  # noqa: ANN401 -- pyspark is untyped
    with SparkEstate(spark) as made:
        yield made


@pytest.fixture(scope="module")
def client(estate: SparkEstate) -> Iterator[WorkspaceClient]:
    with Workspace(estate) as workspace:
        yield WorkspaceClient(host=workspace.url, token=workspace.token)


@pytest.fixture(scope="module")
def ask(client: WorkspaceClient) -> Ask:
    """Send one statement and wait for its end."""

    def send(sql: str, **parameters: tuple[str, str]) -> StatementResponse:
        return client.statement_execution.execute_statement(
            statement=sql,
            warehouse_id=Workspace.warehouse_id,
            wait_timeout="50s",
            parameters=[
                StatementParameterListItem(name=name, value=value, type=kind)
                for name, (value, kind) in parameters.items()
            ],
        )

    return send


def test_a_table_is_made_filled_listed_and_dropped(client: WorkspaceClient, ask: Ask) -> None:
    table = "`main`.`pytest_http`.`small one`"
    for sql in (
        "CREATE SCHEMA IF NOT EXISTS main.pytest_http",
        f"CREATE TABLE {table} (id bigint, s string)",
        f"INSERT INTO {table} SELECT id, uuid() FROM range(100)",
        f"ALTER TABLE {table} CLUSTER BY (id)",
    ):
        assert _state(ask(sql)) is StatementState.SUCCEEDED

    detail = _row(ask(f"DESCRIBE DETAIL {table}"))
    assert (detail["name"], detail["clusteringColumns"]) == (
        "main.pytest_http.small one",
        '["id"]',
    )
    assert 1000 < int(detail["sizeInBytes"] or 0) < 2**20
    (listed,) = client.tables.list("main", "pytest_http")
    assert (listed.name, listed.table_id) == ("small one", detail["id"])
    assert (listed.properties or {})["clusteringColumns"] == '[["id"]]'
    described = ask(f"DESCRIBE TABLE {table}")
    assert described.result is not None
    assert (described.result.data_array or [])[0][:2] == ["id", "bigint"]

    assert _state(ask(f"DROP TABLE {table}")) is StatementState.SUCCEEDED
    gone = ask(f"DESCRIBE DETAIL {table}")
    assert gone.status is not None
    assert gone.status.error is not None
    assert gone.status.state is StatementState.FAILED
    assert gone.status.sql_state == "42P01"
    assert (gone.status.error.message or "").startswith("[TABLE_OR_VIEW_NOT_FOUND] ")
    assert table in (gone.status.error.message or "")
    assert list(client.tables.list("main", "pytest_http")) == []


def test_system_tables_answer_with_what_a_test_put_there(estate: SparkEstate, ask: Ask) -> None:
    make_system_tables(estate)
    ask("CREATE SCHEMA main.`me.asured`")
    ask("CREATE TABLE main.`me.asured`.`it's` AS SELECT uuid() AS s FROM range(50)")
    detail = _row(ask("DESCRIBE DETAIL main.`me.asured`.`it's`"))
    now = datetime.now(UTC)
    record_metrics(estate, now)
    reader: dict[str, Value] = {
        "source_table_catalog": "main",
        "source_table_name": "it's",
        "event_time": now,
    }
    fill(estate, LINEAGE, [reader, reader | {"created_by": "someone"}])

    metric = _row(
        ask(
            f"SELECT table_id, max_by(active_bytes, snapshot_date) AS bytes FROM {METRICS}"
            " WHERE schema_name = :schema AND table_name = :table AND metastore_id = :metastore"
            " AND snapshot_date >= date_sub(current_date(), :days) GROUP BY table_id",
            schema=("me.asured", "STRING"),
            table=("it's", "STRING"),
            metastore=(estate.metastore_id, "STRING"),
            days=("7", "INT"),
        )
    )
    assert metric == {"table_id": detail["id"], "bytes": detail["sizeInBytes"]}
    reads = _row(
        ask(
            f"SELECT count(*) AS reads, count(DISTINCT created_by) AS readers FROM {LINEAGE}"
            " WHERE source_table_name = :name AND event_time <= :now",
            name=("it's", "STRING"),
            now=(now.isoformat(), "TIMESTAMP"),
        )
    )
    assert reads == {"reads": "2", "readers": "1"}


def _state(answer: StatementResponse) -> StatementState | None:
    assert answer.status is not None
    assert answer.status.error is None, answer.status.error
    return answer.status.state


def _row(answer: StatementResponse) -> dict[str, str | None]:
    """Return the only row of an answer by column."""
    assert _state(answer) is StatementState.SUCCEEDED
    assert answer.manifest is not None
    assert answer.manifest.schema is not None
    assert answer.result is not None
    (row,) = answer.result.data_array or []
    names = [column.name or "" for column in answer.manifest.schema.columns or []]
    return dict(zip(names, row, strict=True))
