"""The names that stand for many tables are those of the largest, whatever came first."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lakewarden.report.amounts import EXAMPLES, Counted, Largest

_sizes = st.dictionaries(st.text(max_size=3), st.none() | st.integers(0, 5), max_size=20)


@given(_sizes, st.integers(1, 6), st.randoms())
def test_the_largest_are_kept_whatever_the_order(
    sizes: dict[str, int | None], keep: int, random_: random.Random
) -> None:
    """Two runs that read their tables in another order must write the same report."""
    names = sorted(sizes)
    random_.shuffle(names)
    largest: Largest[str] = Largest(keep)
    for name in names:
        largest.add(name, sizes[name], name)
    ordered = sorted(sizes, key=lambda name: (sizes[name] is None, -(sizes[name] or 0), name))
    assert list(largest) == ordered[:keep]


@given(_sizes)
def test_an_amount_counts_every_table_and_the_bytes_that_are_known(
    sizes: dict[str, int | None],
) -> None:
    group = Counted()
    for name, size in sizes.items():
        group.add(name, size)
    known = [size for size in sizes.values() if size is not None]
    assert group.amount.tables == len(sizes)
    assert group.amount.bytes == sum(known)
    assert group.amount.unsized == len(sizes) - len(known)
    assert len(group.examples) == min(len(sizes), EXAMPLES)


def test_a_table_of_no_bytes_is_larger_than_one_of_which_nobody_knows() -> None:
    group = Counted()
    group.add("a", None)
    group.add("b", 0)
    assert group.examples == ("b", "a")
