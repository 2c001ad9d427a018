"""Whether clustering keys are leaves that have statistics in the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from tests.support.oracle.columns import Path, eligible, in_order, leaves, type_of
from tests.support.oracle.expected import NOT_APPLICABLE, Case, Expected, fails, unknown
from tests.support.oracle.strategies import keys_lacking, keys_of, optimized
from tests.support.oracle.texts import split_name

_LIST: Final = "delta.dataSkippingStatsColumns"
_COUNT: Final = "delta.dataSkippingNumIndexedCols"
_PART: Final = r"(?:`(?:[^`]|``)+`|[^`.,\s][^.,]*)"
_NAME: Final = rf"\s*{_PART}(?:\.{_PART})*\s*"


@dataclass(frozen=True)
class _Columns:
    """Column names in lower case and their types, in order; None for a type that is not known."""

    names: list[str]
    types: list[Any]

    def find(self, path: Path) -> tuple[int, Any] | None:
        """Return the number among all leaves, from 0, and the type of the leaf; None if none."""
        index = self.names.index(path[0])
        before = sum(len(list(leaves(kind))) for kind in self.types[:index] if kind is not None)
        for number, (below, kind) in enumerate(leaves(self.types[index])):
            if below == path[1:]:
                return before + number, kind
        return None


def keys_have_statistics(case: Case) -> Expected:
    """Judge each key: unknown as long as one of them is, else as many breaches as bad keys."""
    keys = set(keys_of(case).parts)
    lacking = keys_lacking(case)
    if not keys:
        return unknown(lacking) if lacking else NOT_APPLICABLE
    lacking |= case.unread(*([] if _LIST in case.properties else [_LIST, _COUNT]))
    if "columns" not in case.document:
        lacking.add("columns")
    if lacking:
        return unknown(lacking)
    ordered = in_order(case.document["columns"])
    columns = _Columns([column["name"].lower() for column in ordered], [*map(type_of, ordered)])
    good = [_good(case, columns, tuple(part.lower() for part in key)) for key in keys]
    if lacking := {part for judged in good if isinstance(judged, set) for part in judged}:
        return unknown(lacking)
    return fails(good.count(False))


def _good(case: Case, columns: _Columns, key: Path) -> bool | set[str]:
    """Whether the key has statistics, or what is lacking to know.

    Predictive optimization chooses the columns, wherever they stand, unless the table's own
    properties do. Without it the first 32 leaves have statistics; while nobody knows whether it is
    on, a place among these is good, and any other decides nothing.
    """
    if key[0] not in columns.names:
        return False
    listed = case.properties.get(_LIST)
    own = listed is not None or _COUNT in case.properties
    chosen = not own and optimized(case) is True
    open_question = {"predictive_optimization"} if not own and optimized(case) is None else set()
    counted = listed is None and not chosen
    count = _count(case.properties.get(_COUNT, "32")) if counted else None
    index = columns.names.index(key[0])
    # Without a list the leaves before the key are counted, so all of their types must be known.
    asked = columns.types[: index + 1] if count is not None else [columns.types[index]]
    if None in asked:
        counts = count is not None and None in asked[:-1]
        return {"columns"} | (open_question if counts else set())
    found = columns.find(key)
    if found is None or not eligible(found[1]):
        return False
    if listed is not None:
        return any(key[: len(around)] == around for around in _names(listed))
    good = count is None or found[0] < count
    return good or (open_question or False)


def _count(text: str) -> int | None:
    """Return how many leaves from the first on have statistics; None for all of them."""
    if not re.fullmatch(r"-?[0-9]+", text):
        return 0
    return None if int(text) == -1 else int(text)


def _names(text: str) -> list[Path]:
    """Return the names in a list with commas between, in lower case; none if it isn't one."""
    if not re.fullmatch(rf"{_NAME}(?:,{_NAME})*", text):
        return []
    names = [split_name(found.strip()) for found in re.findall(_NAME, text)]
    return [tuple(part.lower() for part in name) for name in names if name is not None]
