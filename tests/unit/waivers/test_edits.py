"""Auditors read the file of waivers: an edit changes the one that is meant, and no other byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.yaml_file import parse_yaml
from lakewarden.waivers.edits import added, changed, removed

PATH = Path("waivers.yaml")
NEW = {
    "policy": "colour.shade",
    "table": "prod.sales.orders",
    "reason": "Moves in May, with the rest",
    "owner": "sales",
    "approved_by": "cdo",
    "expires": "2027-01-31",
}
ONE = """\
# Approved exceptions.
waivers:
  # The first of all.
  - policy: colour.shade   # by the council
    table: "prod.sales.items"
    reason: >-
      It moves,
      and slowly.

    owner: 'sales'
    approved_by: cdo
    expires: 2026-12-31
    # extended twice

# The end.
"""
LISTED = """\
waivers:
- policy: colour.shade
  table: a.b.c
  expires: 2026-12-31

- table: a.b.d
  policy: colour.shade
  expires: "2026-12-31"
"""
BRACKETS = "waivers: [{policy: colour.shade, expires: 2026-12-31}, {policy: x, expires: '2027'}]\n"
LINES = "waivers: [\n  {policy: a},  # one\n  {policy: b},\n]  # all\n"
FILES = {
    "one": ONE,
    "windows": ONE.replace("\n", "\r\n"),
    "no break at the end": LISTED.rstrip(),
    "listed": LISTED,
    "brackets": BRACKETS,
    "brackets over lines": LINES,
    "brackets over lines without the last comma": LINES.replace("b},", "b}"),
    "empty brackets": "# none\nwaivers: []\n",
    "empty brackets with a comment": "waivers: []  # none yet\n    # really\n",
    "empty brackets over lines": "waivers:\n  [\n  # none yet\n  ]\n",
    "empty brackets without a break": "waivers: []",
    "braces": '{"waivers": []}\n',
    "anchors": "waivers:\n  - policy: a\n    owner: &o sales\n  - policy: b\n    owner: *o\n",
    "two documents' marks": "---\nwaivers:\n  - policy: a\n...\n",
    "byte order mark": "\ufeffwaivers:\n  - policy: a\n",
    "a text at the end": "waivers:\n  - policy: a\n    reason: |\n     a\n\n     b\n\n\n# end\n",
    "braces below dashes": "waivers:\n    -   {policy: a, expires: 2027-01-01}\n",
    "a dash of its own": "waivers:\n  -\n    # the first\n    policy: a\n    owner: b\n",
    "spread": "waivers:\n\n  -   policy: a\n      owner: b\n\n\n  -   policy: c\n",
}


def values(text: str) -> list[dict[str, str]]:
    return list(parse_yaml(PATH, text).value.get("waivers") or [])


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_what_is_added_and_removed_again_leaves_the_same_bytes(text: str) -> None:
    more = added(PATH, text, NEW)
    assert values(more) == [*values(text), NEW]
    assert removed(PATH, more, [len(values(text))]) == text


@pytest.mark.parametrize("text", ["", "# none yet", "---\n", "waivers:", "waivers: ~ # none\n"])
def test_a_file_without_waivers_has_one_then_and_brackets_after_it_is_removed(text: str) -> None:
    more = added(PATH, text, NEW)
    assert values(more) == [NEW]
    assert more.startswith(text.replace(" ~", ""))
    less = removed(PATH, more, [0])
    assert "waivers: []" in less
    assert values(less) == []


def test_a_waiver_looks_like_its_neighbours() -> None:
    assert added(PATH, LISTED, NEW | {"reason": "yes"}) == LISTED + (
        "\n"
        "- policy: colour.shade\n"
        "  table: prod.sales.orders\n"
        "  reason: 'yes'\n"
        "  owner: sales\n"
        "  approved_by: cdo\n"
        "  expires: 2027-01-31\n"
    )
    assert added(PATH, "waivers: [{policy: a}]", NEW).endswith(
        "{policy: a}, {policy: colour.shade, table: prod.sales.orders, "
        "reason: 'Moves in May, with the rest', owner: sales, approved_by: cdo, "
        "expires: 2027-01-31}]"
    )
    assert added(PATH, ONE, NEW) == ONE.replace(
        "    # extended twice\n",
        "    # extended twice\n"
        "  - policy: colour.shade\n"
        "    table: prod.sales.orders\n"
        "    reason: Moves in May, with the rest\n"
        "    owner: sales\n"
        "    approved_by: cdo\n"
        "    expires: 2027-01-31\n",
    )


def test_what_is_renewed_keeps_its_quotes_and_its_comments() -> None:
    renewed = changed(PATH, ONE, 0, {"expires": "2027-03-31", "owner": "it's", "ticket": "G-1"})
    assert renewed == ONE.replace("2026-12-31\n", "2027-03-31\n    ticket: G-1\n").replace(
        "'sales'", "'it''s'"
    )
    assert changed(PATH, ONE, 0, {"reason": "a: b"}) == ONE.replace(
        ">-\n      It moves,\n      and slowly.\n", "'a: b'\n"
    )
    assert changed(PATH, LISTED.rstrip(), 1, {"expires": "2027-01-01", "starts": "2026-12-01"}) == (
        LISTED.rstrip().replace('"2026-12-31"', '"2027-01-01"\n  starts: 2026-12-01')
    )
    assert changed(PATH, BRACKETS, 1, {"expires": "2028-01-01", "ticket": "a, b"}) == (
        BRACKETS.replace("'2027'", "'2028-01-01', ticket: 'a, b'")
    )
    assert changed(PATH, ONE, 0, {"owner": "sales"}) == ONE


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        (LISTED, [0], "waivers:\n" + LISTED.partition("\n\n")[2]),
        (LISTED, [1], LISTED.partition("\n\n")[0] + "\n"),
        (LISTED, [0, 1], "waivers: []\n"),
        (LISTED, [], LISTED),
        (ONE, [0], "# Approved exceptions.\nwaivers: []\n  # The first of all.\n\n# The end.\n"),
        (BRACKETS, [0], "waivers: [{policy: x, expires: '2027'}]\n"),
        (BRACKETS, [1], "waivers: [{policy: colour.shade, expires: 2026-12-31}]\n"),
        (BRACKETS, [0, 1], "waivers: []\n"),
        ("waivers: [{a: b}, {c: d}, {e: f}]", [1, 2], "waivers: [{a: b}]"),
        (LINES, [0], "waivers: [\n    # one\n  {policy: b},\n]  # all\n"),
        (LINES, [1], "waivers: [\n  {policy: a},  # one\n]  # all\n"),
        ("waivers:\n- a: b\n\n- c: d\n\n- e: f\n", [0, 1], "waivers:\n- e: f\n"),
        ("waivers:\n- a: b\n\n- c: d\n\n- e: f\n", [1], "waivers:\n- a: b\n\n- e: f\n"),
        ("waivers: [{a: b # why\n , c: d} # x\n , {e: f}]", [0], "waivers: [ # x\n  {e: f}]"),
    ],
)
def test_what_is_removed_leaves_the_rest(text: str, gone: list[int], left: str) -> None:
    assert removed(PATH, text, gone) == left


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("waivers:\n  - a: &x b\n    expires: &y 2026-12-31\n  - expires: *y\n", 3),
        ("waivers:\n  - expires: !!str 2026-12-31\n", 2),
    ],
)
def test_a_value_that_others_share_is_refused(text: str, line: int) -> None:
    for index in range(text.count("  - ")):
        with pytest.raises(ConfigurationError, match="anchor") as caught:
            changed(PATH, text, index, {"expires": "2027-01-31"})
        assert caught.value.where == f"waivers.yaml:{line}"


@pytest.mark.parametrize(
    "text",
    [
        "waivers:\n  - owner: &o sales\n  - owner: *o\n",
        "waivers:\n  - reason: |+\n      one\n\n  - policy: a\n",
    ],
)
def test_an_edit_that_would_change_something_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="without"):
        removed(PATH, text, [0 if "&o" in text else 1])


@pytest.mark.parametrize("text", ["{}\n", "waivers: [1]\n", "waivers: {}\n", "{waivers: }\n"])
def test_a_list_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="can't be edited here"):
        added(PATH, text, NEW)


_WORDS = st.text(st.sampled_from("a#:-'\"{}[],&*!|>%@` \n\té\u2028yn0"), min_size=1, max_size=8)
_FIELDS = st.fixed_dictionaries({"policy": _WORDS, "reason": _WORDS, "expires": _WORDS})


@settings(max_examples=30)
@given(
    text=st.sampled_from(sorted(FILES.values())),
    new=st.lists(_FIELDS, min_size=1, max_size=3),
    data=st.data(),
)
def test_any_edit_is_exactly_what_was_meant(
    text: str, new: list[dict[str, str]], data: st.DataObject
) -> None:
    """Whatever words: the waivers are those expected, and removing the new ones is the old file."""
    before = values(text)
    more = text
    for each in new:
        more = added(PATH, more, each)
    assert values(more) == [*before, *new]
    index = data.draw(st.integers(len(before), len(before) + len(new) - 1))
    words = data.draw(_FIELDS)
    other = changed(PATH, more, index, words)
    assert values(other)[index] == words
    ours = set(range(len(before), len(before) + len(new)))
    assert removed(PATH, other, ours) == text
