"""The two estates that are collected: the double's synthetic one, with what excuses a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from tests.workspace.estate import Json
from tests.workspace.synthetic import SyntheticEstate
from tests.workspace.synthetic_facts import GIB

TABLES_A_SCHEMA: Final = 200
"""Tables in a schema, on average; 100,000 tables are in 500 schemas."""

CLUSTERED: Final = 0.4
MANAGED: Final = 0.8
EXCLUDED: Final = 0.01
AUTO_OPTIMIZED: Final = 0.01

Name = Literal["A", "B"]

DESCRIPTIONS: Final[dict[Name, str]] = {
    "A": "fresh metrics history of the managed tables",
    "B": "no metrics history",
}


class Estate(SyntheticEstate):
    """A synthetic estate of which a few tables are excluded from clustering or auto-optimised.

    Both kinds may be clustered as well, or partitioned: a flag is set by anyone who likes to.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- the parent's
        super().__init__(*arguments, **options)
        # For tests of the edge, one table in 500 has 1 GiB to the byte. No real estate has: they
        # are spread around it as its neighbours are.
        for i in range(len(self)):
            if self.facts.bytes[i] == GIB:
                factor = 2 ** (0.85 * (2 * self.share_of(i, "near") - 1))
                self.facts.bytes[i] = round(GIB * factor)
                self.facts.metric_bytes[i] = round(self.facts.metric_bytes[i] * factor)

    def is_excluded(self, i: int) -> bool:
        """Whether the table's owner has excluded it from clustering."""
        return self.share_of(i, "excluded") < EXCLUDED

    def is_auto_optimized(self, i: int) -> bool:
        """Whether both flags of auto-optimise are on."""
        return self.share_of(i, "auto-optimized") < AUTO_OPTIMIZED

    def __reduce__(self) -> tuple[Any, ...]:
        """Be pickled by what it was made from; see `WorkspaceProcess`."""
        _, arguments = super().__reduce__()
        return _again, arguments

    def table(self, catalog: str, schema: str, name: str) -> Json:
        """Return one table as `TableInfo` has it."""
        return self._flagged(super().table(catalog, schema, name))

    def _tables(self, catalog: str, schema: str) -> Sequence[Json]:
        return [self._flagged(row) for row in super()._tables(catalog, schema)]

    def _flagged(self, row: Json) -> Json:
        i = self.number_of(row["full_name"])
        if self.is_excluded(i):
            row["properties"]["cluster_exclusion"] = "true"
        if self.is_auto_optimized(i):
            row["properties"]["delta.autoOptimize.optimizeWrite"] = "true"
            row["properties"]["delta.autoOptimize.autoCompact"] = "true"
        return row


def _again(tables: int, schemas: int, options: dict[str, Any]) -> Estate:
    return Estate(tables, schemas, **options)


def make_estate(name: Name, tables: int, *, now: datetime | None = None) -> Estate:
    """Return estate A or B with so many tables, as of `now`, which is the present by default."""
    return Estate(
        tables,
        max(1, tables // TABLES_A_SCHEMA),
        clustered_share=CLUSTERED,
        managed_share=MANAGED,
        metrics="fresh" if name == "A" else "empty",
        seed=7,
        now=now or datetime.now(UTC),
    )
