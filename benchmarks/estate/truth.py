"""What a collection of an estate has to ask at least, from the estate's own facts.

Nothing here uses the collector or the policies: it says a second time, in other words, which
tables' sizes decide something and which of those the metrics history settles. Only the settings
that ship are shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from benchmarks.estate.shape import Estate
from lakewarden.resources import shipped_config, shipped_policies
from lakewarden.settings.settings import load_schemas, load_settings
from tests.workspace.synthetic_facts import PARTITIONED

TABLES_PAGE: Final = 200
SUMMARIES_PAGE: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The sizes in bytes at which a decision turns, and the band in which only exact ones count."""

    small: int
    partitioned: int
    review: int
    """From here on, somebody else has to agree with an exclusion."""
    guard: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Least:
    """What a collection needs at least."""

    list_calls: int
    """Catalogs, schemas, and every page of every schema's tables."""
    reconciling_calls: int
    """Pages of the table summaries, which the listing is held against."""
    chain: int
    """List calls of which each needs the one before."""
    metrics_statements: int
    described: frozenset[str]
    """Full names of the tables whose size nothing cheaper than describing them settles."""


def shipped_limits() -> Limits:
    """Read the limits from the settings that ship."""
    settings = load_settings(shipped_config(), load_schemas([shipped_policies()]))
    values = settings.values["clustering"]
    low, high = values["inexact_size_guard"]
    return Limits(
        small=values["size_threshold_bytes"],
        partitioned=values["partition_min_bytes"],
        review=values["exclusion_review_bytes"],
        guard=(low, high),
    )


def least(estate: Estate, limits: Limits) -> Least:
    """Say what collecting the estate needs at least."""
    starts = estate.facts.starts
    counts = [end - start for start, end in pairwise(starts)]
    pages = [max(1, -(-count // TABLES_PAGE)) for count in counts]
    catalogs = estate.shape.catalogs
    per_catalog = [sum(counts[number::catalogs]) for number in range(catalogs)]
    names = (".".join(estate.parts_of(i)) for i in range(len(estate)) if _open(estate, i, limits))
    return Least(
        list_calls=1 + catalogs + sum(pages),
        reconciling_calls=sum(max(1, -(-count // SUMMARIES_PAGE)) for count in per_catalog),
        chain=2 + max(pages),
        metrics_statements=2 if estate.metrics == "fresh" else 1,
        described=frozenset(names),
    )


def _open(estate: Estate, i: int, limits: Limits) -> bool:
    """Whether a decision about the table turns on a size that the metrics history leaves open."""
    figure = estate.metric_bytes_of(i) if estate.metrics == "fresh" else None
    low, high = limits.guard
    return any(
        figure is None or low * limit <= figure <= high * limit
        for limit in _turning(estate, i, limits)
    )


def _turning(estate: Estate, i: int, limits: Limits) -> Iterator[int]:
    """Yield the sizes at which a decision about the table turns; none if its size is no matter."""
    if estate.is_clustered(i):
        return
    if estate.facts.flags[i] & PARTITIONED:
        yield limits.partitioned
    if not estate.is_auto_optimized(i):
        yield limits.review if estate.is_excluded(i) else limits.small


def near_a_limit(estate: Estate, limits: Limits, margin: float) -> frozenset[str]:
    """Return the tables that a second run has to describe again, for all that the first learned.

    They were described, and so much more or less than their size would be decided otherwise.
    """
    return frozenset(
        ".".join(estate.parts_of(i))
        for i in range(len(estate))
        if _open(estate, i, limits)
        and any(
            estate.facts.bytes[i] * (1 - margin) < limit <= estate.facts.bytes[i] * (1 + margin)
            for limit in _turning(estate, i, limits)
        )
    )
