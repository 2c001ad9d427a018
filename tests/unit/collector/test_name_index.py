"""What covers a table is found, whichever way it is looked up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.name_index import NameIndex
from lakewarden_collector.patterns import Pattern, fold

_TEXTS = st.text(alphabet="aB.ßẞ*?", max_size=6)
_NAMES = st.text(alphabet="aAbB.ßẞ", max_size=7)


@given(patterns=st.lists(_TEXTS, max_size=8), names=st.lists(_NAMES, max_size=4), name=_NAMES)
def test_it_finds_what_comparing_with_each_finds(
    patterns: list[str], names: list[str], name: str
) -> None:
    index = NameIndex(
        names=((text, number) for number, text in enumerate(names)),
        patterns=((text, number + len(names)) for number, text in enumerate(patterns)),
    )
    expected = [number for number, text in enumerate(names) if fold(text) == fold(name)]
    expected += [
        number + len(names) for number, text in enumerate(patterns) if Pattern(text).matches(name)
    ]
    assert index.covering(name) == expected


def test_what_has_the_same_text_is_found_together() -> None:
    index = NameIndex(
        names=[("a.b.c", 4), ("A.b.C", 1)], patterns=[("*.c", 3), ("*.C", 0), ("a.*", 2)]
    )
    assert index.covering("a.B.c") == [0, 1, 2, 3, 4]
    assert NameIndex().covering("a.b.c") == []
