"""What is true of each table of a synthetic estate: a few numbers each, decided by the seed."""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass
from typing import Final

MIB: Final = 1024**2
GIB: Final = 1024**3

CLUSTERED, MANAGED, AUTO, PARTITIONED = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Shape:
    """How many tables there are, and which share is what.

    `band_share` of the tables have between half and twice a GiB, so that an inexact figure does
    not tell on which side of 1 GiB they are. `schema_skew` makes schemas up to that share smaller
    or larger than their mean.
    """

    tables: int
    schemas: int
    catalogs: int
    clustered_share: float
    managed_share: float
    band_share: float
    schema_skew: float


class Facts:
    """The truth about all tables, by number: 25 bytes a table or so."""

    def __init__(self, shape: Shape, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 -- a fixture, not a secret
        self.flags = bytearray(shape.tables)
        self.bytes = array("q", bytes(8 * shape.tables))
        self.metric_bytes = array("q", bytes(8 * shape.tables))
        for i in range(shape.tables):
            clustered = draw.random() < shape.clustered_share
            managed = draw.random() < shape.managed_share
            auto = clustered and managed and draw.random() < 0.25
            partitioned = not clustered and draw.random() < 0.1
            self.flags[i] = (
                CLUSTERED * clustered + MANAGED * managed + AUTO * auto + PARTITIONED * partitioned
            )
            size, drift = _size(draw, shape.band_share)
            self.bytes[i] = size
            self.metric_bytes[i] = round(size * drift)
        self.starts = _starts(draw, shape)

    def files(self, i: int) -> int:
        """Return the number of files of a table, 128 MiB each."""
        return max(1, -(-self.bytes[i] // (128 * MIB))) if self.bytes[i] else 0

    def schema_of(self, i: int) -> int:
        """Return the number of the schema that a table is in."""
        low, high = 0, len(self.starts) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= i else (low, middle)
        return low


def _size(draw: random.Random, band_share: float) -> tuple[int, float]:
    """Return the exact bytes, and how far the metric of some hours ago is off.

    Neither crosses an edge of the band: a table outside is outside by both figures, with a gap.
    """
    kind = draw.random()
    if kind < band_share:
        exact = GIB if draw.random() < 0.1 else round(GIB * 2 ** draw.uniform(-0.85, 0.85))
        return exact, draw.uniform(0.95, 1.05)
    if kind < band_share + 0.01:
        return 0, 1.0
    if kind < band_share + 0.7 * (1 - band_share):
        return round(2 ** draw.uniform(10, 28.5)), draw.uniform(0.95, 1.05)
    return round(2 ** draw.uniform(31.3, 43)), draw.uniform(0.95, 1.05)


def _starts(draw: random.Random, shape: Shape) -> list[int]:
    """Return where each schema's tables begin, and at last the number of tables."""
    weights = [1 + shape.schema_skew * draw.uniform(-1, 1) for _ in range(shape.schemas)]
    total = sum(weights)
    starts = [0]
    starts += [
        round(shape.tables * sum(weights[:number]) / total) for number in range(1, shape.schemas)
    ]
    return [*starts, shape.tables]
