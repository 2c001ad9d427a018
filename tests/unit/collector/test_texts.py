"""Text that shows nothing is empty; what shows something stays as it was written."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import category

import pytest

from lakewarden_collector.texts import BLANK, HIDDEN, MARKS, is_empty, plain


@pytest.mark.parametrize(
    "code", [0x200B, 0xFEFF, 0xAD, 0x3164, 0x2800, 0xFE0F, 0xE0100, 0x301, 0x20]
)
def test_a_text_of_what_shows_nothing_is_empty(code: int) -> None:
    assert is_empty(chr(code) * 30)
    assert plain(f" {chr(code)}") == ""
    assert plain(f"{chr(code)} a") == "a" or 0x300 <= code <= 0x36F or code > 0xFE00


def test_every_format_and_control_character_and_blank_shows_nothing() -> None:
    """By this Python's Unicode; a later one may add some, and the list then wants them."""
    for point in range(0x110000):
        if category(chr(point)) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            assert is_empty(chr(point)), hex(point)


def test_letters_digits_and_signs_show_something() -> None:
    for point in range(0x110000):
        if category(chr(point))[0] in "LNPS" and not is_shown_blank(point):
            assert not is_empty(chr(point)), hex(point)


def is_shown_blank(point: int) -> bool:
    """Whether Unicode calls a letter or a sign what shows nothing: fillers and blanks."""
    fillers = {0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x1D159, 0x13441, 0x13442}
    return point in fillers


def test_what_is_part_of_a_character_stays() -> None:
    assert plain(" cafe\u0301 ") == "cafe\u0301"
    assert plain("\u2764\ufe0f\u200b") == "\u2764\ufe0f"


def test_the_ranges_are_apart_and_in_order() -> None:
    points = [point for group in (BLANK, HIDDEN, MARKS) for pair in group for point in pair]
    assert all(first <= last for group in (BLANK, HIDDEN, MARKS) for first, last in group)
    spans = sorted((*BLANK, *HIDDEN, *MARKS))
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert max(points) < 0x110000
