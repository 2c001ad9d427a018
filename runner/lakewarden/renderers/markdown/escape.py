"""Texts of strangers in GitHub-flavoured Markdown: shown as they are, and nothing else.

Escaping alone does not do: GitHub turns @names, #numbers, commit ids and addresses of what has been
rendered into links and mentions. It leaves code alone, so everything that isn't a plain word or
number becomes code.
"""

from __future__ import annotations

import re
from typing import Final

from lakewarden.renderers.words import wording

LONGEST: Final = 800
"""Characters of one name or text; Unity Catalog allows 767 in a full name."""

_WORD: Final = re.compile(
    r"""(?P<before>[("']*)
    (?P<core>[^\W\d_]+(?:[-'\u2019/][^\W\d_]+)* | [-+\u2212]?\d[\d,.:-]*%? | [\u2013\u2014\u2192])
    (?P<after>[.,;:!?)"'\u2026]*)""",
    re.VERBOSE,
)
_AROUND: Final = re.compile(r"""(?P<before>[("']*)(?P<core>.*?)(?P<after>[.,;:!?)"'…]*)""")
_LIST_MARKER: Final = re.compile(r"\d+[.)]")
_UNSAFE_IN_CODE: Final = re.compile(r"[`|]|^\s|\s$")


def code(text: str, *, longest: int = LONGEST) -> str:
    """Write a name, or anything else that isn't prose, as code: it stays what it is."""
    return _coded(wording.shortened(wording.visible(text), longest))


def _coded(shown: str) -> str:
    if not shown:
        return "(empty)"
    if not _UNSAFE_IN_CODE.search(shown):
        return f"`{shown}`"
    # Parsers differ about a backslash before a pipe in code, not about character references.
    safe = "".join(
        letter if letter.isalnum() or letter == " " or not letter.isascii() else f"&#{ord(letter)};"
        for letter in shown
    )
    return f"<code>{safe}</code>"


def prose(text: str, *, longest: int = LONGEST) -> str:
    """Write sentences on one line, with code for whatever isn't a plain word or number."""
    words = wording.shortened(text, longest).split()
    return " ".join(_word(word, longest, first=not place) for place, word in enumerate(words))


def _word(word: str, longest: int, *, first: bool) -> str:
    if wording.HIDDEN.search(word):  # some are letters that show nothing
        return code(word, longest=longest)
    if _WORD.fullmatch(word) and not (first and _LIST_MARKER.fullmatch(word)):
        return word
    # Of the word as a whole: what may not begin it may stand behind a bracket.
    around = _AROUND.fullmatch(wording.visible(word))
    if around is None or not around["core"]:
        return code(word, longest=longest)
    core = _coded(wording.shortened(around["core"], longest))
    return f"{around['before']}{core}{around['after']}"
