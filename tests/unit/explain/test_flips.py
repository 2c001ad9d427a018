"""What would flip a decision: the edge of a number, and that nothing is named that doesn't flip."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden.evaluation.question import Question
from lakewarden.explain.candidates import Patch, Setting
from lakewarden.explain.flips import Flip, FlipSearch
from lakewarden.explain.patches import patched
from lakewarden.model.decision import Decision, Enforcement, Exemption, Outcome, TableChange
from lakewarden.model.policy import Policy
from lakewarden_collector.document import EncodedDocument
from tests.support.engines import SettingsEngine

Json = dict[str, Any]
Rule = Callable[[Json, Json], str]
_ID: Final = "demo.one"
_SCHEMA: Final[Json] = {
    "properties": {
        "limit": {"type": "integer", "minimum": 0, "maximum": 10_000},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "strict": {"type": "boolean"},
        "other": {"type": "integer", "minimum": 0},
    }
}
_NOW: Final[Json] = {"limit": 1000, "share": 0.8, "strict": True, "other": 3}
_TABLE: Final[Json] = {
    "full_name": "a.b.c",
    "catalog_name": "a",
    "schema_name": "b",
    "name": "c",
    "properties": {},
    "size": {"bytes": 4321, "exact": True},
}
_COMMENT: Final = TableChange(title="describe it", patch={"comment": "Orders"})
_TWO: Final = TableChange(title="set two", patch={"properties": {"x": "1", "y": "1"}})


def _policy(read: tuple[str, ...] | None = ("limit", "share", "strict")) -> Policy:
    return Policy(
        policy_id=_ID,
        title="One",
        description="",
        severity="low",  # type: ignore[arg-type]  # as read
        enforcement=Enforcement.MANDATORY,
        remediation="",
        settings=read,
    )


def _search(
    rule: Rule,
    *changes: TableChange,
    decision: Decision | None = None,
    read: tuple[str, ...] | None = ("limit", "share", "strict"),
    now: Json = _NOW,
    table: Json = _TABLE,
) -> tuple[Flip, ...]:
    engine = SettingsEngine(lambda table, settings: {_ID: rule(table, settings["demo"])})
    question = Question(
        policies=(_ID,), settings={"demo": dict(now)}, waivers=(), now="2026-11-23T05:10:00Z"
    )
    document = EncodedDocument("a.b.c", json.dumps(table).encode())
    search = FlipSearch(engine, question, document, {"demo": _SCHEMA})
    decided = decision or Decision(outcome=Outcome(rule(table, dict(now))))
    found = search.find([_policy(read)], {_ID: decided}, {"demo": changes})
    return found[_ID]


def _large(table: Json, demo: Json) -> str:
    return "exempt" if table["size"]["bytes"] < demo["limit"] else "fail"


def test_a_number_is_closed_in_on_to_the_value_next_to_the_edge() -> None:
    assert _search(_large) == (
        Flip(
            outcome=Outcome.EXEMPT,
            changes=(Setting(setting="demo.limit", value=4322, now=1000),),
        ),
    )


def test_a_fraction_is_found_to_the_billionth() -> None:
    (flip,) = _search(lambda _, demo: "pass" if 3 * demo["share"] <= 2 else "fail")
    assert flip.changes == (Setting(setting="demo.share", value=0.666666666, now=0.8),)


def test_a_setting_that_the_policy_does_not_read_is_not_tried() -> None:
    assert _search(_large, read=("strict",)) == ()
    assert len(_search(_large, read=None)) == 1


def test_changes_of_the_table_come_first_and_the_smaller_of_them_before() -> None:
    def rule(table: Json, demo: Json) -> str:
        described = table.get("comment") or table["properties"].get("x")
        return "pass" if described or not demo["strict"] else "fail"

    found = _search(rule, _TWO, _COMMENT)
    assert [[type(each) for each in flip.changes] for flip in found] == [
        [Patch],
        [Patch],
        [Setting],
    ]
    assert [flip.changes[0].title for flip in found[:2]] == ["describe it", "set two"]  # type: ignore[union-attr]
    assert found[2].changes == (Setting(setting="demo.strict", value=False, now=True),)


def test_pairs_are_tried_where_nothing_alone_flips() -> None:
    def rule(table: Json, demo: Json) -> str:
        fine = table.get("comment") and demo["limit"] > 4321
        return "pass" if fine else "fail"

    (flip,) = _search(rule, _COMMENT, _TWO)
    assert flip.changes == (
        Patch(title="describe it", patch={"comment": "Orders"}),
        Setting(setting="demo.limit", value=4322, now=1000),
    )
    both = _search(
        lambda t, d: "pass" if t.get("comment") and not d["strict"] else "fail", _COMMENT
    )
    assert [len(each.changes) for each in both] == [2]
    two = _search(
        lambda t, _: "pass" if t.get("comment") and t["properties"] else "fail", _COMMENT, _TWO
    )
    assert [len(each.changes) for each in two] == [2]


def test_no_pair_is_named_where_one_change_is_enough() -> None:
    found = _search(
        lambda t, d: "pass" if t.get("comment") or not d["strict"] else "fail", _COMMENT
    )
    assert {len(flip.changes) for flip in found} == {1}


def test_a_change_that_makes_no_legal_document_is_left_out() -> None:
    illegal = TableChange(title="weigh less", patch={"size": {"bytes": -1}})
    assert _search(lambda t, _: "pass" if t["size"]["bytes"] < 0 else "fail", illegal) == ()


@pytest.mark.parametrize(
    ("before", "after", "flips"),
    [
        ("fail", "pass", True),
        ("fail", "exempt", True),
        ("fail", "not_applicable", True),
        ("fail", "unknown", False),
        ("fail", "error", False),
        ("pass", "fail", True),
        ("pass", "exempt", False),
        ("exempt", "fail", True),
        ("exempt", "pass", False),
        ("not_applicable", "fail", True),
        ("unknown", "pass", True),
        ("unknown", "fail", True),
        ("unknown", "error", False),
        ("error", "fail", True),
    ],
)
def test_which_outcomes_count_as_a_flip(before: str, after: str, *, flips: bool) -> None:
    found = _search(lambda t, _: after if t.get("comment") else before, _COMMENT)
    assert bool(found) == flips


def test_nothing_is_looked_for_where_a_waiver_decides_or_the_policy_is_off() -> None:
    def rule(table: Json, _: Json) -> str:
        return "pass" if table.get("comment") else "fail"

    waiver = Exemption(kind="waiver", reason="agreed")
    waived = Decision(outcome=Outcome.EXEMPT, exemptions=(waiver,))
    off = Decision(outcome=Outcome.NOT_APPLICABLE, enforcement=Enforcement.OFF)
    assert _search(rule, _COMMENT, decision=waived) == ()
    assert _search(rule, _COMMENT, decision=off) == ()


_bounds = st.integers(0, 10_000)


@settings(max_examples=60, deadline=None)
@given(
    ranges=st.lists(st.tuples(_bounds, _bounds), max_size=3),
    limit=_bounds,
    shares=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    strict=st.booleans(),
    needs_comment=st.booleans(),
)
def test_every_flip_is_real_and_a_numbers_neighbour_is_none(
    ranges: list[tuple[int, int]],
    limit: int,
    shares: tuple[int, int],
    *,
    strict: bool,
    needs_comment: bool,
) -> None:
    """Whatever the rule, and although it need not grow or fall with a number."""

    def rule(table: Json, demo: Json) -> str:
        inside = any(low <= demo["limit"] <= high for low, high in ranges)
        share = min(shares) <= demo["share"] * 100 <= max(shares)
        described = bool(table.get("comment")) or not needs_comment
        return "pass" if inside and share and described and demo["strict"] == strict else "fail"

    now = _NOW | {"limit": limit}
    for flip in _search(rule, _COMMENT, _TWO, now=now):
        table, demo = dict(_TABLE), dict(now)
        for change in flip.changes:
            if isinstance(change, Patch):
                made = patched(EncodedDocument("a.b.c", json.dumps(table).encode()), change.patch)
                assert made is not None
                table = json.loads(made.data)
            else:
                assert demo[change.name] == change.now != change.value
                demo[change.name] = change.value
        assert rule(table, demo) == flip.outcome != rule(_TABLE, now)
        for change in flip.changes:
            if isinstance(change, Setting) and change.name == "limit":
                nearer = change.value + (1 if change.value < limit else -1)
                assert rule(table, demo | {"limit": nearer}) != flip.outcome
