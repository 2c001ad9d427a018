"""A statement stands in the file of fixes only if every reader of SQL sees the same in it."""

from __future__ import annotations

import pytest

from lakewarden.fixes.statements import statement


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE a.b.c CLUSTER BY (day)",
        "ALTER TABLE `a``b`.`c\\` SET TBLPROPERTIES ('d' = 'it\\'s')",
        "ALTER TABLE a\nCLUSTER BY (b)",
        "ALTER TABLE a RENAME COLUMN b TO c",
        "ALTER TABLE a DROP COLUMN b",
        "ALTER TABLE a ALTER COLUMN b TYPE ARRAY<STRUCT<c: STRING>>",
        "COMMENT ON TABLE `שלום`.b IS 'é'",
    ],
)
def test_a_plain_statement_stays_as_it_is(sql: str) -> None:
    found = statement(f" {sql}\n")
    assert (found.sql, found.fault, found.cautions, found.blanks) == (sql, "", (), ())


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("ALTER TABLE `a", "has no end"),
        ("ALTER TABLE a /* b", "has no end"),
        ("ALTER TABLE a; DROP TABLE b", "more than one statement"),
        ("ALTER TABLE a -- b", "a comment"),
        ("ALTER TABLE a /* b */ CLUSTER BY NONE", "a comment"),
        ("-- ALTER TABLE a", "doesn't begin with a word"),
        ("!rm -rf x", "doesn't begin with a word"),
        ("", "doesn't begin with a word"),
        ("DROP TABLE `a\nb`", "more than one line"),
        ("COMMENT ON TABLE a IS 'b\nc'", "more than one line"),
        ("DROP TABLE `a\u202eb`", "nobody sees"),
        ("DROP TABLE `a\x1b[31m`", "nobody sees"),
        ("DROP TABLE `##vso[task.x]`", "a command to a build server"),
        ("DROP TABLE a\n::error::b", "a command to a build server"),
        ("DROP TABLE `${system:line.separator}`", "replaces before"),
        ("DROP TABLE `{{ x }}`", "replaces before"),
    ],
)
def test_what_readers_take_in_different_ways_is_no_statement(sql: str, fault: str) -> None:
    assert fault in statement(sql).fault


@pytest.mark.parametrize("name", ["`a;b`", "`a--b`", "'/*'", '"*/"'])
def test_a_name_that_simple_tools_split_at_is_pointed_out(name: str) -> None:
    found = statement(f"ALTER TABLE {name} CLUSTER BY NONE")
    assert not found.fault
    (caution,) = found.cautions
    assert "run it by itself" in caution


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE OR REPLACE TABLE a\nCLUSTER BY (b)\nAS SELECT * FROM a",
        "create or replace view a.b as select 1",
        "DROP TABLE a",
        "Drop View a",
        "TRUNCATE TABLE a",
        "RESTORE TABLE a TO VERSION AS OF 1",
        "ALTER TABLE a.`b c` RENAME TO d",
        "ALTER VIEW a rename to d",
    ],
)
def test_what_takes_the_whole_table_is_pointed_out(sql: str) -> None:
    """What another policy sets on it would be lost, or fail by its old name."""
    found = statement(sql)
    assert found.fault == ""
    (caution,) = found.cautions
    assert caution.startswith("it replaces, renames or drops the whole table")


def test_a_blank_in_quotes_is_pointed_out_as_it_stops_no_parser() -> None:
    found = statement("COMMENT ON TABLE `<a>` IS '<what it holds>'")
    assert "parses whether" in found.cautions[0]
    assert not statement("COMMENT ON TABLE `<a>` IS <'what it holds'>").cautions


@pytest.mark.parametrize(
    ("sql", "blanks"),
    [
        ("ALTER TABLE a CLUSTER BY (<key columns>)", ("<key columns>",)),
        ("ALTER TABLE a SET OWNER TO <a group>, <b>", ("<a group>", "<b>")),
        ("COMMENT ON TABLE a IS <'what it holds'>", ("<'what it holds'>",)),
        ("COMMENT ON TABLE `<a>` IS '<b>'", ()),
        ("ALTER TABLE a ADD COLUMN b MAP<INT, ARRAY<INT>>", ()),
        ("DELETE FROM a WHERE b < 1 OR c <> 2", ()),
    ],
)
def test_blanks_are_what_stands_in_angle_brackets_outside_of_quotes(
    sql: str, blanks: tuple[str, ...]
) -> None:
    assert statement(sql).blanks == blanks


@pytest.mark.parametrize(
    ("sql", "targets"),
    [
        ("ALTER TABLE `a b`.c.d CLUSTER BY (e)", {"CLUSTER BY"}),
        ("alter table if exists a cluster by none", {"CLUSTER BY"}),
        ("ALTER TABLE a REPLACE PARTITIONED BY WITH CLUSTER BY (b)", {"CLUSTER BY"}),
        (
            "ALTER TABLE a SET TBLPROPERTIES ('Delta.x' = '1', b.c = 'd')",
            {"the property delta.x", "the property b.c"},
        ),
        ("ALTER TABLE a UNSET TBLPROPERTIES IF EXISTS ('delta.x')", {"the property delta.x"}),
        ("ALTER TABLE a SET TAGS ('b' = 'c')", {"the tag b"}),
        ("ALTER TABLE a SET OWNER TO `b`", {"the owner"}),
        ("ALTER TABLE a OWNER TO `b`", {"the owner"}),
        ("ALTER TABLE a SET MANAGED", {"where its files are"}),
        ("ALTER TABLE a unset managed", {"where its files are"}),
        ("ALTER TABLE a DISABLE PREDICTIVE OPTIMIZATION", {"predictive optimization"}),
        ("ALTER TABLE a ALTER COLUMN B COMMENT 'c'", {"COMMENT of the column b"}),
        ("COMMENT ON TABLE a.b IS 'c'", {"the comment"}),
        ("COMMENT ON COLUMN a.`B` IS 'c'", {"the comment of a.`b`"}),
        ("OPTIMIZE a", set()),
        ("ALTER TABLE a", set()),
        ("COMMENT ON", set()),
    ],
)
def test_targets_are_what_a_statement_sets(sql: str, targets: set[str]) -> None:
    assert statement(sql).targets == targets
