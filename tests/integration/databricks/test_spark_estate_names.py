"""Three-level names in any statement become Spark's, and come back, whatever is in them.

Were one of these to fail, a statement would reach another table than the one it names, or an error
would speak of a table that nobody knows.
"""

# ruff: noqa: S608 -- statements of our own words, and quoted names

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workspace.spark_names import Names
from tests.workspace.spark_rewriting import find, rewritten
from tests.workspace.spark_words import quoted

PARTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
NAMES = st.tuples(PARTS, PARTS, PARTS)

STATEMENTS = {
    "SELECT * FROM a.b.c": ["a.b.c"],
    "select * from `a`.b . `c.d` AS x join\n e.f.g /* h.i.j */ on x.k.l = 'm.n.o'": [
        "a.b.c.d",
        "e.f.g",
    ],
    "SELECT x FROM a.b.c, d.e.f WHERE a.b.x = 1": ["a.b.c", "d.e.f"],
    "SELECT x FROM a.b.c t JOIN d.e.f u ON t.x.y = u.x.y, g.h.i": ["a.b.c", "d.e.f", "g.h.i"],
    "SELECT x FROM (a.b.c CROSS JOIN d.e.f), (SELECT p.q.r, p.s.t FROM g.h.i)": [
        "a.b.c",
        "d.e.f",
        "g.h.i",
    ],
    "SELECT extract(year FROM s.t.u), trim(both FROM s.t.u) FROM a.b.c": ["a.b.c"],
    "SELECT 1 FROM a.b.c t WHERE t.x.y IS DISTINCT FROM t.x.z AND f(t.x.y, t.x.z)": ["a.b.c"],
    "WITH q AS (SELECT * FROM a.b.c) SELECT q.s.t, q.u.v FROM q ORDER BY q.s.t, q.u.v": ["a.b.c"],
    "INSERT INTO a.b.c SELECT x.y.z, 'from d.e.f' FROM d.e.g x -- FROM h.i.j": ["a.b.c", "d.e.g"],
    "INSERT INTO TABLE a.b.c VALUES (1)": ["a.b.c"],
    "INSERT OVERWRITE a.b.c VALUES (1)": ["a.b.c"],
    "CREATE TABLE IF NOT EXISTS a.b.c (x struct<y: struct<z: int>>) CLUSTER BY (x.y.z)": ["a.b.c"],
    "CREATE OR REPLACE TABLE a.b.c USING delta AS SELECT t.x.y, t.x.z FROM d.e.f t": [
        "a.b.c",
        "d.e.f",
    ],
    "CREATE TABLE a.b.c LIKE d.e.f": ["a.b.c", "d.e.f"],
    "SELECT 1 FROM a.b.c t WHERE x LIKE t.y.z": ["a.b.c"],
    "CREATE VIEW a.b.c AS SELECT 1": ["a.b.c"],
    "ALTER TABLE a.b.c CLUSTER BY (x, y.z.w)": ["a.b.c"],
    "ALTER TABLE a.b.c RENAME TO a.b.d": ["a.b.c", "a.b.d"],
    "ALTER TABLE a.b.c RENAME COLUMN x.y.z TO w": ["a.b.c"],
    "ALTER TABLE a.b.c DROP COLUMN IF EXISTS x.y.z": ["a.b.c"],
    "DROP TABLE IF EXISTS a.b.c": ["a.b.c"],
    "DESCRIBE DETAIL a.b.c": ["a.b.c"],
    "DESC a.b.c": ["a.b.c"],
    "DESCRIBE TABLE EXTENDED a.b.c": ["a.b.c"],
    "DESCRIBE HISTORY a.b.c": ["a.b.c"],
    "UPDATE a.b.c SET x.y.z = 1, x.y.w = 2": ["a.b.c"],
    "DELETE FROM a.b.c WHERE x.y.z = 1": ["a.b.c"],
    "MERGE INTO a.b.c t USING d.e.f s ON t.x.y = s.x.y WHEN MATCHED THEN UPDATE SET t.x.y = 1": [
        "a.b.c",
        "d.e.f",
    ],
    "OPTIMIZE a.b.c": ["a.b.c"],
    "SHOW COLUMNS IN a.b.c": ["a.b.c"],
    "COMMENT ON TABLE a.b.c IS 'TABLE d.e.f'": ["a.b.c"],
    "CREATE TABLE a.b.c SHALLOW CLONE d.e.f": ["a.b.c", "d.e.f"],
    "SELECT 1 FROM b.c": [],
}
SCHEMAS = {
    "CREATE SCHEMA a.b": ["a.b"],
    "CREATE SCHEMA IF NOT EXISTS `a b`.`c``d`": ["a b.c`d"],
    "DROP DATABASE IF EXISTS a.b CASCADE": ["a.b"],
    "DESCRIBE SCHEMA EXTENDED a.b": ["a.b"],
    "SHOW TABLES IN a.b": ["a.b"],
    "DROP TABLE IF EXISTS a.b": [],
    "SELECT 1 FROM a.b": [],
}


@pytest.mark.parametrize("sql", STATEMENTS)
def test_tables_are_told_from_columns_by_where_they_stand(sql: str) -> None:
    assert [".".join(name.parts) for name in find(sql).tables] == STATEMENTS[sql]


@pytest.mark.parametrize("sql", SCHEMAS)
def test_schemas_are_told_from_tables(sql: str) -> None:
    assert [".".join(name.parts) for name in find(sql).schemas] == SCHEMAS[sql]


def test_columns_with_a_tables_full_name_follow_it() -> None:
    sql = "SELECT a.b.c.id, A.B.C.s.x, a.b.d.id, a.b.c.* FROM a.b.c"
    text = rewritten(sql, names := Names()).text

    table = quoted(names.schema("a", "b"), "c")
    assert text == f"SELECT {table}.id, {table}.s.x, a.b.d.id, {table}.* FROM {table}"


@given(NAMES)
def test_any_name_goes_and_comes_back(name: tuple[str, str, str]) -> None:
    names = Names()
    statement = rewritten(f"SELECT * FROM {quoted(*name)} WHERE x = 'y'", names)
    found = re.fullmatch(r"SELECT \* FROM (`\w+`\.`\w+`) WHERE x = 'y'", statement.text, re.ASCII)

    assert found is not None
    assert all(len(part) < 200 for part in found[1].split("."))
    folded = tuple(part.lower() for part in name)
    assert names.restored(f"no `spark_catalog`.{found[1]} here") == f"no {quoted(*folded)} here"
    assert names.restored(f"no {found[1].replace('`', '')} here") == f"no {'.'.join(folded)} here"


@given(NAMES, NAMES)
def test_different_tables_never_meet(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    names = Names()
    first, second = (
        (names.schema(catalog, schema), names.table(table))
        for catalog, schema, table in (one, other)
    )
    same = [part.lower() for part in one] == [part.lower() for part in other]
    assert (first == second) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "b__c"), ("a__b", "c")), (("a_", "b"), ("a", "_b")), (("a b", "c"), ("a", "b c"))],
)
def test_schemas_that_look_alike_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    names = Names()
    assert names.schema(*one) != names.schema(*other)


@given(PARTS)
def test_no_table_is_called_what_stands_for_another(name: str) -> None:
    names = Names()
    found = names.table(name)
    assert found == name.lower() or names.table(found) != found


@given(st.lists(NAMES, max_size=4), st.integers(0, 4), st.sampled_from([" ", "\n "]))
def test_places_in_errors_are_those_of_the_users_text(
    tables: list[tuple[str, str, str]], position: int, gap: str
) -> None:
    words = [f"JOIN{gap}{quoted(*table)}" for table in tables]
    words.insert(position, "!")
    sql = "SELECT 1 FROM x " + gap.join(words)
    statement = rewritten(sql, Names())

    message = statement.with_places(f"wrong at {_place(statement.text)}")
    assert message == f"wrong at {_place(sql)}"


def _place(sql: str) -> str:
    """Return where the exclamation mark outside of quotes stands, as Spark counts."""
    bare = re.sub(r"`(?:[^`]|``)*`", lambda match: re.sub(r"[^\n]", "_", match[0]), sql)
    before = bare[: bare.index("!")]
    return f"line {before.count(chr(10)) + 1}, pos {len(before) - before.rfind(chr(10)) - 1}"
