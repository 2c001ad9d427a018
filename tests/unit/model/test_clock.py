"""The run's clock ages sizes and ends waivers, so a time without its offset isn't a time."""

import pytest

from lakewarden.model.clock import parse_clock, utc_now
from lakewarden.model.errors import ConfigurationError


def test_any_offset_becomes_utc() -> None:
    assert parse_clock("2026-11-23T06:10:00+01:00") == "2026-11-23T05:10:00Z"


def test_the_present_is_written_the_same_way() -> None:
    assert parse_clock(utc_now()) <= utc_now()


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-11-23T05:10:00", "", "9999-12-31T23:59:59-05:00"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="isn't a"):
        parse_clock(text)
