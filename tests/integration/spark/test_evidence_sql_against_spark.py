"""The SELECTs over system tables mean on real Spark what the lookups take them to mean.

Open-source Spark has no `system` catalog, so `system.storage.x` is a real table `sys_storage.x`
here; apart from that name the text is run as it is sent, with its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from msgspec import UNSET

from lakewarden_collector.sources.databricks.checks.system_tables import system_tables
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.evidence.describe import describe
from lakewarden_collector.sources.databricks.evidence.lineage import TableLineage
from lakewarden_collector.sources.databricks.evidence.lookup import Lookup
from lakewarden_collector.sources.databricks.evidence.metrics_history import MetricsHistory
from lakewarden_collector.sources.databricks.evidence.tags import Tags
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement
from tests.unit.collector.databricks.evidence.fake_workspace import table

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_PASSED_ON: Final = "spark.sql.legacy.parameterSubstitution.constantsOnly"
"""Delta's parser does not pass parameters on to Spark's; with this setting it need not."""

_TODAY: Final = "current_date()"

# metastore, catalog, name, id, dropped, days ago, bytes, files
_HISTORY: Final = [
    ("m", "main", "grown", "id-grown", "NULL", 0, "30", "3"),
    ("m", "main", "grown", "id-grown", "NULL", 1, "20", "2"),
    ("m", "main", "old_name", "id-grown", "NULL", 2, "99", "9"),
    ("m", "main", "not_yet", "id-not_yet", "NULL", 0, "NULL", "NULL"),
    ("m", "main", "not_yet", "id-not_yet", "NULL", 1, "7", "NULL"),
    ("m", "main", "never", "id-never", "NULL", 0, "NULL", "NULL"),
    ("m", "main", "empty", "id-empty", "NULL", 0, "0", "0"),
    ("m", "main", "dropped", "id-dropped", "NULL", 1, "5", "1"),
    ("m", "main", "dropped", "id-dropped", "current_timestamp()", 0, "5", "1"),
    ("m", "main", "undropped", "id-undropped", "current_timestamp()", 1, "5", "1"),
    ("m", "main", "undropped", "id-undropped", "NULL", 0, "6", "1"),
    ("m", "main", "stale", "id-stale", "NULL", 40, "5", "1"),
    ("other", "main", "elsewhere", "id-elsewhere", "NULL", 0, "5", "1"),
    ("m", "o''clock", "t", "id-quoted", "NULL", 0, "8", "1"),
]

# metastore, catalog, schema, name, by, days ago
_LINEAGE: Final = [
    ("m", "'main'", "'s'", "'t'", "'ann'", 0),
    ("m", "'main'", "'s'", "'t'", "'ann'", 3),
    ("m", "'main'", "'s'", "'t'", "'bob'", 5),
    ("m", "'main'", "'s'", "'t'", "NULL", 5),
    ("m", "'main'", "'s'", "'t'", "'scanner'", 5),
    ("m", "'main'", "'s'", "'t'", "'ann'", 40),
    ("other", "'main'", "'s'", "'t'", "'ann'", 1),
    ("m", "NULL", "NULL", "NULL", "'ann'", 1),
    ("m", "'main'", "'s'", "'ours'", "'scanner'", 1),
]


@pytest.fixture(scope="module")
def run(spark: Any) -> Iterator[Callable[[Statement], Rows]]:  # noqa: ANN401 -- pyspark is untyped here
    """Make the system tables, and yield a `Run` over them."""
    before = spark.conf.get(_PASSED_ON)
    spark.conf.set(_PASSED_ON, "true")
    for schema in ("sys_storage", "sys_access", "sys_information_schema"):
        spark.sql(f"CREATE DATABASE {schema}")
    history = " UNION ALL ".join(
        f"SELECT '{metastore}' AS metastore_id, '{catalog}' AS catalog_name, 's' AS schema_name, "
        f"'{name}' AS table_name, '{table_id}' AS table_id, "
        f"CAST({dropped} AS TIMESTAMP) AS table_dropped_time, "
        "true AS predictive_optimization_enabled, "
        f"{_TODAY} - INTERVAL {days} DAYS AS snapshot_date, "
        f"CAST({size} AS BIGINT) AS active_bytes, CAST({files} AS BIGINT) AS active_files"
        for metastore, catalog, name, table_id, dropped, days, size, files in _HISTORY
    )
    lineage = " UNION ALL ".join(
        f"SELECT '{metastore}' AS metastore_id, CAST({catalog} AS STRING) AS source_table_catalog, "
        f"CAST({schema} AS STRING) AS source_table_schema, "
        f"CAST({name} AS STRING) AS source_table_name, CAST({by} AS STRING) AS created_by, "
        f"{_TODAY} - INTERVAL {days} DAYS AS event_date, "
        f"CAST({_TODAY} - INTERVAL {days} DAYS AS TIMESTAMP) AS event_time"
        for metastore, catalog, schema, name, by, days in _LINEAGE
    )
    tags = {
        "catalog_tags": "'main' AS catalog_name, 'a' AS tag_name, '1' AS tag_value",
        "schema_tags": "'main' AS catalog_name, 's' AS schema_name, 'b' AS tag_name, "
        "'2' AS tag_value",
        "table_tags": "'main' AS catalog_name, 's' AS schema_name, 't' AS table_name, "
        "'a' AS tag_name, CAST(NULL AS STRING) AS tag_value",
    }
    _make(spark, "sys_storage.table_metrics_history", history)
    _make(spark, "sys_access.table_lineage", lineage)
    for name, columns in tags.items():
        _make(spark, f"sys_information_schema.{name}", f"SELECT {columns}")

    def answer(statement: Statement) -> Rows:
        text = re.sub(r"\bsystem\.(\w+)\.", r"sys_\1.", statement.text)
        arguments = {parameter.name: parameter.value for parameter in statement.parameters}
        frame = spark.sql(text, args=arguments)
        return Rows(
            columns=tuple(frame.columns),
            rows=tuple(tuple(_shown(value) for value in row) for row in frame.collect()),
        )

    yield answer
    for schema in ("sys_storage", "sys_access", "sys_information_schema"):
        spark.sql(f"DROP DATABASE {schema} CASCADE")
    spark.conf.set(_PASSED_ON, before)


def _make(spark: Any, name: str, select: str) -> None:  # noqa: ANN401 -- pyspark is untyped here
    spark.sql(f"CREATE TABLE {name} USING parquet AS {select}")


def _shown(value: object) -> str | None:
    """Write a value as the Statement Execution API does: text, times in ISO 8601 and UTC."""
    if value is None:
        return None
    return f"{value.isoformat()}Z" if hasattr(value, "hour") else str(value)  # type: ignore[attr-defined]  # a datetime


def _loaded(lookup: Lookup, run: Callable[[Statement], Rows], *catalogs: str) -> Any:  # noqa: ANN401 -- the lookup as it came
    for answer in lookup.load(run, catalogs):
        lookup.take(answer)
    return lookup


@pytest.mark.parametrize("most_rows", [1000, 1], ids=["one statement", "by catalog"])
def test_history_gives_the_latest_size_by_id(
    run: Callable[[Statement], Rows], most_rows: int
) -> None:
    history = _loaded(MetricsHistory("m", most_rows=most_rows), run, "main", "o'clock")
    sizes = {
        name: history.apply(table(catalog, name, table_id=f"id-{name}")).size
        for catalog, name in [("main", n) for n in ("grown", "not_yet", "never", "empty")]
        + [("main", n) for n in ("dropped", "undropped", "stale", "elsewhere")]
        + [("o'clock", "quoted")]
    }
    known = {name: size.bytes for name, size in sizes.items() if size.bytes is not UNSET}
    assert known == {"grown": 30, "not_yet": 7, "empty": 0, "undropped": 6, "quoted": 8}
    assert sizes["grown"].files == 3
    grown = history.apply(table(name="grown", table_id="id-grown"))
    assert grown.predictive_optimization.enabled is True
    assert sizes["not_yet"].files is UNSET
    assert sizes["not_yet"].as_of < sizes["grown"].as_of
    assert sorted(name for _, _, name, _ in history.known()) == [
        *("empty", "grown", "never", "not_yet", "t", "undropped"),
    ]
    why = history.apply(table(name="never", table_id="id-never")).evidence["size"]
    assert "NULL" in why.reason


def test_lineage_counts_others_reads_within_the_window(run: Callable[[Statement], Rows]) -> None:
    lineage = _loaded(TableLineage("m", "scanner"), run, "main")
    access = lineage.apply(table()).access
    assert (access.reads, access.readers) == (4, 2)
    assert isinstance(access.last_read_at, str)
    assert lineage.apply(table(name="ours")).access.reads is UNSET


def test_tags_are_read_from_all_three_levels(run: Callable[[Statement], Rows]) -> None:
    tags = _loaded(Tags(), run, "main")
    assert tags.apply(table()).tags == {"a": "", "b": "2"}
    assert tags.apply(table(name="u")).tags == {"a": "1", "b": "2"}


def test_checks_of_system_tables_are_understood(run: Callable[[Statement], Rows]) -> None:
    lines = list(system_tables(run, "m", Asker()))
    assert [line.state for line in lines] == ["ok", "ok", "ok"]
    assert "7 tables" in lines[0].what
    assert "3 are visible" in lines[2].what


def test_describe_detail_of_a_real_table_is_read(spark: Any) -> None:  # noqa: ANN401 -- pyspark is untyped here
    """The columns of DESCRIBE DETAIL are Delta's; a renamed one would be unknown for ever."""
    spark.sql("CREATE TABLE default.described (id BIGINT) USING delta CLUSTER BY (id)")
    spark.sql("INSERT INTO default.described VALUES (1)")

    def detail(statement: Statement) -> Rows:
        assert statement.text == "DESCRIBE DETAIL `main`.`s`.`t`"
        frame = spark.sql("DESCRIBE DETAIL default.described")
        parts = frame.selectExpr(
            *(
                f"to_json({name}) AS {name}" if kind.startswith(("array", "map")) else name
                for name, kind in frame.dtypes
            )
        )
        return Rows(
            columns=tuple(parts.columns),
            rows=tuple(tuple(_shown(value) for value in row) for row in parts.collect()),
        )

    document = describe(table(), detail, "2026-11-23T05:10:00Z")
    spark.sql("DROP TABLE default.described")
    assert isinstance(document.size.bytes, int)
    assert document.size.bytes > 0
    assert document.size.files == 1
    unknown = {
        name
        for name in document.detail.__struct_fields__
        if getattr(document.detail, name) is UNSET
    }
    # The last two are columns of Databricks alone.
    assert unknown <= {"description", "cluster_by_auto", "statistics"}
    assert document.detail.clustering_columns == ["id"]
