"""Names with dots, blanks and back-quotes survive being written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.names import (
    join_name,
    leading_name,
    spark_name,
    split_name,
)

PARTS = st.lists(st.text(min_size=1), min_size=1, max_size=5)


@given(PARTS)
def test_name_is_split_into_the_parts_it_was_joined_from(parts: list[str]) -> None:
    """Else two tables could share a full name, and neither would be decided."""
    assert split_name(join_name(parts)) == tuple(parts)


@given(PARTS)
def test_spark_spelling_is_read_back(parts: list[str]) -> None:
    assert split_name(spark_name(parts)) == tuple(parts)


@given(PARTS, st.from_regex(r"([\s=].*)?", fullmatch=True))
def test_what_follows_a_name_is_left_alone(parts: list[str], rest: str) -> None:
    assert leading_name(join_name(parts) + rest) == (tuple(parts), rest)


def test_plain_names_are_not_quoted() -> None:
    """Unity Catalog's full names carry no quotes; policies compare with them."""
    assert join_name(["main", "sales-eu", "2024_é"]) == "main.sales-eu.2024_é"


def test_spark_quotes_all_but_plain_identifiers() -> None:
    """Spellings seen in DESCRIBE DETAIL of real tables."""
    assert spark_name(["a", "x.y"]) == "a.`x.y`"
    assert [spark_name([part]) for part in ("1a", "1", "é", "_b")] == ["`1a`", "`1`", "`é`", "_b"]


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "`a", "``", "a b", "a=b", "`a`b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        split_name(text)
