"""Spark reads a history that delta-rs has written, and may put its files together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakewarden.history.keeper import shown
from tests.support import shown_history
from tests.support.duckdb import connected
from tests.support.past_runs import KEYED, PLAIN, START, clock, failing, kept, report, table

pytestmark = pytest.mark.spark


def test_spark_reads_it_and_optimizes_it(spark: Any, tmp_path: Path) -> None:  # noqa: ANN401 -- pyspark is untyped
    place = tmp_path / "history"
    for day in range(3):
        tables = table("a", {KEYED: failing("x"), PLAIN: failing()}), table("b", {})
        kept(str(place), report(day, *tables), tmp_path / "r.json")

    def ask(columns: str, where: str) -> list[tuple[Any, ...]]:
        frame = spark.read.format("delta").load(str(place)).where(where)
        return [tuple(row) for row in frame.selectExpr(*columns.split(", ")).collect()]

    def failures() -> list[tuple[Any, ...]]:
        columns = "violation_key, CAST(first_failed_at AS LONG), age_days, contradicted"
        where = f"kind = 'failure' AND clock = timestamp'{clock(2)}'"
        return sorted(ask(columns, where), key=lambda row: row[0] or "")

    first = int(START.timestamp())
    expected = [(None, first, 2.0, False), ("x", first, 2.0, False)]
    assert failures() == expected
    columns = spark.sql(f"DESCRIBE delta.`{place}`").collect()
    comments = {each.col_name: each.comment for each in columns}
    assert comments["reopened"].startswith("how often it failed again")

    spark.sql(f"OPTIMIZE delta.`{place}`")
    assert failures() == expected
    kept(str(place), report(3, table("a", {}), table("b", {})), tmp_path / "r.json")
    assert shown(str(place)) == f"has 4 runs, the latest of {clock(3)}"
    assert len(ask("name", "state = 'fixed'")) == 2


@pytest.mark.nightly
def test_spark_answers_the_queries_of_the_page_as_duckdb_does(spark: Any, tmp_path: Path) -> None:  # noqa: ANN401 -- pyspark is untyped
    place = tmp_path / "history"
    shown_history.make(place)
    spark.read.format("delta").load(str(place)).createOrReplaceTempView("history")
    with connected(str(place)) as connection:
        for query in shown_history.queries():
            expected = connection.execute(query).fetchall()
            answer = [tuple(row) for row in spark.sql(query).collect()]
            assert answer == ([] if query.startswith("CREATE") else expected)
