"""Figures of the map of an estate: catalog, schema, table, each with an area like its data.

The number of areas has a bound whatever the estate: the largest are drawn, the rest is summed up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from lakewarden.model.insight import Amount
from lakewarden.model.report import TableReport
from lakewarden.renderers.words.wording import shortened
from lakewarden.report.amounts import Largest, bytes_of, count
from lakewarden.report.table_status import STATUS_RANK, Status
from lakewarden_collector.counted import counted

CATALOGS: Final = 6
SCHEMAS: Final = 16
TABLES: Final = 40
"""How many of each are drawn, the largest; what is left is one area for each status."""

WIDTH, HEIGHT = 1000.0, 420.0
"""The map's own measure; across, it is given in per cent, so that it fits any screen."""

_GAP: Final = 2.0
_HEAD: Final = 18.0
_LABEL_WIDTH, _LABEL_HEIGHT = 60.0, 18.0  # a smaller area has no label
_LETTER: Final = 7.0
_PADDING: Final = 8.0
_PHONE: Final = 0.3  # how wide the map is there

Statuses = dict[Status, Amount]

_Placed = tuple[TableReport, Status]


class Area(Struct, frozen=True):
    """A rectangle: `x` and `width` in per cent of the map, `y` and `height` in pixels.

    `kind` is catalog, schema or the status of its tables; `label` is what fits of its name.
    """

    kind: str
    x: str
    y: str
    width: str
    height: str
    label: str
    roomy: bool
    """Whether the label needs more room than a phone has."""
    title: str
    """What it stands for, in full: name, and how many tables."""
    amount: Amount


class Treemap(Struct, frozen=True):
    """`areas` are drawn in this order, each over those before."""

    areas: list[Area]
    by_bytes: bool
    """Whether areas are data; else no size is known, and they are numbers of tables."""
    places: list[tuple[str, str, Statuses]]
    """Catalog, schema and its tables by status: the same as a table."""
    unsized: int
    """Tables of unknown size, which have no area among data."""


@dataclass
class PlaceTally:
    """Adds up the tables by place and status, and keeps the largest."""

    schemas: dict[tuple[str, str], Statuses] = field(default_factory=dict)
    largest: Largest[_Placed] = field(default_factory=lambda: Largest(TABLES))

    def add(self, table: TableReport, status: Status) -> None:
        """Count a table."""
        size = bytes_of(table)
        place = self.schemas.setdefault((table.catalog_name, table.schema_name), {})
        count(place.setdefault(status, Amount()), size)
        if size:
            self.largest.add(table.full_name, size, (table, status))

    def treemap(self) -> Treemap | None:
        """Return the map; None where there are no tables."""
        if not self.schemas:
            return None
        by_bytes = any(each.bytes for place in self.schemas.values() for each in place.values())
        return _Layout(self.schemas, self.largest, by_bytes=by_bytes).map()


class _Part(Struct):
    """Something to be given an area."""

    name: str
    title: str
    kind: str
    amount: Amount
    parts: list[_Part]


class _Layout:
    def __init__(
        self,
        schemas: dict[tuple[str, str], Statuses],
        largest: Iterable[_Placed],
        *,
        by_bytes: bool,
    ) -> None:
        self._schemas = schemas
        self._by_bytes = by_bytes
        self._tables: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
        for table, status in largest:
            self._tables[table.catalog_name, table.schema_name].append((table, status))

    def map(self) -> Treemap:
        places = sorted(self._schemas.items(), key=lambda item: (*self._order(item[1]), item[0]))
        drawn = places[:SCHEMAS]
        by_catalog: dict[str, list[tuple[str, Statuses]]] = defaultdict(list)
        for (catalog, schema), statuses in places:
            by_catalog[catalog].append((schema, statuses))
        sums = {
            catalog: _together(statuses for _, statuses in schemas)
            for catalog, schemas in by_catalog.items()
        }
        catalogs = sorted(by_catalog, key=lambda name: (*self._order(sums[name]), name))
        shown = {place for place, _ in drawn}
        parts = [
            self._catalog(catalog, by_catalog[catalog], shown) for catalog in catalogs[:CATALOGS]
        ]
        if rest := catalogs[CATALOGS:]:
            words = counted(len(rest), "more catalog")
            statuses = _together(sums[name] for name in rest)
            parts.append(
                self._place("catalog", words, words, statuses, self._rest(words, statuses))
            )
        unsized = sum(each.unsized for each in _together(self._schemas.values()).values())
        listed = [(catalog, schema, statuses) for (catalog, schema), statuses in drawn]
        if len(places) > len(drawn):
            words = counted(len(places) - len(drawn), "more schema")
            listed.append(("", words, _together(each for _, each in places[SCHEMAS:])))
        return Treemap(
            areas=list(self._areas(parts, 0, 0, WIDTH, HEIGHT)),
            by_bytes=self._by_bytes,
            places=listed,
            unsized=unsized if self._by_bytes else 0,
        )

    def _catalog(
        self, catalog: str, schemas: list[tuple[str, Statuses]], shown: set[tuple[str, str]]
    ) -> _Part:
        parts = [
            self._schema(catalog, schema, statuses)
            for schema, statuses in schemas
            if (catalog, schema) in shown
        ]
        rest = [statuses for schema, statuses in schemas if (catalog, schema) not in shown]
        if rest:
            words = counted(len(rest), "more schema")
            title = f"{catalog}, {words}"
            statuses = _together(rest)
            parts.append(self._place("schema", words, title, statuses, self._rest(title, statuses)))
        whole = _together(statuses for _, statuses in schemas)
        return self._place("catalog", catalog, catalog, whole, parts)

    def _schema(self, catalog: str, schema: str, statuses: Statuses) -> _Part:
        tables = self._tables[catalog, schema]
        left = _together([statuses])  # a copy
        parts = []
        for table, status in tables:
            amount = Amount(tables=1, bytes=bytes_of(table) or 0)
            count(left[status], amount.bytes, -1)
            parts.append(_Part(table.name, table.full_name, status, amount, []))
        title = f"{catalog}.{schema}"
        parts += self._rest(title, left, more=bool(tables))
        return self._place("schema", schema, title, statuses, parts)

    def _rest(self, title: str, statuses: Statuses, *, more: bool = False) -> list[_Part]:
        thing = "more table" if more else "table"
        return [
            _Part(words, f"{title}: {words}", status, amount, [])
            for status, amount in sorted(statuses.items(), key=lambda item: STATUS_RANK[item[0]])
            for words in [counted(amount.tables, thing)]
        ]

    def _place(
        self, kind: str, name: str, title: str, statuses: Statuses, parts: list[_Part]
    ) -> _Part:
        return _Part(name, title, kind, _sum(statuses.values()), parts)

    def _order(self, statuses: Statuses) -> tuple[int, int]:
        whole = _sum(statuses.values())
        return -whole.bytes, -whole.tables

    def _value(self, part: _Part) -> int:
        return part.amount.bytes if self._by_bytes else part.amount.tables

    def _areas(
        self, parts: Sequence[_Part], x: float, y: float, width: float, height: float
    ) -> Iterator[Area]:
        some = sorted(
            (part for part in parts if self._value(part) > 0),
            key=lambda part: (-self._value(part), part.title),
        )
        boxes = squarified([self._value(part) for part in some], x, y, width, height)
        for part, (left, top, across, down) in zip(some, boxes, strict=True):
            inner_width, inner_height = across - _GAP, down - _GAP
            if inner_width <= 0 or inner_height <= 0:
                continue
            room = inner_width >= _LABEL_WIDTH and inner_height >= _LABEL_HEIGHT
            fits = int((inner_width - _PADDING) / _LETTER)
            label = shortened(part.name, fits) if room else ""
            yield Area(
                kind=part.kind,
                x=f"{100 * left / WIDTH:.2f}",
                y=f"{top:.1f}",
                width=f"{100 * inner_width / WIDTH:.2f}",
                height=f"{inner_height:.1f}",
                label=label,
                roomy=len(label) * _LETTER > inner_width * _PHONE - _PADDING,
                title=part.title,
                amount=part.amount,
            )
            head = _HEAD if room else _GAP
            if part.parts and inner_height > head + _GAP:
                yield from self._areas(
                    part.parts, left + _GAP, top + head, inner_width - _GAP, inner_height - head
                )


def squarified(
    values: Sequence[float], x: float, y: float, width: float, height: float
) -> list[tuple[float, float, float, float]]:
    """Divide a rectangle by values, the largest first, into boxes as square as they can be.

    Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). Returns x, y, width, height of each.
    """
    boxes: list[tuple[float, float, float, float]] = []
    left = list(values)
    while left:
        side = min(width, height)
        whole = sum(left)
        if side <= 0 or not whole:
            return boxes + [(x, y, 0.0, 0.0)] * len(left)
        # By what is left of both, so that rounding never adds up.
        areas = [value * (width * height / whole) for value in left]
        row = 1
        while row < len(areas) and _worst(areas[: row + 1], side) <= _worst(areas[:row], side):
            row += 1
        thick = sum(areas[:row]) / side
        along = 0.0
        for area in areas[:row]:
            length = area / thick if thick else 0.0
            boxes.append(
                (x, y + along, thick, length) if width >= height else (x + along, y, length, thick)
            )
            along += length
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        left = left[row:]
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """Return the worst ratio of the sides of boxes that fill a row along `side`."""
    total = sum(row)
    least = min(row)
    if not least:
        return float("inf")
    return max(side**2 * max(row) / total**2, total**2 / (side**2 * least))


def _add(to: Amount, more: Amount) -> None:
    to.tables += more.tables
    to.bytes += more.bytes
    to.unsized += more.unsized


def _sum(amounts: Iterable[Amount]) -> Amount:
    result = Amount()
    for each in amounts:
        _add(result, each)
    return result


def _together(statuses: Iterable[Statuses]) -> Statuses:
    result: Statuses = {}
    for each in statuses:
        for status, amount in each.items():
            _add(result.setdefault(status, Amount()), amount)
    return result
