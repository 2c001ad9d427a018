"""What Spark and Delta refuse fails as it does on a workspace, in the names that the user wrote.

The collector tells failures apart by SQLSTATE and error class. Were one of these to fail, it would
be tested against failures that no workspace has.
"""

# ruff: noqa: ANN401 -- pyspark is untyped

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.workspace.estate import Refused, SqlError
from tests.workspace.spark_estate import SparkEstate

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

ERRORS = {
    "DESCRIBE DETAIL main.sales.`no such`": (
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        "The table or view `main`.`sales`.`no such` cannot be found",
    ),
    "SELECT *\nFROM main.sales.nothing": ("42P01", "TABLE_OR_VIEW_NOT_FOUND", "line 2 pos 5"),
    "DESCRIBE DETAIL elsewhere.sales.t": (
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        "`elsewhere`.`sales`.`t`",
    ),
    "DESCRIBE DETAIL main.errors.v": (
        "42809",
        "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
        "`main`.`errors`.`v` is a view",
    ),
    "SELECT nope FROM main.errors.t": ("42703", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "`nope`"),
    "SELECT id FRO main.errors.t LIMIT": ("42601", "PARSE_SYNTAX_ERROR", "(line 1, pos 14)"),
    "CREATE TABLE main.errors.t (id int)": (
        "42P07",
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        "`main`.`errors`.`t`",
    ),
    "CREATE TABLE main.nowhere.t (id int)": ("42704", "SCHEMA_NOT_FOUND", "`main`.`nowhere`"),
    "CREATE SCHEMA elsewhere.s": ("42704", "NO_SUCH_CATALOG_EXCEPTION", "'elsewhere'"),
    "DROP SCHEMA main.errors": ("2BP01", "SCHEMA_NOT_EMPTY", "`main`.`errors`"),
    "ALTER TABLE main.errors.t CLUSTER BY (nope)": (
        "42703",
        "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA",
        "nope",
    ),
    "CREATE TABLE main.errors.five (a int, b int, c int, d int, e int) CLUSTER BY (a,b,c,d,e)": (
        "54000",
        "DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS",
        "4",
    ),
    "CREATE TABLE main.errors.both (a int, b int) PARTITIONED BY (a) CLUSTER BY (b)": (
        "42601",
        "_LEGACY_ERROR_TEMP_0035",
        "Clustering and partitioning cannot both be specified",
    ),
    "ALTER TABLE main.errors.nothing CLUSTER BY AUTO": (
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        "`main`.`errors`.`nothing`",
    ),
    "SELECT assert_true(id < 0) FROM main.errors.t": ("P0001", "USER_RAISED_EXCEPTION", "not true"),
    "SELECT :missing": ("42P02", "UNBOUND_SQL_PARAMETER", "missing"),
}


@pytest.fixture(scope="module")
def estate(spark: Any) -> Iterator[SparkEstate]:
    with SparkEstate(spark) as made:
        for schema in ("sales", "errors"):
            made.execute(f"CREATE SCHEMA main.{schema}", {})
        made.execute("CREATE TABLE main.errors.t AS SELECT id FROM range(1)", {})
        made.execute("CREATE VIEW main.errors.v AS SELECT * FROM main.errors.t", {})
        yield made


@pytest.mark.parametrize("sql", ERRORS)
def test_errors_have_sparks_class_and_the_users_names(sql: str, estate: SparkEstate) -> None:
    state, error_class, output = ERRORS[sql]
    with pytest.raises(SqlError) as failed:
        estate.execute(sql, {})

    assert (failed.value.sql_state, failed.value.error_class) == (state, error_class)
    message = str(failed.value)
    assert message.startswith(f"[{error_class}] ")
    assert output in message
    assert "__" not in message, "Spark's own name of a schema"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("elsewhere", "s", "t"), "CATALOG_DOES_NOT_EXIST"),
        (("main", "nowhere", "t"), "SCHEMA_DOES_NOT_EXIST"),
        (("main", "sales", "nothing"), "TABLE_DOES_NOT_EXIST"),
    ],
)
def test_what_is_not_there_is_refused_as_the_api_does(
    parts: tuple[str, str, str], code: str, estate: SparkEstate
) -> None:
    with pytest.raises(Refused) as refused:
        estate.table(*parts)
    assert (refused.value.status, str(refused.value.error_code)) == (404, code)
