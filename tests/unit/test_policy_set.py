"""What decides is told apart by its digests, and what is to come is known before a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.evaluation.variants import Variants
from lakewarden.policy_set import PolicySet
from lakewarden.settings.settings import load_settings
from tests.support.drawing.overrides import POLICIES, SCHEMA

_BEFORE, _THEN = "2027-01-30T23:59:59Z", "2027-01-31T00:00:00Z"
_DAY = "effective_on: {shade: 2027-01-31}\n"


def _rules(folder: Path, text: str, clock: str) -> PolicySet:
    (folder / "colour_config.yaml").write_text(text)
    settings = load_settings(folder, {"colour": SCHEMA}, clock=clock)
    policies = settings.effective(POLICIES)
    return PolicySet(
        policies=policies,
        settings=settings,
        variants=Variants(settings, policies),
        waivers=(),
        policies_digest="",
        config=folder,
        schemas={"colour": SCHEMA},
    )


def test_the_clock_is_no_part_of_the_settings_digest_and_each_day_is(tmp_path: Path) -> None:
    """Else a history would begin a new line on the day, or a moved day would pass unseen."""
    texts = (
        "",
        _DAY,
        _DAY.replace("31", "30"),
        "enforcement: {shade: advisory}",
        "overrides: [{tables: a.*, effective_on: {shade: 2027-01-31}}]",
        "overrides: [{tables: a.*, effective_on: {shade: 2027-01-30}}]",
    )
    digests = {_rules(tmp_path, text, _BEFORE).settings_digest for text in texts}
    assert len(digests) == len(texts)
    assert {_rules(tmp_path, text, _THEN).settings_digest for text in texts} == digests


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (_DAY, (("colour.shade", "", "2027-01-31"),)),
        (f"{_DAY}enforcement: {{shade: advisory}}", ()),
        (
            "overrides: [{tables: [a.*, b.*], effective_on: {shade: 2027-02-01}}]",
            (("colour.shade", "a.*, b.*", "2027-02-01"),),
        ),
        (
            (
                "overrides: [{tables: a, enforcement: {shade: off}, "
                "effective_on: {shade: 2027-02-01}}]"
            ),
            (),
        ),
    ],
)
def test_what_is_to_come_is_what_waits_for_its_day(
    tmp_path: Path, text: str, expected: tuple[tuple[str, str, str], ...]
) -> None:
    assert _rules(tmp_path, text, _BEFORE).upcoming == expected
    assert _rules(tmp_path, text, "2027-02-01T00:00:00Z").upcoming == ()
