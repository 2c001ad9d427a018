"""The list is what a team asks each month: which exceptions end, whose are they."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.waivers.listing import Filters, days_left, list_waivers, read_days
from lakewarden.waivers.waiver_file import Located, open_waiver_file
from tests.support.commandline import NOW

_ONE = """\
  - policy: {policy}
    {target}
    reason: r
    owner: {owner}
    approved_by: boss
    expires: {expires}
"""


@pytest.fixture
def waivers(tmp_path: Path) -> tuple[Located, ...]:
    ones = [
        _ONE.format(policy=policy, target=target, owner=owner, expires=expires)
        for policy, target, owner, expires in (
            ("naming.short", "table: main.sales.lines", "sales", "2026-12-01"),
            ("naming.short", "pattern: main.old.*", "platform", "2026-11-22"),
            ("colour.shade", "table: main.old.items", "Sales-2", "2026-11-23"),
        )
    ]
    path = tmp_path / "waivers.yaml"
    path.write_text("waivers:\n" + "".join(ones))
    return open_waiver_file(path, ["naming.short", "colour.shade"]).waivers


@pytest.mark.parametrize(
    ("filters", "tables"),
    [
        (Filters(), ["main.old.*", "main.old.items", "main.sales.lines"]),
        (Filters(expiring=9), ["main.old.items", "main.sales.lines"]),
        (Filters(expiring=8), ["main.old.items"]),
        (Filters(owner="SALES*"), ["main.old.items", "main.sales.lines"]),
        (Filters(policy="naming.*"), ["main.old.*", "main.sales.lines"]),
        (Filters(policy="naming.*", table="main.old.orders"), ["main.old.*"]),
        (Filters(table="*.lines"), ["main.sales.lines"]),
        (Filters(table="main.old.*"), ["main.old.*", "main.old.items"]),
    ],
)
def test_the_list_can_be_narrowed(
    waivers: tuple[Located, ...], filters: Filters, tables: list[str]
) -> None:
    found = list_waivers(waivers, NOW, filters, {})
    assert [each.table or each.pattern for each in found] == tables


def test_days_are_counted_to_the_end_of_the_last_one() -> None:
    assert days_left("2026-11-23", "2026-11-23T00:00:00Z") == 1
    assert days_left("2026-11-23", "2026-11-23T23:59:59Z") == 1
    assert days_left("2026-11-22", "2026-11-23T00:00:00Z") == 0
    assert days_left("2026-11-20", "2026-11-23T00:00:00Z") == -2
    assert days_left("2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z") == 1


def test_a_number_of_days_is_read() -> None:
    assert (read_days("30d"), read_days("7")) == (30, 7)
    for text in ("soon", "-1d", "1w", ""):
        with pytest.raises(ConfigurationError, match="number of days"):
            read_days(text)
