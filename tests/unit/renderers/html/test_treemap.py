"""The map of the estate: areas like data, nothing lost, and a bound whatever the estate."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.insight import Amount
from lakewarden.model.report import TableReport
from lakewarden.renderers.html.treemap import (
    HEIGHT,
    SCHEMAS,
    TABLES,
    WIDTH,
    PlaceTally,
    Treemap,
    squarified,
)
from lakewarden.report.table_status import Status


def mapped(*tables: tuple[str, str, int | None, Status]) -> Treemap:
    tally = PlaceTally()
    for number, (catalog, schema, size, status) in enumerate(tables):
        table = TableReport(
            full_name=f"{catalog}.{schema}.t{number}",
            catalog_name=catalog,
            schema_name=schema,
            name=f"t{number}",
            size={} if size is None else {"bytes": size},
            decisions={},
        )
        tally.add(table, status)
    result = tally.treemap()
    assert result is not None
    return result


def leaves(treemap: Treemap) -> list[tuple[str, str, Amount]]:
    return [
        (area.kind, area.title, area.amount)
        for area in treemap.areas
        if area.kind not in {"catalog", "schema"}
    ]


@given(st.lists(st.integers(1, 10**15), max_size=40).map(lambda all_: sorted(all_, reverse=True)))
def test_boxes_fill_the_rectangle_in_proportion_and_stay_within(values: list[int]) -> None:
    boxes = squarified(values, 3, 5, 200, 100)
    assert len(boxes) == len(values)
    for value, (x, y, width, height) in zip(values, boxes, strict=True):
        assert width * height == pytest.approx(20_000 * value / sum(values), rel=1e-6, abs=1e-3)
        assert 3 - 1e-9 <= x <= x + width <= 203 + 1e-9
        assert 5 - 1e-9 <= y <= y + height <= 105 + 1e-9


def test_boxes_do_not_overlap_and_are_nearly_square() -> None:
    boxes = squarified([6, 6, 4, 3, 2, 2, 1], 0, 0, 6, 4)
    for number, (x, y, width, height) in enumerate(boxes):
        assert max(width / height, height / width) < 3
        for left, top, across, down in boxes[:number]:
            apart = x >= left + across - 1e-9 or left >= x + width - 1e-9
            below = y >= top + down - 1e-9 or top >= y + height - 1e-9
            assert apart or below


def test_a_small_estate_shows_every_table_by_its_status() -> None:
    found = mapped(
        ("main", "sales", 100, Status.NON_COMPLIANT),
        ("main", "sales", 50, Status.COMPLIANT),
        ("dev", "x", 10, Status.UNDECIDED),
        ("dev", "x", None, Status.UNDECIDED),
    )
    assert leaves(found) == [
        ("non_compliant", "main.sales.t0", Amount(tables=1, bytes=100)),
        ("compliant", "main.sales.t1", Amount(tables=1, bytes=50)),
        ("undecided", "dev.x.t2", Amount(tables=1, bytes=10)),
    ]
    assert [area.label for area in found.areas if area.kind == "catalog"] == ["main", "dev"]
    assert found.unsized == 1
    assert found.places[1] == (
        "dev",
        "x",
        {Status.UNDECIDED: Amount(tables=2, bytes=10, unsized=1)},
    )


def test_a_large_estate_has_a_bounded_map_that_loses_no_data() -> None:
    random_ = random.Random(3)  # noqa: S311 -- sample data, no secret
    tables = [
        (f"c{n % 11}", f"s{n % 67}", random_.randrange(1, 2**20), random_.choice(list(Status)))
        for n in range(5_000)
    ]
    found = mapped(*tables)
    shown = leaves(found)
    whole = sum(size for _, _, size, _ in tables)
    # What is too small to be seen isn't drawn.
    assert 0.99 * whole < sum(amount.bytes for _, _, amount in shown) <= whole
    assert len(found.areas) < 250
    assert sum(amount.tables == 1 for _, _, amount in shown) <= TABLES
    assert len(found.places) == SCHEMAS + 1
    listed = sum(each.tables for _, _, place in found.places for each in place.values())
    assert listed == len(tables)
    assert found.places[-1][1].endswith(" more schemas")


def test_every_area_lies_on_the_map() -> None:
    found = mapped(*[(f"c{n % 3}", f"s{n % 5}", 2**n, Status.COMPLIANT) for n in range(30)])
    for area in found.areas:
        assert 0 <= float(area.x) <= float(area.x) + float(area.width) <= 100.01
        assert 0 <= float(area.y) <= float(area.y) + float(area.height) <= HEIGHT + 0.1
    assert WIDTH > HEIGHT


def test_where_no_size_is_known_tables_are_counted() -> None:
    found = mapped(
        *[("main", "a", None, Status.COMPLIANT)] * 3, ("main", "b", None, Status.NON_COMPLIANT)
    )
    assert not found.by_bytes
    assert found.unsized == 0
    assert [(kind, amount.tables) for kind, _, amount in leaves(found)] == [
        ("compliant", 3),
        ("non_compliant", 1),
    ]
    assert PlaceTally().treemap() is None


def test_the_order_of_tables_changes_nothing() -> None:
    tables = [(f"c{n % 2}", f"s{n % 3}", n % 7 or None, Status.COMPLIANT) for n in range(200)]

    def areas(found: Treemap) -> list[tuple[str, str, str, str]]:
        return [(area.x, area.y, area.width, area.height) for area in found.areas]

    assert areas(mapped(*tables)) == areas(mapped(*reversed(tables)))
