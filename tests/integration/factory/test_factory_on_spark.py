"""The table factory on real tables: what it writes is what a warehouse takes and keeps."""

# ruff: noqa: S608 -- statements of our own words

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factory.errors import FactoryError, Trouble
from tests.factory.factory import create
from tests.factory.naming import Run
from tests.factory.opening import provide
from tests.factory.specs import LARGE_ROWS, MIB, SMALL_ROWS, Spec
from tests.factory.sweep import sweep
from tests.factory.table_specs import EMPTY, EVERY_TYPE, LARGE, PARTITIONED, SMALL
from tests.factory.tables import Tables
from tests.factory.warehouse import Row, Warehouse
from tests.integration.factory.reaching import SCRATCH, client
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate

# What others stand on, and would fail by.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark"), pytest.mark.nightly]

MAPPED = (("delta.columnMapping.mode", "name"),)
"""With it Delta takes any name."""
STRANGE = Spec(
    "strange",
    "`a b` STRING, `c``d` SMALLINT, `# col_name` DECIMAL(1, 1), `e.f` DECIMAL(38, 0),"
    " g STRUCT<x: INT NOT NULL COMMENT 'a, b: `c`', `y z`: ARRAY<MAP<INT, DATE>>, `t``k`: BINARY>,"
    " `größe` MAP<STRUCT<n: STRING>, ARRAY<BOOLEAN>>",
    properties=MAPPED,
    over=0,
)


@pytest.fixture(scope="module")
def workspace(spark: Any) -> Iterator[Workspace]:  # noqa: ANN401 -- pyspark is untyped
    with SparkEstate(spark) as estate, Workspace(estate) as opened:
        provide(client(opened), SCRATCH)
        yield opened


@pytest.fixture(scope="module")
def warehouse(workspace: Workspace) -> Warehouse:
    return Warehouse(client(workspace), SCRATCH)


@pytest.fixture(scope="module")
def tables(workspace: Workspace) -> Iterator[Tables]:
    with Tables(client(workspace), SCRATCH) as made:
        made.make([EVERY_TYPE, STRANGE, PARTITIONED, LARGE, SMALL, EMPTY])
        yield made


def _ask(warehouse: Warehouse, sql: str) -> list[Row]:
    return warehouse.run(sql, about="a test")


def _columns(warehouse: Warehouse, table: str) -> dict[str, str]:
    rows = _ask(warehouse, f"DESCRIBE TABLE {table}")
    reported = [(str(row["col_name"]), str(row["data_type"])) for row in rows]
    return dict(
        reported[: next((i for i, (_, kind) in enumerate(reported) if not kind), len(reported))]
    )


@pytest.mark.parametrize("spec", [EVERY_TYPE, STRANGE], ids=lambda spec: spec.name)
def test_a_column_of_every_type_is_filled_in_every_row(
    tables: Tables, warehouse: Warehouse, spec: Spec
) -> None:
    """None is NULL: an insert that left one out would be noticed by nobody."""
    table = tables.of(spec).sql
    names = _columns(warehouse, table)
    quoted = ["`" + name.replace("`", "``") + "`" for name in names]
    counts = ", ".join(f"count({name})" for name in quoted)
    (row,) = _ask(warehouse, f"SELECT {counts} FROM {table}")
    assert list(row.values()) == [str(SMALL_ROWS)] * len(names)


def test_values_are_of_the_types_that_were_asked_for(tables: Tables, warehouse: Warehouse) -> None:
    (row,) = _ask(
        warehouse,
        "SELECT length(a) AS text, length(m) AS binary, size(n) AS array, size(o) AS map,"
        " size(p.y[0].z) AS nested, p.x IS NULL AS lost, k > '2020-01-01' AS now"
        f" FROM {tables.of(EVERY_TYPE).sql} LIMIT 1",
    )
    assert row == {
        "text": "36",
        "binary": "16",
        "array": "2",
        "map": "1",
        "nested": "1",
        "lost": "false",
        "now": "true",
    }


def test_texts_of_large_tables_are_all_different(tables: Tables, warehouse: Warehouse) -> None:
    """Repeated ones compress away, and a large table would be small."""
    table = tables.of(LARGE).sql
    (row,) = _ask(warehouse, f"SELECT count(DISTINCT text_0) AS texts FROM {table}")
    assert row == {"texts": str(LARGE_ROWS)}
    (row,) = _ask(warehouse, f"SELECT count(*) AS same FROM {table} WHERE text_0 = text_1")
    assert row == {"same": "0"}


def test_sizes_are_those_that_delta_tells(tables: Tables, warehouse: Warehouse) -> None:
    for spec in (LARGE, SMALL, EMPTY, PARTITIONED):
        made = tables.of(spec)
        (row,) = _ask(warehouse, f"DESCRIBE DETAIL {made.sql}")
        assert row["sizeInBytes"] == str(made.size)
    assert (tables.of(LARGE).size or 0) > MIB > (tables.of(SMALL).size or 0) > 0
    assert tables.of(EMPTY).size == 0


def test_a_large_table_is_large_however_it_is_compressed(
    workspace: Workspace, warehouse: Warehouse
) -> None:
    """Databricks compresses better than Spark does here."""
    _ask(warehouse, "SET spark.sql.parquet.compression.codec = zstd")
    try:
        with Tables(client(workspace), SCRATCH) as tables:
            tables.make([LARGE])
            compressed = tables.of(LARGE).size or 0
    finally:
        _ask(warehouse, "RESET spark.sql.parquet.compression.codec")
    # UUIDs as text have 36 characters, and 122 bits that no compression gets rid of.
    assert MIB < compressed < 36 * 6 * LARGE_ROWS * 0.7


def test_a_partitioned_table_has_few_partitions(tables: Tables, warehouse: Warehouse) -> None:
    table = tables.of(PARTITIONED).sql
    (row,) = _ask(warehouse, f"SELECT count(DISTINCT region) AS regions FROM {table}")
    assert row == {"regions": "4"}


@pytest.mark.parametrize(
    ("columns", "column", "kind"),
    [
        ("id INT, v VARIANT", "v", "variant"),
        ("id INT, `s t` STRUCT<a: ARRAY<VARIANT>>", "s t", "struct<a:array<variant>>"),
        (
            f"id INT, wide STRUCT<{', '.join(f'f{n}: INT' for n in range(40))}>",
            "wide",
            "15 more fields",
        ),
    ],
    ids=["variant", "nested variant", "a struct too wide to be printed"],
)
def test_a_type_that_cannot_be_filled_is_an_error_that_names_it(
    workspace: Workspace, columns: str, column: str, kind: str
) -> None:
    spec = Spec("odd", columns, properties=MAPPED)
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([spec])
        with pytest.raises(FactoryError, match=f"the column {column} has the type") as caught:
            tables.of(spec)
    assert kind in str(caught.value)


def test_a_statement_that_fails_is_told_in_the_workspaces_words(workspace: Workspace) -> None:
    five = Spec("five", "a INT, b INT, c INT, d INT, e INT", layout="CLUSTER BY (a, b, c, d, e)")
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([five])
        with pytest.raises(FactoryError, match="DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS") as caught:
            tables.of(five)
    assert caught.value.trouble is Trouble.FAILED
    assert "SQLSTATE 54000" in str(caught.value)
    assert "CLUSTER BY (a, b, c, d, e)" in str(caught.value)


def test_a_table_that_somebody_else_drops_is_told_as_gone(workspace: Workspace) -> None:
    dropped = replace(SMALL, name="dropped", after=("DROP TABLE {table}",))
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([dropped])
        with pytest.raises(FactoryError) as caught:
            tables.of(dropped)
    assert caught.value.trouble is Trouble.GONE


def test_tables_and_views_that_were_left_are_swept(
    workspace: Workspace, warehouse: Warehouse
) -> None:
    """A view is dropped by another statement than a table."""
    old = Run.begin(datetime(2026, 1, 1, tzinfo=UTC))
    view = Spec("a_view", view="SELECT 1 AS id")
    for spec in (Spec("a_table"), view):
        create(warehouse, SCRATCH, old.name(spec.name), spec)
    swept = sweep(client(workspace), SCRATCH)
    assert swept.failures == ()
    assert set(swept.names) == {old.name("a_table"), old.name("a_view")}
    assert sweep(client(workspace), SCRATCH).names == ()
