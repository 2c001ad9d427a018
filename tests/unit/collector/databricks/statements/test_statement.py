"""Only one SELECT or one DESCRIBE is a statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

VERBS = ("DROP", "INSERT", "DELETE", "UPDATE", "MERGE", "ALTER", "CREATE", "GRANT", "OPTIMIZE",
         "VACUUM", "ANALYZE", "TRUNCATE", "COPY", "REFRESH", "SET", "USE", "CALL", "EXECUTE",
         "BEGIN", "WITH", "FROM", "TABLE", "VALUES", "EXPLAIN", "SHOW", "DESC")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select 1",
        "\n  DESCRIBE DETAIL `a`.`b`.`c`",
        "SELECT 'it''s; fine' AS `a;b`, \"--\"",
        "SELECT a - -1, b / c, x:y FROM t WHERE d >= :since",
        "SELECT '/* no comment */'",
        "SELECT `DROP`, 'DROP TABLE x'",
    ],
)
def test_what_reads_is_a_statement(text: str) -> None:
    assert Statement(text=text, kind="k").text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "SELECT 1;",
        "SELECT 1; DROP TABLE x",
        "DESCRIBE DETAIL `a`; DROP TABLE `b`",
        "SELECT 'a'; SELECT 'b'",
        "(SELECT 1)",
        "`SELECT` 1",
        "'SELECT' 1",
        "SELECTED 1",
        "SELECT 1 -- DROP TABLE x",
        "/* x */ SELECT 1",
        "SELECT /*+ hint */ 1",
        "SELECT 'open",
        'SELECT "open',
        "SELECT `open",
        "SELECT `a``",
        "SELECT 'a\\'; DROP TABLE x; -- '",
        "SELECT r'\\'; DROP TABLE x; --'",
        *(f"{verb} x" for verb in VERBS),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """This is the last gate before a warehouse: a writing one would not be let in."""
    with pytest.raises(ValueError, match=r"statement|SELECT|quote"):
        Statement(text=text, kind="k")


@given(st.text(st.sampled_from("`'\"; -/*\\aS"), max_size=14), st.sampled_from(VERBS))
def test_no_text_hides_a_second_statement(text: str, verb: str) -> None:
    """Whatever stands before it: a semicolon outside quotes, then another verb, is refused.

    What the text opens is closed first, so that the semicolon stands outside for every reader.
    """
    closed = text.replace("`", "").replace("'", "").replace('"', "").replace("\\", "")
    with pytest.raises(ValueError, match="statement"):
        Statement(text=f"SELECT {closed}\n; {verb} x", kind="k")


def test_rows_become_mappings() -> None:
    rows = Rows(columns=("a", "b"), rows=(("1", None),))
    assert rows.mappings() == [{"a": "1", "b": None}]
