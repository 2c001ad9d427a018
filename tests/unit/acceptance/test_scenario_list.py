"""A rule whose tags are wrong would be a promise that nobody proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.scenario_list import FeatureError, is_label, scenarios

RULE = """Feature: Money
  Some words.

  @two-columns @requirement:M-2 @policy:money.booked @setting:day @setting:hour
  Rule: Books have two columns
    Each booking appears
    twice.

    Scenario: One booking
      Given a booking

  @one-owner @requirement:M-1 @policy:money.*
  Rule: Somebody owns it
"""


def _written(folder: Path, text: str = RULE) -> Path:
    (folder / "money.feature").write_text(text, encoding="utf-8")
    return folder


def test_rules_come_in_the_order_of_their_requirements(tmp_path: Path) -> None:
    owner, columns = scenarios(_written(tmp_path))
    assert (owner.name, owner.requirement, owner.policies) == ("one-owner", "M-1", ("money.*",))
    assert (columns.marker, columns.title) == ("two_columns", "Books have two columns")
    assert columns.description == "Each booking appears twice."
    assert columns.settings == ("day", "hour")
    assert columns.line == 5


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("@two-columns ", "", "one tag that names its scenario"),
        ("@two-columns ", "@two-columns @three ", "one tag that names its scenario"),
        ("@requirement:M-2 ", "", "one @requirement:"),
        ("@policy:money.booked ", "", "at least one @policy:"),
        ("@one-owner", "@two-columns", "two-columns is also that of the rule"),
        ("M-1", "M-2", "M-2 is also that of the rule"),
        ("Feature: Money", "Money", "expected: "),
    ],
)
def test_a_rule_that_is_no_scenario_is_an_error_with_its_line(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    _written(tmp_path, RULE.replace(before, after, 1))
    with pytest.raises(FeatureError, match=says) as caught:
        scenarios(tmp_path)
    assert "money.feature:" in str(caught.value)


def test_labels_are_no_markers() -> None:
    assert is_label("policy:clustering.key_limit")
    assert not is_label("small-tables-auto-exemption")
