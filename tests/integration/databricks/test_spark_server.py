"""Real tables served by a process of their own, to be reached by a host setting alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.integration.spark.java import java_trouble
from tests.support.commandline import REPOSITORY, environment
from tests.workspace.spark_server import statements

# In one worker with the others that have a Spark: two cores bear no more.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

SQL = """CREATE SCHEMA main.sales;
CREATE TABLE main.sales.orders
  AS SELECT id, 'a;b' AS text FROM range(5);  \n
"""


def test_a_statement_ends_with_a_semicolon_at_the_end_of_a_line() -> None:
    assert list(statements(SQL)) == [
        "CREATE SCHEMA main.sales",
        "CREATE TABLE main.sales.orders\n  AS SELECT id, 'a;b' AS text FROM range(5)",
    ]
    assert list(statements("SELECT 1")) == ["SELECT 1"]
    assert list(statements(" \n;\n")) == []


def _start(home: Path, sql: str) -> subprocess.Popen[str]:
    (home / "made.sql").write_text(sql)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.workspace.spark_server", "--sql", home / "made.sql"],
        cwd=REPOSITORY,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.nightly
@pytest.mark.skipif(java_trouble() is not None, reason=f"needs Java: {java_trouble()}")
def test_it_serves_tables_until_its_input_closes_and_leaves_no_spark(tmp_path: Path) -> None:
    with _start(tmp_path, SQL) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip().partition("=") for _ in range(3)]
        named = {name: value for name, _, value in lines}
        config = Config(host=named["DATABRICKS_HOST"], token=named["DATABRICKS_TOKEN"])
        client = WorkspaceClient(config=config)
        assert [each.name for each in client.tables.list("main", "sales")] == ["orders"]
        answer = client.statement_execution.execute_statement(
            "SELECT count(*) FROM main.sales.orders",
            named["DATABRICKS_WAREHOUSE_ID"],
            wait_timeout="50s",
        )
        assert answer.result is not None
        assert answer.result.data_array == [["5"]]
        children = psutil.Process(server.pid).children(recursive=True)
        assert any("java" in child.name() for child in children)
        output, trouble = server.communicate(timeout=60)
    assert (output, server.returncode) == ("", 0), trouble
    assert psutil.wait_procs(children, timeout=5)[1] == []
