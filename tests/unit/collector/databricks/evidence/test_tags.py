"""Tags: inherited from catalog to schema to table, the nearest wins, none is an empty map."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Absence, TableDocument
from lakewarden_collector.sources.databricks.evidence.tags import Tags
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from tests.unit.collector.databricks.evidence.fake_workspace import FakeWorkspace, load, table

LEVELS = (("main", None, None), ("main", "s", None), ("main", "s", "t"))


def tagged(*rows: tuple[str | None, ...]) -> TableDocument:
    lookup = Tags()
    load(lookup, FakeWorkspace(tags=rows), ["main"])
    return lookup.apply(table())


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=2)), min_size=3, max_size=3)
)
def test_nearest_value_wins_for_every_tag(levels: list[dict[str, str]]) -> None:
    rows = [
        (*place, name, value)
        for place, tags in zip(LEVELS, levels, strict=True)
        for name, value in tags.items()
    ]
    expected = {
        name: next(tags[name] for tags in reversed(levels) if name in tags)
        for name in "abc"
        if any(name in tags for tags in levels)
    }
    assert tagged(*rows).tags == expected


def test_table_without_tags_has_none_which_is_known() -> None:
    document = tagged()
    assert document.tags == {}
    assert document.evidence == {}


def test_tag_without_a_value_is_a_tag() -> None:
    assert tagged(("main", "s", "t", "agreed", None)).tags == {"agreed": ""}


def test_tags_of_namesakes_elsewhere_do_not_count() -> None:
    assert (
        tagged(
            ("other", None, None, "a", "1"),
            ("main", "z", None, "b", "1"),
            ("main", "z", "t", "c", "1"),
        ).tags
        == {}
    )


def test_tags_of_a_table_that_is_only_browsed_are_not_called_absent() -> None:
    browsed = table(
        properties=UNSET, evidence={"properties": Absence(status="denied", reason="only browsed")}
    )
    lookup = Tags()
    load(lookup, FakeWorkspace(tags=[("main", None, None, "a", "1")]), ["main"])
    assert lookup.apply(browsed).evidence["tags"].status == "denied"
    assert lookup.apply(browsed).tags is UNSET


def test_tags_are_asked_once_and_a_refusal_is_a_reason() -> None:
    lookup = Tags()
    assert lookup.apply(table()).evidence["tags"].status == "not_requested"
    failed = StatementError(kind="failed", message="out of luck")
    run = FakeWorkspace(errors=[failed])
    assert load(lookup, run, ["main"]) == 1
    assert lookup.apply(table()).evidence["tags"].status == "failed"
    assert load(lookup, run, ["main"]) == 1
    assert load(lookup, run, ["main"]) == 0
    assert lookup.notes == ()


def test_text_that_is_no_unicode_does_not_break_the_journal() -> None:
    assert tagged(("main", "s", "t", "a", "half \ud800 a pair")).tags == {"a": "half \ufffd a pair"}
