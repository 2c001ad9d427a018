"""The estate of real tables says what Spark says, in names of three levels.

The double's other answers can only repeat how we read the API. Were one of these to fail, tests
that run end to end against real tables would be judged by something else than those tables.
"""

# ruff: noqa: S608, ANN401, ISC004 -- statements of our own words; pyspark is untyped; lists of SQL

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from lakewarden_collector.names import spark_name
from tests.integration.databricks.spark_estate_tables import STRANGE, TABLES
from tests.integration.spark.specs import Spec
from tests.workspace.estate import Json, SqlError, Value
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_words import quoted

# What others stand on, and would fail by.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark"), pytest.mark.nightly]


@pytest.fixture(scope="module")
def estate(spark: Any) -> Iterator[SparkEstate]:
    with SparkEstate(spark) as made:
        made.execute("CREATE SCHEMA main.sales COMMENT 'what was sold'", {})
        yield made


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_describe_detail_and_clustering_are_sparks_own(
    spec: Spec, estate: SparkEstate, spark: Any
) -> None:
    name = f"main.sales.{spec.name}"
    for statement in spec.sql:
        estate.execute(statement.replace("{t}", name), {})

    (row,) = _rows(estate, f"DESCRIBE DETAIL {name}")
    own = spark.sql(f"DESCRIBE DETAIL {estate.spark_name('main', 'sales', spec.name)}")
    assert row.pop("clusterByAuto") == "false"
    assert _typed(row) == own.collect()[0].asDict() | {"name": name}

    info = estate.table("main", "sales", spec.name)
    keys = info["properties"].get("clusteringColumns")
    assert (None if keys is None else json.loads(keys)) == spec.keys
    declared = [] if spec.keys is None else [spark_name(key) for key in spec.keys]
    assert json.loads(row["clusteringColumns"] or "") == declared
    assert info["table_id"] == row["id"]
    assert info["properties"].items() >= json.loads(row["properties"] or "").items()
    _check_columns(info, spark.table(estate.spark_name("main", "sales", spec.name)), row)


@pytest.mark.parametrize("name", STRANGE, ids=lambda name: f"{name[:20]!a}")
def test_strange_names_survive(name: str, estate: SparkEstate) -> None:
    """A table whose name were cut or unquoted would be missing, or be taken for another."""
    table = quoted(name, name, name)
    estate.execute(f"CREATE CATALOG {quoted(name)}", {})
    estate.execute(f"CREATE SCHEMA {quoted(name, name)}", {})
    estate.execute(f"CREATE TABLE {table} (id bigint)", {})

    assert _rows(estate, f"SELECT {table}.id FROM {table}") == []
    assert [row["name"] for row in _rows(estate, f"DESCRIBE DETAIL {table}")] == [
        ".".join([name] * 3)
    ]
    assert name in [catalog["name"] for catalog in estate.catalogs()]
    assert name in [schema["name"] for schema in estate.schemas(name)]
    (listed,) = estate.tables(name, name)
    assert [listed[key] for key in ("catalog_name", "schema_name", "name")] == [name] * 3
    assert [row["tableName"] for row in _rows(estate, f"SHOW TABLES IN {quoted(name, name)}")] == [
        name
    ]
    with pytest.raises(SqlError) as failed:
        estate.execute(f"CREATE TABLE {table} (id bigint)", {})
    assert table in str(failed.value)

    estate.execute(f"DROP CATALOG {quoted(name)} CASCADE", {})
    with pytest.raises(SqlError, match=r"TABLE_OR_VIEW_NOT_FOUND"):
        estate.execute(f"DESCRIBE DETAIL {table}", {})


def test_listing_tells_kinds_of_tables_apart(
    estate: SparkEstate, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("external")
    for statement in (
        "CREATE SCHEMA main.kinds COMMENT 'all sorts'",
        "CREATE TABLE main.kinds.managed (id bigint NOT NULL COMMENT 'key', p int, v varchar(7))"
        " PARTITIONED BY (p) COMMENT 'a table' TBLPROPERTIES ('cluster_exclusion'='true')",
        f"CREATE TABLE main.kinds.external (id bigint) LOCATION '{folder}'",
        "CREATE TABLE main.kinds.parquet (id bigint, p int) USING parquet PARTITIONED BY (p)",
        "CREATE VIEW main.kinds.view AS SELECT id FROM main.kinds.managed",
        "ALTER TABLE main.kinds.managed OWNER TO `data people`",
    ):
        estate.execute(statement, {})
    found = {info["name"]: info for info in estate.tables("main", "kinds")}

    assert {name: (i["table_type"], i.get("data_source_format")) for name, i in found.items()} == {
        "managed": ("MANAGED", "DELTA"),
        "external": ("EXTERNAL", "DELTA"),
        "parquet": ("MANAGED", "PARQUET"),
        "view": ("VIEW", None),
    }
    managed = found["managed"]
    assert managed["owner"] == "data people"
    assert managed["comment"] == "a table"
    assert managed["full_name"] == "main.kinds.managed"
    assert managed["created_at"] <= managed["updated_at"]
    assert managed["properties"]["cluster_exclusion"] == "true"
    assert [
        [column.get(key) for key in ("name", "type_text", "nullable", "comment", "partition_index")]
        for column in managed["columns"]
    ] == [
        ["id", "bigint", False, "key", None],
        ["p", "int", True, None, 0],
        ["v", "varchar(7)", True, None, None],
    ]
    assert found["parquet"]["columns"][1]["partition_index"] == 0
    assert found["external"]["storage_location"].endswith(str(folder))
    assert found["view"]["view_definition"] == "SELECT id FROM `main`.`kinds`.`managed`"
    assert estate.table("MAIN", "Kinds", "View") == found["view"]
    assert ("kinds", "all sorts") in [(s["name"], s.get("comment")) for s in estate.schemas("main")]


def test_catalogs_and_schemas_come_and_go(estate: SparkEstate) -> None:
    assert [(c["name"], c["catalog_type"]) for c in estate.catalogs()] == [
        ("main", "MANAGED_CATALOG"),
        ("system", "SYSTEM_CATALOG"),
    ]
    estate.execute("CREATE CATALOG IF NOT EXISTS Extra", {})
    estate.execute("CREATE CATALOG IF NOT EXISTS extra", {})
    assert [schema["name"] for schema in estate.schemas("EXTRA")] == ["information_schema"]
    assert estate.tables("extra", "information_schema") == []
    estate.execute("CREATE SCHEMA extra.s", {})
    estate.execute("ALTER SCHEMA extra.s OWNER TO people", {})
    assert [s["owner"] for s in estate.schemas("extra")] == ["System user", "people"]
    with pytest.raises(SqlError, match="CATALOG_NOT_EMPTY"):
        estate.execute("DROP CATALOG extra", {})
    estate.execute("DROP SCHEMA extra.s", {})
    estate.execute("DROP CATALOG extra", {})
    estate.execute("DROP CATALOG IF EXISTS extra", {})
    for sql in ("DROP CATALOG extra", "CREATE SCHEMA extra.s", "ALTER CATALOG extra OWNER TO x"):
        with pytest.raises(SqlError, match="NO_SUCH_CATALOG_EXCEPTION"):
            estate.execute(sql, {})
    assert "extra" not in [catalog["name"] for catalog in estate.catalogs()]


def test_statements_of_many_threads_do_not_meet(estate: SparkEstate) -> None:
    """The double runs every statement in a thread of its own."""
    estate.execute("CREATE SCHEMA main.threads", {})

    def work(number: int) -> tuple[str | None, str | None]:
        name = f"main.threads.t{number}"
        estate.execute(f"CREATE TABLE {name} AS SELECT id FROM range(:n)", {"n": number})
        (row,) = _rows(estate, f"DESCRIBE DETAIL {name}")
        return row["name"], _rows(estate, f"SELECT count(*) AS n FROM {name}")[0]["n"]

    with ThreadPoolExecutor(6) as pool:
        assert [*pool.map(work, range(6))] == [(f"main.threads.t{n}", str(n)) for n in range(6)]


def test_automatic_clustering_is_recorded_and_given_up(estate: SparkEstate) -> None:
    """Spark has no CLUSTER BY AUTO; without it, automatic tables could not be tested."""
    name = "main.sales.automatic"

    def states() -> tuple[str | None, str | None]:
        properties = estate.table("main", "sales", "automatic")["properties"]
        (row,) = _rows(estate, f"DESCRIBE DETAIL {name}")
        assert row["clusterByAuto"] == properties.get("clusterByAuto", "false")
        return properties.get("clusterByAuto"), properties.get("clusteringColumns")

    estate.execute(f"CREATE TABLE {name} (id bigint, s string) CLUSTER BY AUTO", {})
    assert states() == ("true", "[]")
    estate.execute(f"ALTER TABLE {name} CLUSTER BY (id)", {})
    assert states() == (None, '[["id"]]')
    estate.execute(f"ALTER TABLE {name} CLUSTER BY AUTO", {})
    assert states() == ("true", '[["id"]]')
    estate.execute(f"ALTER TABLE {name} CLUSTER BY NONE", {})
    assert states() == (None, "[]")
    estate.execute(f"CREATE OR REPLACE TABLE {name} CLUSTER BY AUTO AS SELECT 1 AS id", {})
    assert states()[0] == "true"
    estate.execute(f"CREATE OR REPLACE TABLE {name} (id bigint)", {})
    assert states()[0] is None


def test_values_are_text_as_json_arrays_have_it(estate: SparkEstate) -> None:
    moment = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)
    parameters: dict[str, Value] = {"text": "it's", "number": 2**40, "at": moment}
    answer = estate.execute(
        "SELECT :text AS a, :number AS b, :at AS c, :at + INTERVAL 1 MICROSECOND AS d,"
        " date'2026-11-23' AS e, 1.50BD AS f, true AS g, NULL AS h, array('x', NULL) AS i,"
        " map('k', 1) AS j, named_struct('x', array(1.5D)) AS k, X'00ff' AS l, 2.0D AS m,"
        " tinyint(1) AS n, timestamp_ntz'2026-11-23 05:10:00' AS o",
        parameters,
    )

    (row,) = answer.rows
    assert dict(zip((column.name for column in answer.columns), row, strict=True)) == {
        "a": "it's",
        "b": str(2**40),
        "c": "2026-11-23T05:10:00.000Z",
        "d": "2026-11-23T05:10:00.000001Z",
        "e": "2026-11-23",
        "f": "1.50",
        "g": "true",
        "h": None,
        "i": '["x",null]',
        "j": '{"k":1}',
        "k": '{"x":[1.5]}',
        "l": "AP8=",
        "m": "2.0",
        "n": "1",
        "o": "2026-11-23T05:10:00.000",
    }
    assert [(column.type_name, column.type_text) for column in answer.columns][:6] == [
        ("STRING", "STRING"),
        ("LONG", "BIGINT"),
        ("TIMESTAMP", "TIMESTAMP"),
        ("TIMESTAMP", "TIMESTAMP"),
        ("DATE", "DATE"),
        ("DECIMAL", "DECIMAL(3,2)"),
    ]


def test_estates_on_one_spark_do_not_meet(estate: SparkEstate, spark: Any) -> None:
    """Tests share one Spark; their tables must not."""
    with SparkEstate(spark) as other:
        other.execute("CREATE SCHEMA main.sales", {})
        assert other.tables("main", "sales") == []
        assert "kinds" not in [schema["name"] for schema in other.schemas("main")]
    assert "sales" in [schema["name"] for schema in estate.schemas("main")]
    assert "sales" not in [schema["name"] for schema in other.schemas("main")]


def _rows(estate: SparkEstate, sql: str) -> list[dict[str, str | None]]:
    answer = estate.execute(sql, {})
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def _typed(row: dict[str, str | None]) -> dict[str, Any]:
    """Return DESCRIBE DETAIL's texts as the values that pyspark gives for them."""

    def value(name: str, text: str | None) -> Any:
        if text is None:
            return None
        if name in ("createdAt", "lastModified"):
            return datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
        if name in ("format", "id", "name", "description", "location"):
            return text
        return json.loads(text)

    return {name: value(name, text) for name, text in row.items()}


def _check_columns(info: Json, frame: Any, row: dict[str, str | None]) -> None:
    shown = json.loads(frame.schema.json())["fields"]
    assert [column["name"] for column in info["columns"]] == [field["name"] for field in shown]
    assert [json.loads(column["type_json"])["type"] for column in info["columns"]] == [
        field["type"] for field in shown
    ]
    assert [column["position"] for column in info["columns"]] == [*range(len(shown))]
    partitioned = {
        c["partition_index"]: c["name"] for c in info["columns"] if "partition_index" in c
    }
    assert [partitioned[index] for index in sorted(partitioned)] == json.loads(
        row["partitionColumns"] or ""
    )
