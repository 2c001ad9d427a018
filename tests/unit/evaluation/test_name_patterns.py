"""A pattern that matches no name is an error that says what there is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lakewarden.evaluation.name_patterns import NEAR, TablePatterns, near
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.interface import Listing

NAMES = ("prod.sales.orders", "prod.sales.returns", "prod.finance.payments", "dev.tmp.x")


def _seen(*patterns: str, names: Sequence[str] = NAMES) -> TablePatterns:
    found = TablePatterns(patterns)
    for name in names:
        found.choose(name)
    return found


def _refused(*patterns: str, names: Sequence[str] = NAMES) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        _seen(*patterns, names=names).require_met()
    assert caught.value.where == "--table"
    return caught.value


def _failure(what: str, **changes: str) -> Failure:
    return Failure(what=what, where="", reason="", remedy="", **changes)  # type: ignore[arg-type]  # covers is a word


def test_what_matches_is_chosen_and_no_more_is_said() -> None:
    patterns = TablePatterns(["prod.*", "DEV.*"])
    assert [name for name in (*NAMES, "test.a.b") if patterns.choose(name)] == list(NAMES)
    patterns.require_met()
    everything = TablePatterns([])
    assert everything.choose("a.b.c")
    everything.require_met()


def test_each_pattern_has_to_match() -> None:
    """The one that is misspelt would be missed among those that match."""
    error = _refused("prod.*", "prod.sale.*")
    assert error.what == "no table matches prod.sale.*"
    assert error.remedy.startswith("There are prod.sales.")


def test_ten_near_names_of_many_are_told() -> None:
    names = [f"prod.s{number}.t{number}" for number in range(5_000)]
    error = _refused("prod.sales.order", names=[*names, "prod.sales.orders"])
    assert "The nearest of 5,001 tables are prod.sales.orders, " in error.remedy
    assert error.remedy.count("prod.") == NEAR


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [("prod", "prod.*"), ("orders", "*.orders"), ("prod.sales", "prod.sales.*")],
)
def test_a_part_of_a_name_is_told_its_pattern(pattern: str, hint: str) -> None:
    assert f"{hint} would match." in _refused(pattern).remedy


def test_no_tables_at_all() -> None:
    assert _refused("a.*", names=()).remedy == "There is no table that could match."


def test_a_table_that_could_not_be_read_is_known() -> None:
    for what in ("prod.sales.broken", "table prod.sales.broken"):
        patterns = TablePatterns(["prod.sales.bro*"])
        patterns.note(_failure(what))
        patterns.require_met()


@pytest.mark.parametrize(
    "failure", [_failure("schema prod.sale", covers="schema"), _failure("a line of the inventory")]
)
def test_what_could_not_be_listed_may_have_matched(failure: Failure) -> None:
    """The run is incomplete, and says what to do about that."""
    patterns = _seen("prod.sale.*")
    patterns.note(failure)
    patterns.require_met()
    _seen("prod.sale.*").require_met(whole=False)


def test_a_listing_is_checked_before_evidence_is_asked_for() -> None:
    listing = Listing(
        names=(),
        failures=(),
        unseen=[_failure("catalog prd")],
        places=["prod", "dev"],
    )
    patterns = TablePatterns(["prd.*"])
    with pytest.raises(ConfigurationError) as caught:
        patterns.see_listed(listing)
    assert caught.value.remedy == "There are prod, dev."


def test_near_names_are_the_similar_ones() -> None:
    assert near("prod.sales.ordes", NAMES)[0] == "prod.sales.orders"
    assert near("PAYMENT", NAMES)[0] == "prod.finance.payments"
    assert near("", NAMES)
    assert near("*", ()) == []
