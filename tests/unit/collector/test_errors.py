"""Words of others in sentences of ours."""

from __future__ import annotations

import pytest

from lakewarden_collector.errors import clause


@pytest.mark.parametrize(
    ("output", "goes_on"),
    [
        ("Access is denied.", "Access is denied"),
        ("Access is denied. \n", "Access is denied"),
        ("no access", "no access"),
        ("cut off...", "cut off..."),
        ("Is it there?", "Is it there?"),
        (".", ""),
        ("", ""),
    ],
)
def test_a_sentence_goes_on_behind_what_somebody_said(output: str, goes_on: str) -> None:
    assert clause(output) == goes_on
