"""Texts of strangers in Markdown: read back by a parser, they are what they were."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakewarden.renderers.markdown.escape import LONGEST, code, prose
from lakewarden.renderers.words import wording
from tests.support import reports
from tests.support.markdown import PARSER, runs

_texts = st.text() | st.text(alphabet="`|\\<>&@#*_~[](){}!$:^-+=. \t\n1aA/'\"", max_size=40)


def cells(*texts: str) -> list[str]:
    """Return what a parser finds in a table's one row of these texts."""
    page = f"| a | b |\n| --- | --- |\n| {' | '.join(texts)} |\n"
    kinds = [token.type for token in PARSER.parse(page)]
    assert kinds.count("tr_open") == 2
    return runs(page)[2:]


@given(_texts, _texts)
def test_names_in_a_table_are_what_they_were(first: str, second: str) -> None:
    """A name with a pipe may not move the figures behind it into another column."""
    expected = [wording.visible(each)[:LONGEST] or "(empty)" for each in (first, second)]
    assert [each.strip() for each in cells(code(first), code(second))] == [
        each.strip() for each in expected
    ]


@given(_texts, _texts)
@example("(::0", "")
def test_sentences_in_a_table_are_what_they_were(first: str, second: str) -> None:
    expected = [" ".join(map(wording.visible, each.split())) for each in (first, second)]
    assert cells(prose(first), prose(second)) == expected


@given(_texts)
@example("1. see above")
@example("2) see above")
@example("# note")
@example("- note")
@example("> note")
def test_a_sentence_that_begins_an_item_is_nothing_but_a_sentence(text: str) -> None:
    """A reason such as `1. see above` or `# note` must not become a list or a heading."""
    page = f"- {prose(text)}\n"
    kinds = [token.type for token in PARSER.parse(page)]
    assert kinds[:2] == ["bullet_list_open", "list_item_open"]
    assert set(kinds[2:-2]) <= {"paragraph_open", "inline", "paragraph_close"}
    assert "".join(runs(page)) == " ".join(map(wording.visible, text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "@octocat",
        "(@octocat)",
        "#1",
        "GH-1",
        "octo/cat#1",
        "https://example.com",
        "www.example.com",
        "ana@example.com",
        ":tada:",
        "$x$",
        "[^1]",
        "[!NOTE]",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "~~gone~~",
        "__all__",
    ],
)
def test_what_github_would_turn_into_something_is_code(text: str) -> None:
    """Nobody is notified, and no issue gets a reference, because a table is named after them."""
    inline = PARSER.parseInline(prose(text))[0].children or []
    (token,) = [each for each in inline if each.type != "text"]
    assert token.type == "code_inline"
    assert token.content.strip(":") == text.strip("():")


@pytest.mark.parametrize(
    "text",
    [
        "The table's owner (the loader's team) says: rewritten every night; see 2.5, 1,234 or 7%.",
        "auto-optimise counts, and/or not",
        "until 2026-06-30 05:10:00 UTC",
        "Größe unbekannt",
    ],
)
def test_plain_sentences_stay_readable_as_they_are_written(text: str) -> None:
    assert prose(text) == text


def test_identifiers_in_a_sentence_become_code() -> None:
    assert prose("Set delta.autoOptimize.optimizeWrite, then (cluster_exclusion).") == (
        "Set `delta.autoOptimize.optimizeWrite`, then (`cluster_exclusion`)."
    )


@pytest.mark.parametrize("name", reports.HOSTILE_NAMES)
def test_hostile_names_are_shown_and_do_nothing(name: str) -> None:
    assert cells(code(name), prose(name))[0] == wording.visible(name)


def test_what_is_endless_is_cut() -> None:
    assert len(code("n" * 10**6)) < LONGEST + 3
    assert len(prose("word " * 10**6)) <= LONGEST + 1
