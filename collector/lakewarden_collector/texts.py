"""Which characters show nothing: a text of them alone is empty.

An owner of one zero-width space is nobody, and a comment of blanks says nothing. The characters are
listed rather than taken from Unicode's categories, since engines have different versions of Unicode
and different ideas of its classes. `policies/lakewarden/lib/texts` has the same list for policies,
and a test compares the two over all of Unicode, in both engines.
"""

from __future__ import annotations

import re
from typing import Final

BLANK: Final = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
"""First and last code points: what Unicode calls white space."""

HIDDEN: Final = (
    (0x00, 0x08),  # controls
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xAD, 0xAD),  # soft hyphen
    (0x600, 0x605),  # signs that enclose or precede a number
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero-width space and joiners, direction marks
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),  # Braille blank
    (0x3164, 0x3164),  # Hangul filler
    (0xFDD0, 0xFDEF),  # noncharacters
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x13441, 0x13442),  # blank hieroglyphs
    (0x16FE4, 0x16FE4),
    (0x1BCA0, 0x1BCA3),
    (0x1D159, 0x1D159),  # a note without a head
    (0x1D173, 0x1D17A),
)
"""First and last code points: format characters, fillers, controls, noncharacters, and what else
Unicode lets a font ignore."""

MARKS: Final = (
    (0x300, 0x36F),  # combining marks
    (0x483, 0x489),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
    (0xE0000, 0xE0FFF),  # tags, more variation selectors
)
"""First and last code points: what belongs to the character before it, and is nothing alone."""


def _class(*ranges: tuple[int, int]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


_SHOWN: Final = re.compile(f"[^{_class(*BLANK, *HIDDEN, *MARKS)}]")
_AROUND: Final = re.compile(f"^[{_class(*BLANK, *HIDDEN)}]+|[{_class(*BLANK, *HIDDEN)}]+$")


def is_empty(text: str) -> bool:
    """Say whether the text shows nothing at all."""
    return _SHOWN.search(text) is None


def plain(text: str) -> str:
    """Return the text without what shows nothing around it; empty where nothing is left to see."""
    return "" if is_empty(text) else _AROUND.sub("", text)
