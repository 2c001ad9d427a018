"""Tables of cases: what a test is tried with, each case by the name that it has in the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest
from msgspec import Struct

from tests.unit.scenarios.judging import Decide, brief
from tests.unit.scenarios.tables import AUTO, GIB, NOW, Json, clustered_by, exactly

ANY_SIZE: Final[tuple[Json, ...]] = ({}, exactly(0), exactly(100 * GIB))
"""What is known of the size, where it doesn't matter."""

LIQUID: Final[tuple[Json, ...]] = (clustered_by("city"), AUTO)
"""The properties of a table with liquid clustering."""

EXPIRED: Final = {"expires": "2026-11-22"}
IDLE_WAIVERS: Final = (EXPIRED, {"table": "main.sales.order"}, {"policy": "clustering.key_limit"})
"""Fields that make a waiver hold for nothing that is tried."""

ON: Final = ("true", "TRUE", "tRuE")
OFF: Final = (
    *("false", "yes", "on", "1", "t", "", "none"),
    *(" true", "true ", "true\n", '"true"', "true,true", "truë"),
)
"""Values of a property that switch it on, and values that don't, whatever they are meant to say."""


class Case(Struct, frozen=True):
    """A table, the circumstances in which it is decided, and what is then said of it."""

    document: Json
    output: str
    """What `by` returns: of several policies, what each says, with ` | ` between them."""
    asked: dict[str, Any]

    def by(self, *policies: Decide) -> str:
        """Return what policies say of the table, as `brief` tells it."""
        return " | ".join(brief(decide(self.document, **self.asked)) for decide in policies)


def case(
    document: Json,
    output: str,
    *,
    waivers: Sequence[Json] = (),
    now: str = NOW,
    checked: bool = True,
    **settings: object,
) -> Case:
    """Return a case; `settings` are lines of clustering_config.yaml."""
    asked = {"settings": settings, "waivers": waivers, "now": now, "checked": checked}
    return Case(document, output, asked)


def cases(**each: Case) -> pytest.MarkDecorator:
    """Run a test for each case, given as `case`."""
    return pytest.mark.parametrize("case", list(each.values()), ids=list(each))
