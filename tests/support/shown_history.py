"""The history that docs/history.md shows: three jobs over two catalogs, some nights each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision
from lakewarden.model.report import TableReport
from tests.support import pages
from tests.support.past_runs import EXEMPT, KEYED, PASS, PLAIN, add, failing, report, table

PAGE: Final = pages.CHECKOUT / "docs" / "history.md"
_OWNERS: Final = {"orders": "sales", "visits": "web", "returns": "sales", "carts": "web"}
_WIDE: Final = failing("city", "status")
_LESS: Final = failing("status")
Found = Mapping[str, tuple[Decision, Decision]]
"""By table, what KEYED and PLAIN decide."""
_NIGHTS: Final[tuple[Found, ...]] = (
    {"orders": (_WIDE, failing()), "visits": (PASS, failing()), "returns": (PASS, failing())},
    {"orders": (_LESS, failing()), "visits": (PASS, PASS), "returns": (PASS, EXEMPT)},
    {"orders": (_LESS, PASS), "visits": (PASS, PASS), "returns": (PASS, EXEMPT)},
    {"orders": (_LESS, PASS), "visits": (_LESS, failing()), "returns": (PASS, failing())},
)


def make(place: Path) -> None:
    """Make it: four nights of production, with stricter checks at noon, and two of development."""
    for day, found in enumerate(_NIGHTS):
        if day % 2:
            dev = _tables({"carts": (_WIDE, failing())})
            add(place, report(day - 0.1, *dev, scope="catalog dev"))
        night = _tables(found)
        add(place, report(day, *night, scope="catalog prod", failures=int(day == 1)))
        if day < 2:
            strict = _tables(dict.fromkeys(found, (_WIDE, failing())))
            add(place, report(day + 0.5, *strict, scope="catalog prod", settings="strict"))


def _tables(found: Found) -> list[TableReport]:
    return [_table(name, *decisions) for name, decisions in found.items()]


def _table(name: str, keyed: Decision, plain: Decision) -> TableReport:
    size = len(name) * 2**35
    return structs.replace(table(name, {KEYED: keyed, PLAIN: plain}, size), owner=_OWNERS[name])


def queries() -> list[str]:
    """Return the page's queries that both DuckDB and Spark run, in their order."""
    found = [block.text for block in pages.blocks(PAGE) if block.language == "sql"]
    return [text for text in found if "delta" not in text]


def answers() -> list[str]:
    """Return what the page shows below each of them, as DuckDB prints it."""
    found = [block.text for block in pages.blocks(PAGE) if block.language == ""]
    return [text for text in found if text.startswith("┌")]
