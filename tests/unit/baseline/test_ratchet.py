"""A baseline may lose entries since a state that its author can't change, and gain none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.baseline.entries import Entry
from lakewarden.baseline.ratchet import compare
from lakewarden.model.baseline import Ratchet
from lakewarden.report.gate import judge
from tests.support import reports


def entry(name: str, policy: str = "a.b", **fields: str) -> Entry:
    return Entry(
        **({"policy": policy, "table": f"main.sales.{name}", "since": "2026-01-01"} | fields)
    )


_ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from("xyz"),
        st.sampled_from(["a.b", "a.c"]),
        key=st.sampled_from(["k", "l"]),
    ),
    unique_by=lambda each: each.place,
)


@given(_ENTRIES, _ENTRIES)
def test_all_that_is_new_is_refused_and_none_is_lost_in_the_pairs(
    before: list[Entry], now: list[Entry]
) -> None:
    found = compare("main", before, now)
    old, new = {each.place for each in before}, {each.place for each in now}
    assert (found.added, found.removed) == (len(new - old), len(old - new))
    assert found.holds == (new <= old)
    assert found.swapped == min(found.added, found.removed)
    named = [each.into for each in found.swaps] + list(found.growth)
    assert {(each.policy_id, each.full_name, each.key) for each in named} == {
        (each.policy, each.table, each.key) for each in now if each.place in new - old
    }


def test_a_swap_is_paired_by_policy_and_table_then_by_policy() -> None:
    before = [entry("x", key="old"), entry("y"), entry("z", "a.c")]
    now = [entry("x", key="new"), entry("w")]
    found = compare("main", before, now)
    assert [(each.out.full_name, each.into.full_name) for each in found.swaps] == [
        ("main.sales.y", "main.sales.w"),
        ("main.sales.x", "main.sales.x"),
    ]


def test_a_renamed_table_is_no_growth_and_an_entry_cannot_become_younger() -> None:
    before = [entry("old", table_id="id")]
    assert compare("main", before, [entry("NEW", table_id="id")]).holds
    assert not compare("main", before, [entry("new", table_id="id-2")]).holds
    for name in ("old", "new"):
        found = compare("main", before, [entry(name, table_id="id", since="2026-02-01")])
        assert (found.added, found.younger, found.holds) == (0, 1, False)
        assert compare("main", before, [entry(name, table_id="id", since="2025-02-01")]).holds


def reasons(ratchet: Ratchet) -> tuple[int, Sequence[str]]:
    gate = judge({}, reports.sample(0, failures=0).completeness, ratchet=ratchet)
    return gate.exit_code, [each for each in gate.reasons if "baseline" in each]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (None, [entry("x")], ["the baseline isn't there at main, so 1 entry would be new"]),
        ([], [entry("x")], ["the baseline has 1 entry more than at main"]),
        ([entry("y")], [entry("x")], ["1 entry of the baseline replaced another of main"]),
        (
            [entry("y")],
            [entry("y", since="2026-02-02"), entry("x")],
            [
                "the baseline has 1 entry more than at main",
                "1 entry of the baseline became younger than at main",
            ],
        ),
    ],
)
def test_what_is_new_fails_the_gate(
    before: list[Entry] | None, now: list[Entry], words: list[str]
) -> None:
    assert reasons(compare("main", before, now)) == (1, words)
    code, none = reasons(compare("main", now, now))
    assert (code, none) == (3, []), "there is nothing to evaluate, and that's all"
