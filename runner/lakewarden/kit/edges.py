"""Values at which a policy's answer can turn: what its code and its settings name, and beside it.

Words are texts in the code, in the settings and in the policies' own examples; numbers are those
found there, one more and one less. So nothing here knows what a policy is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from lakewarden.engines.interface import Module
from lakewarden_collector.document_rules import MOST

_TEXT: Final = re.compile(r'"([^"\\\n]*)"|`([^`]*)`')
_COMMENT: Final = re.compile(r"#[^\n]*")
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_WORD: Final = re.compile(r"\w+")
_NO_WORD: Final = re.compile(r"[%\s]")
_LONGEST_WORD: Final = 60
_LONGEST_TEXT: Final = 400
"""Characters of a text that is made to be as long as a number says."""

_SPELT: Final = 20
"""Words that are also tried in other spellings."""

_MOST_DAYS: Final = 4000
_MOST_FACTOR: Final = 10
_FEW: Final = 12
"""A list or map is made of at most so many parts."""


class Edges(Struct, frozen=True, kw_only=True):
    """The values that are tried, the likeliest first."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]
    thresholds: tuple[int, ...]
    """The numbers of settings and examples, one less and one more."""
    times: tuple[str, ...]
    names: frozenset[str]
    """Every name that the code has in it: a field that isn't among them is read by nobody."""

    @property
    def few(self) -> tuple[int, ...]:
        """The numbers that a list can have parts."""
        return tuple(sorted({each for each in self.numbers if each <= _FEW} | {0, 1, 2}))

    @property
    def lengths(self) -> tuple[str, ...]:
        """Texts that are as long as a threshold says."""
        return tuple("x" * each for each in self.thresholds if 0 < each <= _LONGEST_TEXT)

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that are as long as a number says."""
        return tuple("x" * each for each in self.numbers if 0 < each <= _LONGEST_TEXT)


def edges(
    modules: Iterable[Module],
    settings: Sequence[Mapping[str, Any]],
    examples: Sequence[Mapping[str, Any]],
    clock: str,
) -> Edges:
    """Return what these modules, settings and examples name; times are beside the clock."""
    texts = [_COMMENT.sub("", module.text) for module in modules]
    words, numbers = dict[str, None](), dict[float, None]()
    for part in (*examples, *settings):
        for leaf in _leaves(part):
            if isinstance(leaf, str):
                words[leaf] = None
            elif not isinstance(leaf, bool):
                numbers[leaf] = None
    thresholds = dict.fromkeys(each for number in numbers for each in _near(number))
    spelt = dict.fromkeys(each for word in ("x", *islice(words, _SPELT)) for each in _spelt(word))
    names = set[str]()
    for text in texts:
        names.update(_WORD.findall(text))
        for found in _TEXT.finditer(text):
            word = found[1] or found[2] or ""
            if len(word) <= _LONGEST_WORD and not _NO_WORD.search(word):
                words[word] = None
        numbers.update(dict.fromkeys(map(float, _NUMBER.findall(_TEXT.sub('""', text)))))
    whole = tuple(dict.fromkeys(_beside(numbers)))
    return Edges(
        words=tuple({**dict.fromkeys(("", "true", "false", "x")), **words, **spelt}),
        numbers=whole,
        thresholds=tuple(thresholds),
        times=tuple(_times(whole, clock)),
        names=frozenset(names | words.keys()),
    )


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 -- any JSON
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield name
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield value


def _spelt(word: str) -> Iterator[str]:
    """Yield a word as it could be spelt otherwise: with capitals, a digit, a blank, a hyphen."""
    yield from (word.upper(), word.capitalize(), word.lower())
    yield from (f"1{word}", f"{word}1", f" {word}", f"{word} ", f"{word}-{word}", f"{word}.{word}")


def _beside(numbers: Iterable[float]) -> Iterator[int]:
    """Yield whole numbers: each, one more, one less, and these of its products with factors."""
    found = [0.0, 1.0, *numbers]
    factors = [each for each in found if 0 < each <= _MOST_FACTOR and each != int(each)] + [2.0]
    for each in found:
        for product in (each, *(each * factor for factor in factors)):
            yield from _near(product)


def _near(number: float) -> Iterator[int]:
    """Yield a whole number, one less and one more, where a document can hold them."""
    for each in (round(number), round(number) - 1, round(number) + 1):
        if 0 <= each <= MOST:
            yield each


def _times(numbers: Sequence[int], clock: str) -> Iterator[str]:
    now = datetime.fromisoformat(clock)
    for days in (0, *islice((each for each in numbers if each <= _MOST_DAYS), 40)):
        for seconds in (0, -1, 1):
            time = now - timedelta(days=days, seconds=seconds)
            yield f"{time:%Y-%m-%dT%H:%M:%SZ}"
