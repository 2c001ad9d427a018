"""What was left out and what was asked, in words: counted, named, and never a number made up."""

from __future__ import annotations

from lakewarden.renderers.words.completeness import omissions, spending
from lakewarden_collector.inventory import LeftOut


def test_what_shares_a_reason_is_told_once_and_counted() -> None:
    """A workspace of a hundred shared catalogs must not fill the page with them."""
    shared = [LeftOut(what=f"catalog c{n}", reason="shared", tables=n) for n in range(5)]
    own = LeftOut(what="catalog system", reason="Databricks' own tables")
    assert [str(each) for each in omissions([*shared[:2], own, *shared[2:]])] == [
        "catalog c0, catalog c1, catalog c2 and 2 more (10 tables): shared",
        "catalog system: Databricks' own tables",
    ]


def test_a_number_that_nobody_knows_is_not_said() -> None:
    """A catalog that was not listed has not zero tables."""
    unknown = LeftOut(what="catalog a", reason="r")
    none, one = LeftOut(what="b", reason="r", tables=0), LeftOut(what="c", reason="r", tables=1)
    assert str(omissions([unknown])[0]) == "catalog a: r"
    assert str(omissions([none])[0]) == "b (0 tables): r"
    assert str(omissions([unknown, one])[0]) == "catalog a, c (1 table): r"


def test_nothing_left_out_is_nothing_said() -> None:
    assert omissions([]) == []
    assert spending({}) == ""


def test_what_was_asked_is_told_by_kind() -> None:
    spent = {"describe_detail": 12_345, "list_tables": 2}
    assert spending(spent) == "12,345 describe detail, 2 list tables"
