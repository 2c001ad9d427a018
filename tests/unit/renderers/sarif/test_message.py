"""Texts of strangers in SARIF: what a reader of the standard makes of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.renderers.sarif.message import paragraphs, plain, with_fixes
from lakewarden.renderers.words.findings import findings
from tests.support import fixable, markdown, reports
from tests.support.fixable import STRATEGY

_TEXTS = st.lists(
    st.sampled_from(["[", "]", "(", ")", "\\", "{", "}", "0", "x", " ", "https://e", "\n"])
).map("".join)
_LINK = re.compile(r"(?<!\\)((?:\\\\)*)\[[^\]]*\]\(")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("a {0} b", "a {{0}} b"),
        ("[click](https://evil)", r"\[click](https://evil)"),
        (r"\[click](1)", r"\\\[click](1)"),
        ('["eu"] (new)', '["eu"] (new)'),
        ("\x1b[31m", r"\x1b[31m"),
    ],
)
def test_what_is_no_placeholder_and_no_link_is_written_so(text: str, written: str) -> None:
    assert plain(text) == written


@given(_TEXTS)
def test_no_text_makes_a_link_or_a_placeholder(text: str) -> None:
    written = plain(text)
    assert not _LINK.search(written)
    assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", written)


@given(_TEXTS)
def test_markdown_shows_the_text_and_does_nothing(text: str) -> None:
    shown = " ".join(markdown.runs(paragraphs(text).replace("{{", "{").replace("}}", "}")))
    assert shown.split() == text.split()


def test_sql_cannot_end_its_own_block() -> None:
    table = fixable.table(
        "a.b.c", {STRATEGY: fixable.failing("It has none.", fixable.cluster("x```\n# h\n``y"))}
    )
    (found,) = findings(table, {each.policy_id: each for each in reports.policies()})
    tokens = markdown.PARSER.parse(with_fixes(found))
    assert not [each for each in tokens if each.type == "heading_open"]
    fenced = [each.content for each in tokens if each.type == "fence"]
    assert len(fenced) == 2
    assert all("# h" in each for each in fenced)
