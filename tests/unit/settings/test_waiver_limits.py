"""A waiver lasts no longer than its policy's severity allows, or it isn't applied."""

from __future__ import annotations

from typing import Any

import pytest

from lakewarden.model.decision import Severity
from lakewarden.settings.waiver_limits import limit_of
from lakewarden.settings.waivers import Waiver

_DAYS = {"max_waiver_days": {"high": 30, "low": 1}}


def _waiver(**fields: str) -> Waiver:
    usual: dict[str, Any] = {"policy": "a.b", "reason": "r", "owner": "o", "approved_by": "b"}
    return Waiver(**(usual | fields), table="a.b.c")


def _too_long(severity: Severity, **fields: str) -> str:
    return limit_of(_waiver(**fields), severity, _DAYS).too_long


@pytest.mark.parametrize(
    ("starts", "expires", "good"),
    [
        ("2026-11-01", "2026-11-30", True),  # both days count
        ("2026-11-01", "2026-12-01", False),
        ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", True),
        ("2026-11-01T00:00:00Z", "2026-12-01T00:00:01Z", False),
    ],
)
def test_its_life_is_measured_from_its_start_to_its_end(
    starts: str, expires: str, *, good: bool
) -> None:
    words = "It lasts 31 days, and a waiver of a policy of severity high may last 30 days."
    assert _too_long(Severity.HIGH, starts=starts, expires=expires) == ("" if good else words)


def test_one_day_is_one_day() -> None:
    assert _too_long(Severity.LOW, starts="2026-11-01", expires="2026-11-01") == ""
    assert "may last 1 day." in _too_long(Severity.LOW, starts="2026-11-01", expires="2026-11-02")


def test_without_a_start_nobody_can_tell_how_long_it_lasts() -> None:
    found = _too_long(Severity.HIGH, expires="2026-11-30")
    assert found.startswith("It doesn't say when it starts, and a waiver of a policy of severity")
    assert found.endswith(" high may last 30 days from there.")


def test_a_severity_without_a_limit_has_none() -> None:
    assert _too_long(Severity.MEDIUM, expires="2099-12-31") == ""
    assert limit_of(_waiver(expires="2099-12-31"), Severity.HIGH, {}).too_long == ""


def test_a_hundred_tables_are_allowed_unless_the_settings_say_else() -> None:
    waiver = _waiver(expires="2026-11-30")
    assert limit_of(waiver, Severity.HIGH, {}).max_tables == 100
    assert limit_of(waiver, Severity.HIGH, {"max_waiver_tables": 7}).max_tables == 7
