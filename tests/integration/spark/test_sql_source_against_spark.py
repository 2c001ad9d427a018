"""SQL files against real Spark: what a file is read as is what the catalog has once it has run.

Compared is what a plan can know: columns, comment, format, kind, and the properties that the
statements set or might have set. Delta's own properties (protocol, features) are the catalog's.
"""

# ruff: noqa: ANN401, ISC004 -- pyspark is untyped here; a statement on two lines is plain to see

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Column, TableDocument
from lakewarden_collector.sources.databricks.listing.documents import table_document
from lakewarden_collector.sources.sql import SqlSource
from lakewarden_collector.sources.sql.data_types import DECLARED
from tests.workspace.estate import Json, SqlError
from tests.workspace.spark_estate import SparkEstate

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_OWN: Final = ("delta.", "option.serialization", "Type")
_CONSTRAINT: Final = "delta.constraints."
_NUMBERS: Final = count()


def _agree(
    spark: Any, folder: Path, statements: Sequence[str], *, choose: bool = False, before: int = 0
) -> int:
    """Have Spark run the statements, and compare; return how many of the file's it ran.

    `{t}` is the table, `{dir}` an empty folder. `choose` leaves out what Spark refuses; else it
    refuses nothing. What the first statements, `before` in number, made is known; the file is the
    others.
    """
    name = f"t{next(_NUMBERS)}"
    texts = [
        text.replace("{t}", f"main.ddl.{name}").replace("{dir}", f"file:{folder}/{name}")
        for text in statements
    ]
    with SparkEstate(spark) as estate:
        estate.execute("CREATE SCHEMA main.ddl", {})
        ran: list[str] = []
        existing: Sequence[Json] = ()
        for at, text in enumerate(texts):
            if at == before:
                ran, existing = [], estate.tables("main", "ddl")
            try:
                estate.execute(text, {})
            except SqlError as error:
                if not choose:
                    pytest.fail(f"{error}\n{texts}")
            else:
                ran.append(text)
        made = {info["name"]: info for info in estate.tables("main", "ddl")}
    file = folder / f"{name}.sql"
    file.write_text(";\n".join([*ran, "SELECT 1"]), encoding="utf-8")
    known = {info["full_name"]: table_document(info)[0] for info in existing}
    planned = list(SqlSource(str(file), known=known.get).tables())
    assert made, texts
    untouched = {info["name"] for info in existing if made.get(info["name"]) == info}
    for table in planned:
        assert isinstance(table, TableDocument), (table, ran)
        _compare(table, made[table.name], ran, existing)
        untouched.discard(table.name)
    assert {each.name for each in planned if isinstance(each, TableDocument)} == (
        made.keys() - untouched
    ), (planned, ran)
    return len(ran)


def _compare(
    table: TableDocument, info: Mapping[str, Any], ran: Sequence[str], existing: Sequence[Json]
) -> None:
    """Compare a planned table with what the catalog has; what is absent says why."""
    found: dict[str, object] = {
        "table_type": info["table_type"],
        "data_source_format": info["data_source_format"],
        "comment": info.get("comment", ""),
        "owner": info["owner"],
    }
    if info["table_type"] == "EXTERNAL":  # Spark moves a managed table where it is renamed
        found["storage_location"] = info["storage_location"]
    for key, value in found.items():
        planned = getattr(table, key)
        if planned is UNSET:
            assert table.evidence[key].status == "known_after_apply", (key, ran)
        else:
            assert planned == value, (key, ran)
    planned_properties, properties = (
        _properties(each) for each in (table.properties or {}, info["properties"])
    )
    if "properties.*" in table.evidence:
        assert planned_properties.items() <= properties.items(), ran
    else:
        assert planned_properties == properties, ran
    asked = {item for item in (table.properties or {}).items() if "delta." in item[0]}
    asked -= {item for each in existing for item in each["properties"].items()}  # Delta's own
    assert asked <= info["properties"].items(), ran
    if table.columns is UNSET:
        assert table.evidence["columns"].status == "known_after_apply", ran
    else:
        assert _planned(table.columns) == _made(info["columns"]), ran


def _planned(columns: Sequence[Column]) -> Sequence[object]:
    return [
        (
            column.name,
            column.type_text,
            column.nullable,
            column.comment,
            None if column.partition_index is UNSET else column.partition_index,
            _stored(json.loads(column.type_json or "{}")),
        )
        for column in columns
    ]


def _made(columns: Sequence[Mapping[str, Any]]) -> Sequence[object]:
    return [
        (
            column["name"],
            column["type_text"],
            column["nullable"],
            column.get("comment", ""),
            column.get("partition_index"),
            _stored(json.loads(column["type_json"])),
        )
        for column in columns
    ]


def _stored(column: Mapping[str, Any]) -> object:
    """Leave out what Delta notes beside: what types were once, and `varchar` inside of others.

    Inside, Delta writes it only once a column of such a type was renamed.
    """
    noted = {key: value for key, value in column["metadata"].items() if key != _TYPES_WERE}
    return {**column, "metadata": noted, "type": _undeclared(column["type"])}


def _undeclared(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _undeclared(value)
            for key, value in part.items()
            if key not in (DECLARED, _TYPES_WERE)
        }
    return [_undeclared(each) for each in part] if isinstance(part, list) else part


_TYPES_WERE: Final = "delta.typeChanges"


def _properties(properties: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in properties.items()
        if not key.startswith(_OWN) or key.startswith(_CONSTRAINT)
        # Spark writes that a table that was clustered has no keys any more.
        if not (key == "clusteringColumns" and value == "[]")
    }


_MAPPED: Final = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
_DEFAULTS: Final = "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')"

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
    "like": (
        "CREATE TABLE {t} (a INT NOT NULL COMMENT 'x', b STRING) PARTITIONED BY (b) COMMENT 'x'",
        "CREATE TABLE main.ddl.same LIKE {t}",
        "CREATE TABLE main.ddl.more LIKE {t} TBLPROPERTIES (z = 2)",
    ),
    "clones": (
        "CREATE TABLE {t} (a INT NOT NULL COMMENT 'x', b STRING) CLUSTER BY (a) COMMENT 'x'"
        " TBLPROPERTIES (q = 1)",
        "CREATE TABLE main.ddl.shallow SHALLOW CLONE {t} TBLPROPERTIES (z = 2)",
        "CREATE TABLE main.ddl.over (z INT) COMMENT 'stays' TBLPROPERTIES (goes = 1)",
        "CREATE OR REPLACE TABLE main.ddl.over SHALLOW CLONE {t}",
        "CREATE TABLE IF NOT EXISTS main.ddl.over SHALLOW CLONE main.ddl.shallow",
    ),
    "queries": (
        "CREATE TABLE {t} CLUSTER BY (a) COMMENT 'x' TBLPROPERTIES (q = 1) AS SELECT 1 AS a",
        "CREATE TABLE main.ddl.laid PARTITIONED BY (b) AS SELECT 1 AS a, 'x' AS b",
        "ALTER TABLE {t} ADD COLUMN c INT",
    ),
    "defaults": (
        "CREATE TABLE {t} (a INT DEFAULT 1 + 2 COMMENT 'x', b STRING DEFAULT  'y' NOT NULL, c INT)"
        f" {_DEFAULTS}",
        "ALTER TABLE {t} ALTER COLUMN c SET DEFAULT 7  /* s */ + 1",
        "ALTER TABLE {t} ALTER COLUMN b DROP DEFAULT",
    ),
    "generated": (
        "CREATE TABLE {t} (a TIMESTAMP, d DATE COMMENT 'x' GENERATED ALWAYS AS (CAST(a  AS DATE)))",
    ),
    "identities": (
        "CREATE TABLE {t} (a BIGINT GENERATED ALWAYS AS IDENTITY, b BIGINT GENERATED BY DEFAULT AS"
        " IDENTITY (START WITH -5 INCREMENT BY 2), c BIGINT GENERATED ALWAYS AS IDENTITY"
        " (INCREMENT BY 3))",
    ),
    "checks": (
        "CREATE TABLE {t} (a INT)",
        "ALTER TABLE {t} ADD CONSTRAINT Pos CHECK (a  >  0)",
        "ALTER TABLE {t} ADD CONSTRAINT q CHECK (a < 9)",
        "ALTER TABLE {t} DROP CONSTRAINT IF EXISTS Q",
    ),
    "types changed": (
        "CREATE TABLE {t} (a INT, c SMALLINT, d DECIMAL(5,2), v VARCHAR(3) COMMENT 'x', w CHAR(2))"
        " TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        "ALTER TABLE {t} ALTER COLUMN a TYPE BIGINT",
        "ALTER TABLE {t} CHANGE COLUMN c c INT COMMENT 'y'",
        "ALTER TABLE {t} ALTER COLUMN d TYPE DECIMAL(9,2)",
        "ALTER TABLE {t} ALTER COLUMN v TYPE VARCHAR(9)",
    ),
    "columns replaced": (
        "CREATE TABLE {t} (a INT, b STRING)",
        "ALTER TABLE {t} REPLACE COLUMNS (a INT COMMENT 'z', b STRING, c STRUCT<d: INT>)",
    ),
    "inner columns": (
        f"CREATE TABLE {{t}} (s STRUCT<x: INT, y: ARRAY<STRUCT<z: INT, k: INT>>>) {_MAPPED}",
        "ALTER TABLE {t} DROP COLUMN s.y.element.z",
        "ALTER TABLE {t} ADD COLUMN s.y.element.n STRING COMMENT 'x' FIRST",
        "ALTER TABLE {t} RENAME COLUMN s.y.element.k TO kk",
        "ALTER TABLE {t} ALTER COLUMN s.x COMMENT ''",
    ),
    "inner strings": (
        "CREATE TABLE {t} (s STRUCT<v: VARCHAR(3), w: INT>, q STRUCT<v: CHAR(3), w: INT>)"
        f" {_MAPPED}",
        "ALTER TABLE {t} ADD COLUMN s.x VARCHAR(4) COMMENT 'x'",
        "ALTER TABLE {t} DROP COLUMN q.w",
        "ALTER TABLE {t} ADD COLUMN n STRUCT<y: CHAR(2), b: ARRAY<VARCHAR(3)>>",
        "ALTER TABLE {t} ALTER COLUMN n COMMENT 'x'",  # of q, Spark would bring back q.w
    ),
    "types held": (
        "CREATE TABLE {t} (c MAP<STRING, ARRAY<INT>>, d STRUCT<e: SMALLINT>)"
        " TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        "ALTER TABLE {t} ALTER COLUMN c.value.element TYPE BIGINT",
        "ALTER TABLE {t} ALTER COLUMN d.e TYPE INT",
    ),
    "located": (
        "CREATE TABLE {t} (a INT, b INT) LOCATION '{dir}'",
        "CREATE TABLE main.ddl.again LOCATION '{dir}'",
        "DROP TABLE {t}",
    ),
    "owners": (
        "CREATE TABLE {t} (a INT)",
        "CREATE TABLE main.ddl.other (a INT)",
        "ALTER TABLE {t} SET OWNER TO `some team`",
        "ALTER TABLE main.ddl.other OWNER TO x",
    ),
    "automatic": (
        "CREATE TABLE {t} (a INT) CLUSTER BY AUTO",
        "CREATE TABLE main.ddl.chosen (a INT) CLUSTER BY AUTO",
        "ALTER TABLE main.ddl.chosen CLUSTER BY (a)",
        "CREATE TABLE main.ddl.later (a INT) CLUSTER BY (a)",
        "ALTER TABLE main.ddl.later CLUSTER BY AUTO",
        "CREATE TABLE main.ddl.never (a INT) CLUSTER BY AUTO",
        "ALTER TABLE main.ddl.never CLUSTER BY NONE",
    ),
    "laid out again": (
        "CREATE TABLE {t} (a INT, p INT) PARTITIONED BY (p) COMMENT 'x'",
        "CREATE OR REPLACE TABLE {t} (a INT, p INT) CLUSTER BY (p)",
        "CREATE OR REPLACE TABLE main.ddl.new USING delta PARTITIONED BY (a) AS SELECT 1 a, 2 b",
    ),
    "a comment that goes on": ("CREATE TABLE {t} (a INT -- x; \\\n , b INT\n, c INT)",),
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


_CHANGES: Final = (
    "ADD COLUMN n STRUCT<a: INT, b: ARRAY<STRUCT<q: VARCHAR(3)>>> COMMENT 'new' FIRST",
    "ADD COLUMNS (l INT, m STRING AFTER l)",
    "ADD COLUMN n.c INT AFTER a",
    "RENAME COLUMN c0 TO R",
    "RENAME COLUMN n.b TO `b b`",
    "RENAME COLUMN R TO `r.r`",
    "DROP COLUMN c1",
    "DROP COLUMNS (n.a, l)",
    "ALTER COLUMN c0 COMMENT 'x; --'",
    "ALTER COLUMN c1 FIRST",
    "ALTER COLUMN c0 AFTER c1",
    "ALTER COLUMN c0 DROP NOT NULL",
    "ALTER COLUMN c0 TYPE BIGINT",
    "ALTER COLUMN c1 TYPE VARCHAR(9)",
    "ALTER COLUMN c1 SET DEFAULT  NULL",
    "ALTER COLUMN c1 DROP DEFAULT",
    "ADD CONSTRAINT Some CHECK (c0 IS NOT NULL)",
    "DROP CONSTRAINT IF EXISTS some",
    "CLUSTER BY NONE",
    "CLUSTER BY (c1)",
    "CLUSTER BY (n.a, C0)",
    "CLUSTER BY AUTO",
    "UNSET TBLPROPERTIES IF EXISTS (a, z)",
    "SET TBLPROPERTIES (a = 'other', e = 2)",
    "SET OWNER TO `a team`",
    "RENAME TO main.ddl.elsewhere",
)
_OTHERS: Final = (
    "COMMENT ON TABLE {t} IS 'other'",
    "COMMENT ON TABLE {t} IS NULL",
    "CREATE OR REPLACE TABLE {t} (C0 INT COMMENT 'again', C1 STRING) CLUSTER BY (C0)",
    "CREATE TABLE IF NOT EXISTS {t} (C0 INT, c1 DATE) COMMENT 'perhaps'",
    "CREATE TABLE main.ddl.likened LIKE {t}",
    "CREATE OR REPLACE TABLE main.ddl.cloned SHALLOW CLONE {t} TBLPROPERTIES (e = 3)",
    "CREATE OR REPLACE TABLE {t} SHALLOW CLONE main.ddl.cloned",
    "CREATE TABLE main.ddl.queried CLUSTER BY (c0) AS SELECT c0 FROM {t}",
    "CREATE OR REPLACE TABLE {t} AS SELECT 1 AS c0, 'x' AS c1",
    "DROP TABLE {t}",
    "DROP TABLE IF EXISTS main.ddl.likened",
    "ALTER TABLE main.ddl.elsewhere RENAME TO {t}",
    "ALTER TABLE main.ddl.cloned ADD COLUMN more INT",
)


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
    allowed = f"{_MAPPED[:-1]}, {_DEFAULTS.removeprefix('TBLPROPERTIES (')[:-1]}, {listed})"
    made = f"CREATE TABLE {{t}} ({', '.join(columns)}) {allowed}{layout}"
    comment = draw(st.one_of(st.just(""), _TEXTS.map(" COMMENT {}".format)))
    changes = st.one_of(
        st.sampled_from(_CHANGES).map("ALTER TABLE {{t}} {}".format), st.sampled_from(_OTHERS)
    )
    return [made + comment, *draw(st.lists(changes, min_size=2, max_size=7))]


@pytest.mark.nightly
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(statements=_scripts(), before=st.sampled_from([0, 0, 1, 2, 4]))
def test_any_file_says_what_the_catalog_has_once_it_has_run(
    statements: Sequence[str], before: int, spark: Any, tmp_path: Path
) -> None:
    """What Spark refuses is left out; the first statements may have run before the file does."""
    ran = _agree(spark, tmp_path, [*statements, _LAST], choose=True, before=before)
    event(f"{ran} statements of the file, {'some' if before else 'none'} before it")


_LAST: Final = "CREATE TABLE main.ddl.last (a INT)"
"""There is a table to compare, whatever was dropped."""
