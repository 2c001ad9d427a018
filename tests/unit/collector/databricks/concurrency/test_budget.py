"""No more statements are sent than were allowed, however many threads ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.databricks.concurrency.budget import Budget


@given(most=st.integers(0, 50), spent=st.integers(0, 60), asked=st.integers(0, 80))
def test_what_is_given_and_what_previous_attempts_spent_is_never_more_than_the_budget(
    most: int, spent: int, asked: int
) -> None:
    budget = Budget(most, spent)
    given = sum(budget.take() for _ in range(asked))
    assert given == min(asked, max(0, most - spent))
    assert budget.left == max(0, most - spent) - given


def test_threads_do_not_share_one_statement() -> None:
    budget = Budget(500)
    with ThreadPoolExecutor(8) as pool:
        given = sum(pool.map(lambda _: budget.take(), range(2000)))
    assert (given, budget.left) == (500, 0)


def test_none_is_no_limit() -> None:
    budget = Budget(None, 1_000_000)
    assert all(budget.take() for _ in range(100))
    assert (budget.most, budget.left) == (None, None)


@pytest.mark.parametrize("most", [0, 12_345])
def test_the_sentence_names_the_option(most: int) -> None:
    assert "--max-statements" in Budget(most).sentence()
    assert f"{most:,} statement" in Budget(most).sentence()
