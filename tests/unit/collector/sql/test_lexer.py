"""Any text is cut into statements, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given

from lakewarden_collector.sources.sql.lexer import Statement, statements
from tests.support.sql_texts import TEXTS


def _texts(text: str) -> list[str]:
    return ["".join(token.text for token in each.tokens) for each in statements(text)]


def _rebuilt(found: list[Statement]) -> str:
    return "".join(token.gap + token.text for each in found for token in each.tokens)


@given(TEXTS)
def test_all_text_is_in_a_statement_or_behind_an_open_quote(text: str) -> None:
    """But for semicolons, the gaps at a file's end, and the ends of blocks of templates."""
    found = list(statements(text))
    assert all(each.tokens for each in found)
    assert not any(each.open for each in found[:-1]) or text.startswith("-- Databricks")
    if "Databricks" in text or "{%" in text:
        return
    rebuilt, position = _rebuilt(found), 0
    for character in rebuilt:
        at = text.index(character, position)
        skipped = text[position:at]
        assert (
            not skipped.strip("; \r\n\t\ufeff\u2028\x1c\x1d\x1e\x1f\x85\x0b\x0c")
            or "--" in skipped
            or "/*" in skipped
        )
        position = at + 1


@given(TEXTS)
def test_lines_count_up_to_the_last(text: str) -> None:
    lines = [token.line for each in statements(text) for token in each.tokens]
    assert lines == sorted(lines)
    assert not lines or lines[-1] <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a; b;; ;c", ["a", "b", "c"]),
        ("'a;b' ; \"c;d\" ; `e;f`", ["'a;b'", '"c;d"', "`e;f`"]),
        ("a -- b; c\n; d", ["a", "d"]),
        ("a -- b \\\n c; d\n e", ["ae"]),
        ("a /* b; /* c; */ d; */ e; f", ["ae", "f"]),
        ("a\r\n;\r\nb", ["a", "b"]),
        ("r'a\\'; b", ["r'a\\'", "b"]),
        ("'a\\'; b'; c", ["'a\\'; b'", "c"]),
        ("'a''; b'; c", ["'a''; b'", "c"]),
        ("AS $$ x; y $$; b", ["AS$$ x; y $$", "b"]),
        ("{% if x %} a; b; {% endif %} c", ["{% if x %}a", "b", "c"]),
        ("{% set x = 1 %} a; b", ["{% set x = 1 %}a", "b"]),
    ],
)
def test_statements_end_at_semicolons_alone(text: str, found: list[str]) -> None:
    assert _texts(text) == found


def test_what_stands_in_a_block_of_a_template_is_templated() -> None:
    text = (
        "a; {% for x in y %} b; {% if z %} c; {% endif %} d; {% endfor %} e;"
        "{%- set q %} f; {% endset -%} g"
    )
    faults = {each.tokens[-1].text: each.fault for each in statements(text)}
    assert [name for name, fault in faults.items() if not fault] == ["a", "e", "g"]
    assert "{% for x in y %}" in faults["d"]


NOTEBOOK = """-- Databricks notebook source
-- DBTITLE 1,The tables
CREATE TABLE a (x INT)

-- COMMAND ----------

-- MAGIC %md
-- MAGIC # Words; and more

-- COMMAND ----------

-- DBTITLE 0,Python
-- MAGIC %python
-- MAGIC spark.sql("CREATE TABLE b (x INT)")

-- COMMAND ----------

-- MAGIC %sql
-- MAGIC CREATE TABLE c (x INT);
-- MAGIC SELECT 'open

-- COMMAND ----------

CREATE TABLE d (x INT)
"""


def test_the_cells_of_a_notebook_end_statements_and_quotes() -> None:
    found = list(statements(NOTEBOOK))
    assert [(each.line, each.open) for each in found] == [
        (3, False),
        (13, False),
        (19, False),
        (20, True),
        (24, False),
    ]
    assert _texts(NOTEBOOK) == [
        "CREATETABLEa(xINT)",
        "%python",
        "CREATETABLEc(xINT)",
        "SELECT'",
        "CREATETABLEd(xINT)",
    ]
