"""The file of fixes: what is to be run stands outside of comments, and nothing else does."""

from __future__ import annotations

import io
import re

import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.fixes.selection import Filters
from lakewarden.fixes.sql_file import comment, write_fixes
from lakewarden.model.decision import Decision, Exemption, Fix, Missing, Outcome, Violation
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.document import Definition
from tests.support import fixable, reports
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY, cluster, failing, table
from tests.support.golden import golden

_NASTY = [
    *("\n", "\r", "\\", "*/", "/*", "--", ";", "'", '"', "`", "$", "{", "}", "${x}", "{{", "{%"),
    *("\u2028", "\x85", "\x1b[31m", "DROP TABLE y", "\nDROP TABLE y;\n", " ", "a", "\u202e"),
    *("::error::x", "##vso[task.x]", "{#", "MAGIC", "é"),
]
_TEXTS = st.lists(st.sampled_from(_NASTY), max_size=6).map("".join)


def written(sample: reports.Sample, **filters: tuple[str, ...]) -> str:
    out = io.StringIO()
    write_fixes(sample, Filters(**filters), out)
    return out.getvalue()


def statements(text: str) -> list[str]:
    """Return what an independent reader finds outside of comments, as it's written."""
    found, begin = [], None
    for token in sqlglot.tokenize(text, read="databricks"):
        begin = token.start if begin is None else begin
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            found.append(text[begin : token.start])
            begin = None
    assert begin is None, text[begin:]
    return found


def sample() -> reports.Sample:
    """Return tables of all kinds."""
    big, small, planned = "main.sales.big", "main.sales.small", "main.sales.planned"
    keys = cluster(big, "(<key columns>)")
    auto = Fix(
        title="Let Databricks choose the keys",
        sql=(
            f"ALTER TABLE {fixable.quoted(big)} ENABLE PREDICTIVE OPTIMIZATION",
            f"ALTER TABLE {fixable.quoted(big)} CLUSTER BY AUTO",
        ),
        undo=(f"ALTER TABLE {fixable.quoted(big)} CLUSTER BY NONE",),
    )
    waived = Decision(
        outcome=Outcome.EXEMPT,
        exemptions=(Exemption(kind="waiver", reason="Later."),),
        would_be=Outcome.FAIL,
    )
    unknown = Decision(outcome=Outcome.UNKNOWN, missing=(Missing(kind="size", status="denied"),))
    in_plan = table(
        planned,
        {STRATEGY: failing("It isn't clustered.", Fix(title="Name the keys in its definition"))},
        owner=None,
    )
    return fixable.report(
        [
            table(
                big,
                {
                    STRATEGY: failing("It isn't clustered.", keys, auto),
                    KEY_LIMIT: failing("It has five keys.", keys),
                    SINGLE: failing("It has two strategies.", cluster(big, "NONE", "Keep one")),
                },
                size=2**40,
            ),
            table(small, {SINGLE: failing("It has two.")}, size=2**20, owner=""),
            structs.replace(in_plan, definition=reports.definition(7, "planned")),
            table("main.sales.waived", {STRATEGY: waived}),
            table("main.sales.unknown", {STRATEGY: unknown}),
        ]
    )


def test_the_file_is_what_it_was() -> None:
    """Golden: a person reviews it, so each of its lines is looked at when it changes."""
    text = written(sample())
    assert text == written(sample())
    golden("fixes.sql", text)


def test_the_best_of_each_stands_as_a_statement_once_the_worst_first() -> None:
    name = fixable.quoted("main.sales.big")
    assert statements(written(sample())) == [
        f"ALTER TABLE {name} CLUSTER BY (<key columns>)",
        f"ALTER TABLE {name} CLUSTER BY NONE",
    ]


def test_tables_come_by_weight() -> None:
    rows = [
        table(f"main.sales.{name}", {policy: failing("x", cluster(f"main.sales.{name}", "AUTO"))},
              size=size)
        for name, policy, size in (
            *(("a", SINGLE, 2**50), ("b", KEY_LIMIT, 2**30), ("c", STRATEGY, 2**30)),
            *(("d", STRATEGY, 2**40), ("e", KEY_LIMIT, 2**40)),
        )
    ]  # fmt: skip
    order = re.findall(r"^-- \d\. main\.sales\.(.)$", written(fixable.report(rows)), re.MULTILINE)
    assert order == ["d", "e", "c", "b", "a"]


def test_fixes_that_contradict_each_other_are_pointed_out() -> None:
    text = written(sample())
    assert "CAREFUL:   fixes below contradict each other: they set CLUSTER BY." in text
    assert text.count("another fix of this table also sets CLUSTER BY.") == 2
    alone = written(sample(), policies=(STRATEGY,))
    assert "CAREFUL" not in alone


def test_different_properties_of_one_table_do_not_contradict() -> None:
    name = "main.sales.a"
    fixes = [
        Fix(title=key, sql=(f"ALTER TABLE main.sales.a SET TBLPROPERTIES ('{key}' = '1')",))
        for key in ("x", "y")
    ]
    rows = [table(name, {STRATEGY: failing("x", fixes[0]), SINGLE: failing("y", fixes[1])})]
    text = written(fixable.report(rows))
    assert len(statements(text)) == 2
    assert "CAREFUL" not in text


def test_a_statement_that_two_fixes_share_is_written_once() -> None:
    first, second = (f"ALTER TABLE main.sales.a SET TBLPROPERTIES ('{key}' = '1')" for key in "xy")
    rows = [
        table(
            "main.sales.a",
            {
                STRATEGY: failing("x", Fix(title="one", sql=(first,))),
                SINGLE: failing("y", Fix(title="both", sql=(first, second))),
            },
        )
    ]
    text = written(fixable.report(rows))
    assert statements(text) == [first, second]
    assert "this statement stands above already:" in text


def test_each_violation_of_a_policy_has_its_own_fix() -> None:
    violations = tuple(
        Violation(
            message=f"{column} has no comment.",
            key=column,
            fixes=(
                Fix(
                    title="Describe it",
                    sql=(f"ALTER TABLE main.sales.a ALTER COLUMN {column} COMMENT <'what it is'>",),
                ),
            ),
        )
        for column in ("day", "city")
    )
    decision = Decision(outcome=Outcome.FAIL, violations=violations)
    text = written(fixable.report([table("main.sales.a", {SINGLE: decision})]))
    assert len(statements(text)) == 2
    assert "2 statements, 2 with something to fill in" in text
    assert "CAREFUL" not in text


def test_sql_on_a_planned_table_stays_a_comment() -> None:
    """The next apply would undo it."""
    row = table("main.sales.a", {STRATEGY: failing("x", cluster("main.sales.a"))})
    planned = structs.replace(row, definition=reports.definition(3, "a"))
    text = written(fixable.report([planned]))
    assert statements(text) == []
    assert "Change the definition: databricks_sql_table.a in modules/sales/main.tf:4." in text


def test_sql_for_a_table_of_sql_files_is_one_more_migration() -> None:
    row = table("main.sales.a", {STRATEGY: failing("x", cluster("main.sales.a", "NONE"))})
    made = Definition(tool="sql", address="CREATE TABLE", file="V1.sql", line=3)
    text = written(fixable.report([structs.replace(row, definition=made)]))
    assert statements(text) == ["ALTER TABLE `main`.`sales`.`a` CLUSTER BY NONE"]
    assert "Declared:  CREATE TABLE in V1.sql:3" in text


def test_a_policy_without_fixes_says_what_to_do() -> None:
    text = written(sample(), tables=("main.sales.small",))
    assert statements(text) == []
    assert "To do:     ALTER TABLE <table> CLUSTER BY AUTO;" in text
    assert "1 violation whose policy names no statement, only what to do" in text


def test_what_is_left_out_is_counted() -> None:
    text = written(sample())
    assert "Left out:  1 failure exempt by waiver" in text
    assert "UNKNOWN:   1 decision couldn't be made." in text
    assert "main.sales.waived" not in text


def test_an_incomplete_run_says_so() -> None:
    incomplete = sample()
    incomplete.completeness = structs.replace(
        incomplete.completeness, complete=False, tables_known=6, tables_failed=1
    )
    assert "INCOMPLETE: 5 of 6 tables evaluated, 1 couldn't be read" in written(incomplete)


def test_filters_narrow_and_the_header_names_them() -> None:
    text = written(sample(), owners=("TEAM",), policies=("*.single_strategy",))
    assert "Filters:   --owner TEAM, --policy *.single_strategy" in text
    assert re.findall(r"^-- \d+\. (.*)$", text, re.MULTILINE) == ["main.sales.big"]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("", "main.sales.small"),
        ("(no owner)", "main.sales.small"),
        ("(owner not known)", "main.sales.planned"),
    ],
)
def test_tables_that_nobody_is_known_to_own_can_be_chosen(owner: str, name: str) -> None:
    """By the words under which every report counts them."""
    text = written(sample(), owners=(owner,))
    assert re.findall(r"^-- \d+\. (.*)$", text, re.MULTILINE) == [name]


@pytest.mark.parametrize(
    ("filters", "where", "near"),
    [
        ({"owners": ("taem",)}, "--owner", "team"),
        ({"policies": ("clustering.strategy",)}, "--policy", STRATEGY),
        ({"tables": ("main.sales.bigg",)}, "--table", "main.sales.big"),
    ],
)
def test_a_filter_that_matches_nothing_names_what_is_near(
    filters: dict[str, tuple[str, ...]], where: str, near: str
) -> None:
    with pytest.raises(ConfigurationError) as problem:
        written(sample(), **filters)
    assert problem.value.where == where
    assert near in (problem.value.remedy or "")


def test_nothing_to_fix_is_said() -> None:
    text = written(sample(), tables=("main.sales.waived",))
    assert statements(text) == []
    assert "There is nothing to fix." in text
    lossy = sample()
    lossy.completeness = structs.replace(lossy.completeness, complete=False)
    assert "but not everything could be." in written(lossy, tables=("main.sales.waived",))


@given(_TEXTS)
@example("\\")
@example("a \\")
@example("${system:line.separator}DROP TABLE x")
def test_no_text_ends_its_comment(text: str) -> None:
    line = comment(text)
    assert "\n" not in line
    assert not line.endswith("\\")
    assert "${" not in line
    assert sqlglot.tokenize(f"-- {line}\nX", read="databricks")[-1].text == "X"


@given(st.lists(_TEXTS.filter(bool), min_size=1, max_size=3, unique=True))
@example(["a\nb", "a;DROP TABLE b;--", "*/ DROP TABLE b; /*"])
@example(["\\", "a\\", "`", "'"])
def test_hostile_text_leaves_exactly_the_statements_that_were_meant(names: list[str]) -> None:
    meant = {
        f"ALTER TABLE {fixable.quoted(f'main.sales.{name}')} CLUSTER BY NONE" for name in names
    }
    text = written(fixable.hostile(names))
    assert all(
        line.startswith(("-- ", "ALTER TABLE `main`.`sales`.`")) or line in ("", "--")
        for line in text.split("\n")
    )
    found = statements(text)
    assert set(found) <= meant
    withheld = len(re.findall(r"WITHHELD:  this isn't", text))
    assert len(found) + withheld == len(names)
