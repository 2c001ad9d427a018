"""An exception that nobody could load, that is over or there already, must not be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.waivers.waiver_file import (
    WaiverFile,
    day_after,
    only_one,
    open_waiver_file,
    renewed,
    with_new,
)
from tests.support.commandline import NOW

POLICY = "naming.short_columns"
FILE = """\
waivers:
  - policy: naming.short_columns
    table: main.sales.lines
    reason: It goes.
    owner: sales
    approved_by: boss
    expires: 2026-12-01
  - policy: naming.short_columns
    pattern: "main.old.*"
    reason: Old.
    owner: platform
    approved_by: boss
    starts: 2026-11-01
    expires: 2026-12-05
"""
NEW = {
    "policy": POLICY,
    "table": "main.sales.items",
    "reason": "x",
    "owner": "sales",
    "approved_by": "boss",
    "expires": "2026-12-04",
}


@pytest.fixture
def file(tmp_path: Path) -> WaiverFile:
    path = tmp_path / "waivers.yaml"
    path.write_text(FILE)
    return open_waiver_file(path, [POLICY])


def test_a_new_waiver_has_its_fields_in_order_and_says_where_it_stands(file: WaiverFile) -> None:
    text, one = with_new(file, NEW | {"kind": "accepted", "ticket": "GOV-1", "starts": None}, NOW)
    lines = text.removeprefix(FILE).splitlines()
    names = [line.strip("- ").partition(":")[0] for line in lines]
    assert names == ["policy", "table", "reason", "owner", "approved_by", "ticket", "expires"]
    assert (one.index, one.target) == (2, "main.sales.items")
    assert one.where.endswith("waivers.yaml:15")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires": "soon"}, "`expires` isn't a date: soon"),
        ({"expires": "2026-11-22"}, "2026-11-22 is over already"),
        ({"starts": "2026-12-31"}, "can't expire"),
        ({"kind": "forgotten"}, "Invalid enum value"),
        ({"table": "main.sales.*"}, "Write `pattern`"),
        ({"pattern": "*"}, "either one `table`"),
        ({"table": None}, "either one `table`"),
        ({"reason": " "}, "`reason` is empty"),
        ({"policy": "naming.none"}, "there is no policy naming.none"),
        ({"table": "MAIN.sales.lines"}, "is waived already, until 2026-12-01"),
        ({"table": None, "pattern": "MAIN.old.*"}, "is waived already, until 2026-12-05"),
        ({"table": "main.old.orders", "expires": "2026-12-05"}, "already by the pattern"),
    ],
)
def test_what_a_run_would_refuse_is_not_added(
    file: WaiverFile, change: dict[str, str | None], words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_new(file, NEW | change, NOW)
    assert words in f"{caught.value} {caught.value.remedy}"


def test_what_lasts_longer_than_the_settings_allow_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(FILE)
    limited = open_waiver_file(
        path, [POLICY], lambda each: "Too long." if each.expires > "2027" else ""
    )
    assert [each.too_long for each in limited.waivers] == ["", ""]
    with_new(limited, NEW, NOW)
    with pytest.raises(ConfigurationError, match="don't allow that: Too long"):
        with_new(limited, NEW | {"expires": "2027-01-31"}, NOW)
    with pytest.raises(ConfigurationError, match="don't allow that: Too long"):
        renewed(limited, limited.waivers[0], {"expires": "2027-01-31"}, NOW)


def test_what_lasts_longer_than_a_pattern_or_has_expired_is_added(file: WaiverFile) -> None:
    with_new(file, NEW | {"table": "main.old.orders", "expires": "2026-12-06"}, NOW)
    with_new(file, NEW | {"table": "main.sales.lines"}, "2026-12-02T00:00:00Z")


def test_a_renewed_waiver_keeps_what_it_is_not_given(file: WaiverFile) -> None:
    one = only_one(file, POLICY, "MAIN.sales.Lines", NOW)
    text, after = renewed(file, one, {"expires": "2027-01-31", "approved_by": "council"}, NOW)
    assert text == FILE.replace("2026-12-01", "2027-01-31").replace("boss", "council", 1)
    assert (after.index, after.waiver.reason) == (0, "It goes.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires": "2026-12-01"}, "it lasts until 2026-12-01 as it is"),
        ({"expires": "2026-11-01"}, "is over already"),
        ({"expires": "2027-01-31", "starts": "2027-02-01"}, "can't expire"),
    ],
)
def test_what_does_not_prolong_a_waiver_is_refused(
    file: WaiverFile, change: dict[str, str], words: str
) -> None:
    one = only_one(file, POLICY, "main.sales.lines", NOW)
    with pytest.raises(ConfigurationError, match=words):
        renewed(file, one, change, NOW)


def test_of_several_waivers_of_a_table_the_one_that_lasts_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    again = FILE.partition("waivers:\n")[2].replace("2026-12-01", "2026-11-02")
    path.write_text(FILE + again)
    file = open_waiver_file(path, [POLICY])
    assert only_one(file, POLICY, "main.sales.lines", NOW).index == 0
    for clock, target in ((NOW, "main.old.*"), ("2027-01-01T00:00:00Z", "main.sales.lines")):
        with pytest.raises(ConfigurationError, match="several waivers"):
            only_one(file, POLICY, target, clock)


def test_a_waiver_that_is_not_there_is_named_with_those_that_are(file: WaiverFile) -> None:
    with pytest.raises(ConfigurationError) as caught:
        only_one(file, POLICY, "main.sales.other", NOW)
    assert "main.sales.lines, main.old.*" in str(caught.value.remedy)
    with pytest.raises(ConfigurationError) as caught:
        only_one(file, "naming.none", "main.sales.other", NOW)
    assert "waivers add" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-23"),
        ("0d", "2026-11-23"),
        ("90d", "2027-02-21"),
        ("2027-01-31", "2027-01-31"),
        ("99999999d", "99999999d"),
        ("5 d", "5 d"),
    ],
)
def test_days_count_from_the_clock(text: str, day: str) -> None:
    assert day_after(text, "2026-11-23T23:10:00Z") == day
