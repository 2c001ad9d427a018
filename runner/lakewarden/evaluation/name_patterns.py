"""Patterns of `--table` and `--policy` that match nothing: said at once, with what there is.

A misspelt pattern would otherwise be a run about nothing, or about less than was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Final

from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.counted import counted
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import is_full
from lakewarden_collector.patterns import Pattern, any_matches, fold
from lakewarden_collector.sources.interface import Listing

NEAR: Final = 10
"""Names that a message gives."""

_COMPARED: Final = 200  # names that are compared closely; comparing takes time
_GRAM: Final = 3


class TablePatterns:
    """Chooses tables by name, and notes which pattern has met one.

    A table that could not be read is known as well: what is wrong with it, the run says.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(map(Pattern, patterns))
        self._unmet = list(self._patterns)
        self._names: list[str] = []
        """All that were seen; empty once every pattern has met one."""
        self._blind = False

    def choose(self, full_name: str) -> bool:
        """Return whether a table is wanted; without patterns, every one is."""
        self._see(full_name)
        return not self._patterns or any_matches(self._patterns, full_name)

    def note(self, failure: Failure) -> None:
        """Take a table into account that could not be read, or tables that nobody could list."""
        name = failure.what.removeprefix("table ")
        if failure.covers == "table" and is_full(name):
            self._see(name)
        else:
            self._blind = True

    def see_listed(self, listing: Listing) -> None:
        """Check a whole listing before anything is asked about its tables; see `require_met`."""
        for name in listing.names:
            self._see(name)
        for failure in listing.failures:
            self.note(failure)
        remedies = (each.remedy for each in listing.unseen)
        self.require_met(places=listing.places, unseen=next(remedies, ""))

    def require_met(
        self, *, whole: bool = True, places: Sequence[str] = (), unseen: str = ""
    ) -> None:
        """Raise `ConfigurationError` if a pattern has met no table.

        `places` are catalogs and schemas where no table is in scope, and `unseen` is what to do
        about what may be there unseen. Not where the tables aren't the `whole` of them, or some
        could not be listed: what lacks may be among these, and the run is incomplete in any case.
        """
        if not self._unmet or self._blind or not whole:
            return
        names = list(dict.fromkeys([*self._names, *places]))
        unmet = ", ".join(pattern.text for pattern in self._unmet)
        first = self._unmet[0].text
        hints = [text for text in (f"{first}.*", f"*.{first}") if _meets(text, self._names)]
        remedy = [*(f"{hint} would match." for hint in hints), there_is(first, names), unseen]
        raise ConfigurationError(
            f"no table matches {unmet}", where="--table", remedy=" ".join(filter(None, remedy))
        )

    def _see(self, full_name: str) -> None:
        if not self._unmet:
            return
        self._names.append(full_name)
        self._unmet = [each for each in self._unmet if not each.matches(full_name)]
        if not self._unmet:
            self._names.clear()


def there_is(pattern: str, names: Sequence[str], what: str = "table") -> str:
    """Say which names there are, up to ten of them, those that are near the pattern first."""
    if not names:
        return f"There is no {what} that could match."
    found = near(pattern, names)
    listed = ", ".join(found)
    if len(found) == len(names):
        return f"There {'is' if len(names) == 1 else 'are'} {listed}."
    return f"The nearest of {counted(len(names), what)} are {listed}."


def near(pattern: str, names: Iterable[str]) -> list[str]:
    """Return up to ten names, the most similar to the pattern first."""
    text = fold(pattern).strip("*?")
    grams = _grams(text)

    def shared(name: str) -> int:
        return len(grams & _grams(fold(name)))

    def similar(name: str) -> float:
        folded = fold(name)
        parts = (folded, folded.rpartition(".")[2])
        return max(SequenceMatcher(None, text, part).ratio() for part in parts)

    return nlargest(NEAR, nlargest(_COMPARED, names, key=shared), key=similar)


def _grams(text: str) -> set[str]:
    return {text[start : start + _GRAM] for start in range(max(1, len(text) - _GRAM + 1))}


def _meets(text: str, names: Iterable[str]) -> bool:
    pattern = Pattern(text)
    return any(map(pattern.matches, names))
