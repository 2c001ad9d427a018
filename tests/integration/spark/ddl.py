"""Statements that Spark runs and the SQL source reads; `{t}` is the table, `{dir}` a folder."""

# ruff: noqa: ISC004 -- a statement on two lines is plain to see in a list of statements

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

MAPPED: Final = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
DEFAULTS: Final = "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')"

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
        f"CREATE TABLE {{t}} (a INT, b STRUCT<c: INT>, d DATE NOT NULL) {MAPPED}",
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
        f"CREATE TABLE {{t}} (a INT, b STRUCT<c: INT>) CLUSTER BY (a, b.c) {MAPPED}",
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
        f" {DEFAULTS}",
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
        f"CREATE TABLE {{t}} (s STRUCT<x: INT, y: ARRAY<STRUCT<z: INT, k: INT>>>) {MAPPED}",
        "ALTER TABLE {t} DROP COLUMN s.y.element.z",
        "ALTER TABLE {t} ADD COLUMN s.y.element.n STRING COMMENT 'x' FIRST",
        "ALTER TABLE {t} RENAME COLUMN s.y.element.k TO kk",
        "ALTER TABLE {t} ALTER COLUMN s.x COMMENT ''",
    ),
    "inner strings": (
        "CREATE TABLE {t} (s STRUCT<v: VARCHAR(3), w: INT>, q STRUCT<v: CHAR(3), w: INT>)"
        f" {MAPPED}",
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
        "CREATE TABLE main.ddl.moved (a INT, b INT) LOCATION '{dir}s'",
        "ALTER TABLE main.ddl.moved SET LOCATION '{dir}'",
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

CHANGES: Final = (
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
OTHERS: Final = (
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
