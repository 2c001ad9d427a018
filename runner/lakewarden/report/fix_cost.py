"""What fixing a violation takes, as far as its fixes tell: metadata, data, or a person's work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lakewarden.model.baseline import FixCost
from lakewarden.model.decision import Fix

_METADATA: Final = ("ALTER ", "COMMENT ON ")
"""What a statement begins with that leaves data alone, unless it has one of the next words."""
_DATA: Final = (" SET MANAGED", " REPLACE PARTITIONED BY")

COST_RANK: Final = {cost: rank for rank, cost in enumerate(FixCost)}
"""0 is the cheapest."""


def cheapest(fixes: Iterable[Fix]) -> FixCost:
    """Return what the cheapest of a violation's alternatives costs."""
    return min(map(_cost, fixes), key=COST_RANK.__getitem__, default=FixCost.UNKNOWN)


def _cost(fix: Fix) -> FixCost:
    if not fix.sql:
        return FixCost.DEFINITION
    return FixCost.METADATA if all(map(_keeps_data, fix.sql)) else FixCost.REWRITE


def _keeps_data(sql: str) -> bool:
    words = " ".join(sql.upper().split())
    return words.startswith(_METADATA) and not any(each in words for each in _DATA)
