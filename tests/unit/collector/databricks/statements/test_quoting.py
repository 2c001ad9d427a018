"""A name stays one name, whatever its characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.names import split_name
from lakewarden_collector.sources.databricks.statements.quoting import quote, table_reference
from lakewarden_collector.sources.databricks.statements.statement import Statement
from lakewarden_collector.sources.databricks.statements.tokens import Token, tokens

HOSTILE = (
    "a`b",
    "a.b",
    "a b",
    "x'; DROP TABLE y; --",
    '"; SELECT 1',
    "`",
    "``",
    "`.`",
    "a`; DROP TABLE b; --`",
    "/*",
    "--",
    "\\",
    "\\`",
    ":p",
    "Größe",
    "表",
    "👩‍🔬",
    "n" * 255,
    " ",
    "\u00a0",
)
PARTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from("`'\";.-/*\\ ab:"), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=255),
)


@given(PARTS)
def test_any_part_becomes_exactly_one_quoted_name(part: str) -> None:
    """Were it two tokens, the rest of a name would be a command."""
    [token] = tokens(quote(part))
    assert token.kind == "name"
    assert token.text[1:-1].replace("``", "`") == part


@given(PARTS, PARTS, PARTS)
def test_a_reference_is_three_names_with_dots(catalog: str, schema: str, name: str) -> None:
    """A dot inside a part separates nothing: another table would be described."""
    parts = (catalog, schema, name)
    reference = table_reference(*parts)
    assert [token.text for token in tokens(reference)] == [
        *(quote(catalog), ".", quote(schema), ".", quote(name)),
    ]
    assert split_name(reference) == parts


@given(PARTS, PARTS, PARTS)
def test_a_statement_about_any_table_is_one_statement(catalog: str, schema: str, name: str) -> None:
    """`Statement` refuses what is not, so no name can keep a table from being described."""
    text = f"DESCRIBE DETAIL {table_reference(catalog, schema, name)}"
    assert Statement(text=text, kind="k").text == text
    assert [token.kind for token in tokens(text)].count("name") == 3


@given(PARTS, PARTS)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert (quote(one) == quote(other)) == (one == other)


@pytest.mark.parametrize(
    "part", ["", "a\nb", "a\tb", "a\x00b", "\x7f", "a\x85b", "a\u2028b", "\ud800"]
)
def test_what_no_name_can_be_is_refused(part: str) -> None:
    """A control character could end a line for one reader of the statement and not for another."""
    with pytest.raises(ValueError, match="name"):
        quote(part)


def test_known_names_are_quoted_like_this() -> None:
    assert table_reference("main", "a.b", "c`d") == "`main`.`a.b`.`c``d`"
    assert [*tokens("`a``b`.c")] == [
        Token("name", "`a``b`"),
        Token("mark", "."),
        Token("word", "c"),
    ]
