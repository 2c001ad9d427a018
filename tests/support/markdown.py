"""Markdown as a parser reads it, for tests that strangers' texts become nothing but text."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_PLAIN: Final = re.compile(r"""[\w\s().,:;!?"'%/\u2026\u2013\u2014\u2192\u2019\u2212+-]*""")
"""What stands outside code: nothing of it is a mention, a reference, an address or markup."""

_ADDRESS: Final = re.compile(r"\w[.:]{1,3}/?/?[^\W\d]")


def runs(text: str) -> list[str]:
    """Return each paragraph, heading and cell of a page as the text that a reader sees."""
    return [read(token.children or []) for token in PARSER.parse(text) if token.type == "inline"]


def read(tokens: list[Token]) -> str:
    """Return the text of one inline run; anything but text, code and bold is an error."""
    result, inside = "", False
    for token in tokens:
        if token.type == "html_inline":
            assert token.content == ("</code>" if inside else "<code>"), token
            inside = not inside
            continue
        assert token.type in {"text", "code_inline", "strong_open", "strong_close"}, token
        if token.type == "text" and not inside:
            assert _PLAIN.fullmatch(token.content), token.content
            assert not any(map(_ADDRESS.search, token.content.split())), token.content
        result += token.content
    assert not inside
    return result
