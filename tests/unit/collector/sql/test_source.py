"""SQL files as a source: which files, in which order, and what their statements leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import UNSET, structs

from lakewarden_collector.document import Column, TableDocument
from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.sql import SqlSource

Items = Mapping[str, TableDocument | Failure]
EXISTING = TableDocument(
    full_name="main.sales.old",
    catalog_name="main",
    schema_name="sales",
    name="old",
    table_type="MANAGED",
    data_source_format="DELTA",
    owner="team",
    comment="",
    properties={"delta.x": "1"},
    columns=[Column(name="id", type_text="bigint", comment="", nullable=True)],
)


_STREAM = (
    "CREATE OR REFRESH STREAMING TABLE t (a INT, CONSTRAINT x EXPECT (a > 0) ON VIOLATION DROP ROW)"
    "SCHEDULE EVERY 1 HOUR AS SELECT * FROM STREAM read_files('/x', format => 'csv')"
)
_REPARTITIONED = (
    "CREATE TABLE t (a INT) PARTITIONED BY (a);"
    "ALTER TABLE t REPLACE PARTITIONED BY WITH CLUSTER BY (a)"
)


def _source(folder: Path, files: Mapping[str, str]) -> SqlSource:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return SqlSource(str(folder), ("main", "sales"), {"main.sales.old": EXISTING}.get)


def _items(folder: Path, *texts: str) -> list[TableDocument | Failure]:
    return list(_source(folder, {f"V{at}.sql": text for at, text in enumerate(texts, 1)}).tables())


def _table(folder: Path, *texts: str) -> TableDocument:
    (table,) = _items(folder, *texts)
    assert isinstance(table, TableDocument), table
    return table


def _failure(folder: Path, *texts: str) -> Failure:
    (failure,) = _items(folder, *texts)
    assert isinstance(failure, Failure), failure
    return failure


def test_files_are_applied_in_the_natural_order_of_their_paths(tmp_path: Path) -> None:
    source = _source(
        tmp_path,
        {
            "V10__c.sql": "ALTER TABLE t SET TBLPROPERTIES ('a'='10')",
            "V2__b.sql": "ALTER TABLE t SET TBLPROPERTIES ('a'='2')",
            "v1__a.SQL": "\n\nCREATE TABLE t (id INT)",
            "notes.txt": "no SQL",
        },
    )
    (table,) = source.tables()
    assert isinstance(table, TableDocument)
    assert table.properties == {"a": "10"}
    assert table.definition.line == 3
    assert table.definition.file == str(tmp_path / "v1__a.SQL")
    assert (table.definition.address, table.definition.action) == ("CREATE TABLE", "create")


def test_a_pattern_that_matches_nothing_is_a_wrong_input(tmp_path: Path) -> None:
    for location in (tmp_path, tmp_path / "*.sql", tmp_path / "no.sql"):
        with pytest.raises(WrongInputError):
            SqlSource(str(location))


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("CREATE TABLE t (a INT, b STRUCT<c: INT>) CLUSTER BY (A, b.C)", '[["a"],["b","c"]]'),
        ("CREATE TABLE t (a INT); ALTER TABLE t CLUSTER BY (a)", '[["a"]]'),
        (_REPARTITIONED, '[["a"]]'),
        ("CREATE TABLE t (a INT) CLUSTER BY (a); ALTER TABLE t CLUSTER BY NONE", None),
        ("CREATE TABLE t (a INT) CLUSTER BY (a); ALTER TABLE t RENAME COLUMN a TO `b.c`",
         '[["b.c"]]'),
        ("CREATE OR REFRESH STREAMING TABLE t CLUSTER BY (a) AS SELECT * FROM STREAM x", '[["a"]]'),
    ],
)  # fmt: skip
def test_clustering_keys_are_the_property(
    text: str, properties: str | None, tmp_path: Path
) -> None:
    found = _table(tmp_path, text).properties
    assert found == ({} if properties is None else {"clusteringColumns": properties})


def test_automatic_clustering_is_a_property_of_its_own(tmp_path: Path) -> None:
    table = _table(tmp_path, "CREATE TABLE t CLUSTER BY AUTO AS SELECT 1 AS a")
    assert table.properties == {"clusterByAuto": "true"}
    assert table.columns is UNSET
    assert table.evidence["columns"].status == "known_after_apply"


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE {{ name }} (a INT)",
        "CREATE TABLE ${catalog}.s.t (a INT)",
        "{% if x %} CREATE TABLE t (a INT)",
        "CREATE TABLE t (a INT) COMMENT 'of {{ x }}'",
        "CREATE TABLE IDENTIFIER(:name) (a INT)",
        "CREATE TABLE t (a FLIMSY)",
        "CREATE TABLE t (a INT) FROBNICATE",
        "CREATE TABLE t AS SELEC 1",
        "CREATE TABLE t (a INT) CLUSTER BY (b)",
        "CREATE TABLE t (a INT, A INT)",
        "CREATE TABLE a.b.c.t (a INT)",
        "ALTER TABLE t ADD COLUMN a INT",
        "RESTORE TABLE t TO VERSION AS OF 1",
        "BEGIN CREATE TABLE t (a INT); IF x THEN SELECT 1; END IF; END",
        "CALL make_tables()",
        "EXECUTE IMMEDIATE 'CREATE TABLE t (a INT)'",
        "CREATE TABLE t (a INT) COMMENT 'open",
        "CREATE TABLE t (a INT) /* open",
        "CREATE FOREIGN TABLE t (a INT)",
    ],
)
def test_what_is_not_understood_is_a_failure_with_its_line(text: str, tmp_path: Path) -> None:
    failure = _failure(tmp_path, f"-- first; line\n;\n{text}")
    assert failure.where == f"{tmp_path / 'V1.sql'}:3"
    assert failure.reason
    assert failure.remedy


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a INT, b STRING MASK main.s.f USING COLUMNS (a)) WITH ROW FILTER f ON (a)",
        "CREATE TABLE t (a LONG GENERATED BY DEFAULT AS IDENTITY (START WITH 1), PRIMARY KEY(a))",
        _STREAM,
        "CREATE TABLE t AS SELECT a::INT, b || 'x', c >= 1, d <> 2, e -> f FROM x WHERE y != 3",
        "CREATE MATERIALIZED VIEW t (a COMMENT 'x', b) TRIGGER ON UPDATE AS SELECT 1, 2",
        "CREATE TABLE t (a INT); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
        "CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMNS (b INT DEFAULT 3 COMMENT 'x' AFTER a)",
        "CREATE TABLE t (a INT); ALTER TABLE t ALTER COLUMN a SET TAGS ('x' = 'y')",
        "CREATE STREAMING TABLE t AS SELECT 1; ALTER STREAMING TABLE t SET TBLPROPERTIES (a = 1)",
        "CREATE TABLE t (a INT); CREATE PROCEDURE p() AS BEGIN SELECT 1; SELECT 2; END; SELECT 3",
        "BEGIN TRANSACTION; CREATE TABLE t (a INT); COMMIT",
    ],
)
def test_what_databricks_alone_has_is_understood(text: str, tmp_path: Path) -> None:
    assert _table(tmp_path, text).name == "t"


def test_a_column_without_a_type_has_one_only_after_apply(tmp_path: Path) -> None:
    table = _table(tmp_path, "CREATE MATERIALIZED VIEW t (a COMMENT 'x') AS SELECT 1")
    assert [(each.name, each.comment) for each in table.columns or []] == [("a", "x")]
    assert table.evidence["columns.a.type_text"].status == "known_after_apply"


def test_a_list_that_holds_expectations_alone_names_no_columns(tmp_path: Path) -> None:
    text = "CREATE STREAMING TABLE t (CONSTRAINT x EXPECT (a > 0)) AS SELECT * FROM STREAM u"
    table = _table(tmp_path, text)
    assert table.columns is UNSET
    assert table.evidence["columns"].status == "known_after_apply"


def test_a_failed_statement_takes_no_other_along_but_its_own_table(tmp_path: Path) -> None:
    items = _items(
        tmp_path,
        "CREATE TABLE a (id INT); CREATE TABLE b (id INT); ALTER TABLE a FROBNICATE;"
        "ALTER TABLE a CLUSTER BY (id); CREATE TABLE c (id INT)",
        "ALTER TABLE b SET OWNER TO team; SELECT 'open ; CREATE TABLE d (id INT)",
    )
    failures = {item.what for item in items if isinstance(item, Failure)}
    tables = {item.name: item for item in items if isinstance(item, TableDocument)}
    assert failures == {"main.sales.a", "SELECT"}
    assert tables.keys() == {"b", "c"}
    assert tables["b"].owner == "team"


def test_two_creates_of_one_table_are_a_failure_that_names_both(tmp_path: Path) -> None:
    failure = _failure(tmp_path, "CREATE TABLE t (a INT)", "CREATE TABLE T (b INT)")
    assert str(tmp_path / "V1.sql:1") in failure.reason
    assert failure.where == str(tmp_path / "V2.sql:1")


def test_a_renamed_table_is_left_out_under_its_old_name(tmp_path: Path) -> None:
    source = _source(tmp_path, {"V1.sql": "ALTER TABLE old RENAME TO b; ALTER TABLE b RENAME TO c"})
    list(source.tables())
    assert [(each.what, each.reason, each.tables) for each in source.left_out] == [
        ("main.sales.b", "the SQL files rename it to main.sales.c", 0),
        ("main.sales.old", "the SQL files rename it to main.sales.b", 0),
    ]


def test_an_estate_that_lacks_the_table_is_named(tmp_path: Path) -> None:
    """Who named it already must not be told to name it."""
    (tmp_path / "V1.sql").write_text("ALTER TABLE main.sales.t CLUSTER BY (id)")
    (failure,) = SqlSource(str(tmp_path), estate="e.ndjson").tables()
    assert isinstance(failure, Failure)
    assert failure.reason.endswith("which no file creates and e.ndjson doesn't show")
    assert "--with" not in failure.remedy


@pytest.mark.parametrize(
    ("gone", "how"),
    [
        ("ALTER TABLE old RENAME TO new", "renamed to main.sales.new"),
        ("DROP TABLE old", "dropped"),
        ("DROP SCHEMA sales CASCADE", "dropped"),
    ],
)
def test_a_table_that_an_estate_writes_in_capitals_is_gone_as_well(
    tmp_path: Path, gone: str, how: str
) -> None:
    (tmp_path / "V1.sql").write_text(
        f"ALTER TABLE OLD SET TBLPROPERTIES ('a'='b'); {gone}; ALTER TABLE old CLUSTER BY (id)"
    )
    capitals = structs.replace(
        EXISTING, full_name="Main.Sales.OLD", catalog_name="Main", schema_name="Sales", name="OLD"
    )
    known = {capitals.full_name.lower(): capitals}.get
    items = list(SqlSource(str(tmp_path), ("main", "sales"), known).tables())
    (failure,) = (each for each in items if isinstance(each, Failure))
    assert f"main.sales.old was {how} in" in failure.reason


def test_dropped_and_skipped_statements_are_left_out_by_name(tmp_path: Path) -> None:
    source = _source(
        tmp_path,
        {"a.sql": "CREATE TABLE t (a INT); INSERT INTO t VALUES (1); DROP TABLE t; GRANT x ON y"},
    )
    assert list(source.tables()) == []
    assert [each.what for each in source.left_out] == ["main.sales.t", "GRANT (1)", "INSERT (1)"]


def test_use_counts_in_its_file_and_the_default_elsewhere(tmp_path: Path) -> None:
    items = _items(
        tmp_path,
        "USE CATALOG prod; USE SCHEMA x; CREATE TABLE a (i INT); USE dev.y; CREATE TABLE b (i INT)",
        "CREATE TABLE c (i INT); CREATE TABLE other.d (i INT)",
    )
    names = [item.full_name for item in items if isinstance(item, TableDocument)]
    assert names == ["dev.y.b", "main.other.d", "main.sales.c", "prod.x.a"]


def test_a_name_that_nothing_places_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE t (a INT)")
    (failure,) = SqlSource(str(tmp_path)).tables()
    assert isinstance(failure, Failure)
    assert "--default-schema" in failure.remedy


def test_an_existing_table_is_altered_as_it_is_known(tmp_path: Path) -> None:
    table = _table(
        tmp_path,
        "ALTER TABLE OLD ADD COLUMN (day DATE COMMENT 'd');\nALTER TABLE old CLUSTER BY (id);",
    )
    assert table.properties == {"delta.x": "1", "clusteringColumns": '[["id"]]'}
    assert [column.name for column in table.columns or []] == ["id", "day"]
    assert table.owner == "team"
    assert (table.definition.action, table.definition.line) == ("update", 1)


def test_create_if_not_exists_leaves_an_existing_table_as_it_is(tmp_path: Path) -> None:
    table = _table(tmp_path, "CREATE TABLE IF NOT EXISTS old (other INT)")
    assert [column.name for column in table.columns or []] == ["id"]
    assert table.definition.action == "no-op"


@pytest.mark.parametrize(
    "text",
    ["CREATE TABLE IF NOT EXISTS t (id INT)", "CREATE OR REFRESH STREAMING TABLE t (id INT)"],
)
def test_a_statement_for_both_cases_says_of_no_table_that_it_is_new(
    tmp_path: Path, text: str
) -> None:
    """Else a plan would break each table that is there and that nobody could look for."""
    table = _table(tmp_path, text)
    assert table.definition.action is UNSET
    assert table.evidence["size"].reason == ("The files don't say whether the table exists yet.")


def test_replacing_an_existing_table_takes_nothing_over(tmp_path: Path) -> None:
    table = _table(tmp_path, "CREATE OR REPLACE TABLE old (other INT)")
    assert table.properties == {}
    assert table.owner is UNSET
    assert table.definition.action == "replace"
    assert table.evidence["size"].status == "known_after_apply"


def test_an_alter_of_an_unknown_table_says_what_it_needs(tmp_path: Path) -> None:
    failure = _failure(tmp_path, "ALTER TABLE nowhere SET OWNER TO `a team`")
    assert failure.what == "main.sales.nowhere"
    assert "Add the file that creates it" in failure.remedy
