"""SQL files against real Spark: what a file is read as is what the catalog has once it has run.

Compared is what a plan can know: columns, comment, format, kind, and the properties that the
statements set or might have set. Delta's own properties (protocol, features) are the catalog's.
"""

# ruff: noqa: ANN401 -- pyspark is untyped here

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.sql import SqlSource
from lakewarden_collector.sources.sql.data_types import DECLARED
from tests.workspace.estate import SqlError
from tests.workspace.spark_estate import SparkEstate

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_OWN: Final = ("delta.", "clusterByAuto", "option.serialization", "Type")
_NUMBERS: Final = count()


def _agree(spark: Any, folder: Path, statements: Sequence[str]) -> None:
    """Have Spark run the statements, and compare; `{t}` is the table."""
    name = f"t{next(_NUMBERS)}"
    texts = [text.replace("{t}", f"main.ddl.{name}") for text in statements]
    file = folder / f"{name}.sql"
    file.write_text(";\n".join(texts), encoding="utf-8")
    (planned,) = SqlSource(str(file)).tables()
    with SparkEstate(spark) as estate:
        estate.execute("CREATE SCHEMA main.ddl", {})
        try:
            for text in texts:
                estate.execute(text, {})
        except SqlError as error:
            pytest.fail(f"{error}\n{texts}")
        made = estate.table("main", "ddl", name)
    assert isinstance(planned, TableDocument), (planned, texts)
    assert _planned(planned) == _made(made), texts


def _planned(table: TableDocument) -> Mapping[str, object]:
    columns = [] if table.columns is UNSET else table.columns
    return {
        "table_type": table.table_type,
        "format": table.data_source_format,
        "comment": table.comment,
        "properties": _properties(table.properties or {}),
        "columns": None
        if table.columns is UNSET
        else [
            (
                column.name,
                column.type_text,
                column.nullable,
                column.comment,
                None if column.partition_index is UNSET else column.partition_index,
                _stored(json.loads(column.type_json or "{}")),
            )
            for column in columns
        ],
    }


def _made(info: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "table_type": info["table_type"],
        "format": info["data_source_format"],
        "comment": info.get("comment", ""),
        "properties": _properties(info["properties"]),
        "columns": [
            (
                column["name"],
                column["type_text"],
                column["nullable"],
                column.get("comment", ""),
                column.get("partition_index"),
                _stored(json.loads(column["type_json"])),
            )
            for column in info["columns"]
        ],
    }


def _stored(part: Any) -> Any:
    """Leave out what `type_text` says: after a renaming Delta writes it into nested fields too."""
    if isinstance(part, dict):
        return {key: _stored(value) for key, value in part.items() if key != DECLARED}
    return [_stored(each) for each in part] if isinstance(part, list) else part


def _properties(properties: Mapping[str, str]) -> Mapping[str, object]:
    return {
        key: json.loads(value) if key == "clusteringColumns" else value
        for key, value in properties.items()
        # Spark writes that a table that was clustered has no keys any more.
        if not key.startswith(_OWN) and not (key == "clusteringColumns" and value == "[]")
    }


_MAPPED: Final = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"

SCRIPTS: Final[Mapping[str, Sequence[str]]] = {
    "types": (
        (
            "CREATE TABLE {t} (a TINYINT, b SMALLINT, c INT, d BIGINT, e FLOAT, f DOUBLE,"
            " g DECIMAL, h DECIMAL(7), i DECIMAL(38, 9), j STRING, k VARCHAR(7), l CHAR(3),"
            " m BINARY, n BOOLEAN, o DATE, p TIMESTAMP, r TIMESTAMP_NTZ, s ARRAY<MAP<STRING, INT>>,"
            " t STRUCT<a: INT NOT NULL COMMENT 'x', bc: STRUCT<d INT>>, u REAL, v INTEGER,"
            " w LONG, x BYTE, y SHORT, z NUMERIC(4, 1))"
        ),
    ),
    "escapes": (
        (
            r"CREATE TABLE {t} (a INT COMMENT 'it''s', b INT COMMENT 'a\tb\\c\'d', c INT COMMENT "
            r'"say ""x"" \u00e9 \101", d INT COMMENT r'
            r"'a\nb', e INT COMMENT 'one' ' two', f INT COMMENT '50\% \_') COMMENT 'ü; -- no /* c'"
        ),
    ),
    "properties": (
        (
            "CREATE TABLE {t} (a INT) TBLPROPERTIES ('x' = 'Y', b.c = true, d = 1.50, 'e f' 'g',"
            " h.i = FALSE, `k l`.m = 7)"
        ),
        "ALTER TABLE {t} SET TBLPROPERTIES (n = 'o', x = '')",
        "ALTER TABLE {t} UNSET TBLPROPERTIES IF EXISTS ('d', nothing)",
        "ALTER TABLE {t} UNSET TBLPROPERTIES ('e f')",
    ),
    "comments": (
        "CREATE TABLE {t} (a INT, b STRUCT<c: INT>) COMMENT 'x'",
        "COMMENT ON TABLE {t} IS 'y'",
        "ALTER TABLE {t} ALTER COLUMN b.c COMMENT 'inner'",
        "ALTER TABLE {t} CHANGE COLUMN a a INT COMMENT 'outer'",
    ),
    "comment as property": (
        "CREATE TABLE {t} (a INT) COMMENT 'x'",
        "ALTER TABLE {t} SET TBLPROPERTIES ('comment' = 'y')",
    ),
    "no comment": ("CREATE TABLE {t} (a INT) COMMENT 'x'", "COMMENT ON TABLE {t} IS NULL"),
    "columns": (
        f"CREATE TABLE {{t}} (a INT, b STRUCT<c: INT>, d DATE NOT NULL) {_MAPPED}",
        "ALTER TABLE {t} ADD COLUMNS (e INT COMMENT 'x' AFTER A, b.f STRING FIRST, g INT FIRST)",
        "ALTER TABLE {t} RENAME COLUMN a TO `a b`",
        "ALTER TABLE {t} RENAME COLUMN b.c TO cc",
        "ALTER TABLE {t} DROP COLUMN e",
        "ALTER TABLE {t} DROP COLUMNS (b.f)",
        "ALTER TABLE {t} ALTER COLUMN d DROP NOT NULL",
        "ALTER TABLE {t} ALTER COLUMN d FIRST",
        "ALTER TABLE {t} ADD COLUMN z INT",
    ),
    "clustering": (
        f"CREATE TABLE {{t}} (a INT, b STRUCT<c: INT>) CLUSTER BY (a, b.c) {_MAPPED}",
        "ALTER TABLE {t} RENAME COLUMN a TO x",
    ),
    "clustered later": ("CREATE TABLE {t} (a INT, b INT)", "ALTER TABLE {t} CLUSTER BY (b)"),
    "no longer clustered": (
        "CREATE TABLE {t} (a INT) CLUSTER BY (a)",
        "ALTER TABLE {t} CLUSTER BY NONE",
    ),
    "partitions": ("CREATE TABLE {t} (P INT, a INT) USING delta PARTITIONED BY (p)",),
    "typed partitions": ("CREATE TABLE {t} (a INT) PARTITIONED BY (p INT COMMENT 'x', q DATE)",),
    "parquet": ("CREATE TABLE {t} (p INT, a INT) USING parquet PARTITIONED BY (p) COMMENT 'x'",),
    "replaced": (
        "CREATE TABLE {t} (a INT) CLUSTER BY (a) TBLPROPERTIES (x = 1) COMMENT 'x'",
        "CREATE OR REPLACE TABLE {t} (b INT)",
        "CREATE TABLE IF NOT EXISTS {t} (c INT)",
    ),
    "dropped": (
        "CREATE TABLE {t} (a INT)",
        "DROP TABLE IF EXISTS {t}",
        "CREATE TABLE {t} (b INT)",
    ),
    "renamed": (
        "CREATE TABLE main.ddl.was (a INT) CLUSTER BY (a)",
        "ALTER TABLE main.ddl.was RENAME TO {t}",
    ),
}


_QUICK: Final = ("clustered later",)
"""What is run by day: a statement takes Spark half a second."""


@pytest.mark.parametrize(
    "script",
    [pytest.param(each, marks=() if each in _QUICK else pytest.mark.nightly) for each in SCRIPTS],
)
def test_a_file_says_what_the_catalog_has_once_it_has_run(
    script: str, spark: Any, tmp_path: Path
) -> None:
    _agree(spark, tmp_path, SCRIPTS[script])


_TYPES: Final = st.recursive(
    st.sampled_from(
        ["INT", "bigint", "Decimal(9,2)", "STRING", "DATE", "VARCHAR(5)", "BINARY", "timestamp"]
    ),
    lambda inner: st.one_of(
        inner.map("ARRAY<{}>".format),
        inner.map("MAP<STRING, {}>".format),
        st.tuples(inner, inner).map(lambda two: f"STRUCT<f: {two[0]} COMMENT 'in', G: {two[1]}>"),
    ),
    max_leaves=3,
)
_TEXTS: Final = st.text('aZ9 é-;*/"', max_size=8).map("'{}'".format)
_KEYABLE: Final = ("INT", "bigint", "Decimal(9,2)", "STRING", "DATE", "timestamp")


def _kept(data_type: str) -> bool:
    """Whether Delta keeps the comments in a type; beside `varchar` a renaming loses them."""
    return not ("VARCHAR" in data_type and "COMMENT" in data_type)


@st.composite
def _scripts(draw: st.DrawFn) -> Sequence[str]:
    types = draw(st.lists(_TYPES.filter(_kept), min_size=1, max_size=3))
    columns = [f"C{at} {each}" for at, each in enumerate(types)]
    columns = [
        column
        + draw(st.sampled_from(["", " NOT NULL"]))
        + draw(st.one_of(st.just(""), _TEXTS.map(" COMMENT {}".format)))
        for column in columns
    ]
    keys = [f"C{at}" for at, each in enumerate(types) if each in _KEYABLE]
    laid_out = ["", *(f" CLUSTER BY ({key})" for key in keys)]
    if len(types) > 1:
        laid_out += [f" PARTITIONED BY ({key})" for key in keys]
    layout = draw(st.sampled_from(laid_out))
    properties = draw(st.dictionaries(st.sampled_from(["a", "b.c", "D"]), _TEXTS, max_size=2))
    listed = ", ".join(f"{key} = {value}" for key, value in {**properties, "z": 1}.items())
    made = f"CREATE TABLE {{t}} ({', '.join(columns)}) {_MAPPED[:-1]}, {listed}){layout}"
    comment = draw(st.one_of(st.just(""), _TEXTS.map(" COMMENT {}".format)))
    changes = [
        "ALTER TABLE {t} ADD COLUMN n STRUCT<a: INT> COMMENT 'new' FIRST",
        "ALTER TABLE {t} RENAME COLUMN c0 TO R",
        "ALTER TABLE {t} UNSET TBLPROPERTIES IF EXISTS (a, z)",
        "ALTER TABLE {t} SET TBLPROPERTIES (a = 'other', e = 2)",
        "COMMENT ON TABLE {t} IS 'other'",
        "ALTER TABLE {t} ADD COLUMNS (l INT, m STRING AFTER l)",
    ]
    if "PARTITIONED" not in layout:
        changes.append("ALTER TABLE {t} CLUSTER BY NONE")
    return [made + comment, *draw(st.lists(st.sampled_from(changes), max_size=3, unique=True))]


@pytest.mark.nightly
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(statements=_scripts())
def test_any_file_says_what_the_catalog_has_once_it_has_run(
    statements: Sequence[str], spark: Any, tmp_path: Path
) -> None:
    _agree(spark, tmp_path, statements)
