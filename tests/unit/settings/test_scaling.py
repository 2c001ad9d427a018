"""What is tried is what was asked for: these settings, times this factor, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.settings.overrides import Override
from lakewarden.settings.scaling import check_what_ifs, scaled
from lakewarden.settings.settings import Settings

_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "colour": {
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 4},
            "share": {"type": "number", "minimum": 0, "default": 0.5},
            "even": {"type": "integer", "multipleOf": 2, "default": 4},
            "other": {"type": "integer", "default": 4},
            "names": {"type": "array", "default": []},
        }
    }
}


def _policy(*settings: str, factors: tuple[float, ...] = (2,)) -> Policy:
    return Policy(
        policy_id="colour.shade",
        title="",
        description="",
        severity=Severity.LOW,
        enforcement=Enforcement.MANDATORY,
        remediation="",
        path="lakewarden/tables/colour/shade/shade.rego",
        settings=("limit", "share", "even", "names"),
        what_if=WhatIfAsked(settings=settings, factors=factors),
    )


def _override(domain: str, **settings: object) -> Override:
    return Override(
        domain=domain, tables=("t.*",), settings=settings, enforcement={}, severity={}, where="f:1"
    )


def _settings(*overrides: Override, **values: object) -> Settings:
    usual = {"limit": 4, "share": 0.5, "even": 4, "other": 4, "names": []}
    return Settings(values={"colour": usual | values, "x": {"limit": 4}}, files={},
                    overrides=overrides)  # fmt: skip


def test_all_named_settings_are_multiplied_in_overrides_too_and_no_others() -> None:
    """A threshold that an override lowers for some tables is a threshold as well."""
    before = _settings(_override("colour", limit=10, other=3), _override("x", limit=10))
    after = scaled(before, _SCHEMAS, _policy("limit", "share"), 3)
    assert after is not None
    assert after.values == {
        "colour": {"limit": 12, "share": 1.5, "even": 4, "other": 4, "names": []},
        "x": {"limit": 4},
    }
    assert [each.settings for each in after.overrides] == [{"limit": 30, "other": 3}, {"limit": 10}]
    assert before == _settings(_override("colour", limit=10, other=3), _override("x", limit=10))


@pytest.mark.parametrize(
    ("name", "value", "factor", "expected"),
    [
        ("limit", 30, 0.1, 3),
        ("limit", 7, 0.5, 4),  # 3.5, rounded half to even
        ("limit", 4, 0, 1),
        ("limit", 4, 0.1, 1),
        ("limit", 999, 4, 1000),
        ("share", 0.1, 3, 0.3),
        ("share", 2, 0.5, 1),
    ],
)
def test_a_value_stays_what_its_schema_allows(
    name: str, value: float, factor: float, expected: float
) -> None:
    """A fraction of a byte, or a negative limit, would be no answer to a question about limits."""
    after = scaled(_settings(**{name: value}), _SCHEMAS, _policy(name), factor)
    assert after is not None
    assert after.values["colour"][name] == expected
    assert type(after.values["colour"][name]) is type(expected)


def test_a_threshold_of_many_bytes_is_multiplied_to_the_byte() -> None:
    large = {"colour": {"properties": {"limit": {"type": "integer", "default": 1}}}}
    settings = Settings(values={"colour": {"limit": 2**53 + 1}}, files={})
    after = scaled(settings, large, _policy("limit"), 2)
    assert after is not None
    assert after.values["colour"]["limit"] == 2**54 + 2


@pytest.mark.parametrize(("name", "value", "factor"), [("limit", 1000, 4), ("even", 2, 0.5)])
def test_what_changes_nothing_or_may_not_be_is_not_tried(
    name: str, value: int, factor: float
) -> None:
    assert scaled(_settings(**{name: value}), _SCHEMAS, _policy(name), factor) is None


def test_an_override_that_may_not_be_keeps_the_rest_from_being_tried() -> None:
    settings = _settings(_override("colour", even=2), even=8)
    assert scaled(settings, _SCHEMAS, _policy("even"), 0.5) is None


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (_policy("limt"), "names limt, which isn't a setting"),
        (_policy("names"), "names names, which isn't a number"),
        (_policy("other"), "names other, which the policy doesn't read"),
        (_policy("even"), "names even, which may be negative"),
        (_policy("limit", factors=(1.0,)), "changes nothing"),
        (_policy("limit", factors=(float("inf"),)), "inf, which isn't a number from 0 up"),
    ],
)
def test_what_cannot_be_tried_is_an_error_of_its_file(policy: Policy, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        check_what_ifs([policy], _SCHEMAS)
    assert caught.value.where == policy.path


def test_what_can_be_tried_is_no_error() -> None:
    check_what_ifs([_policy("limit", "share", factors=(0, 0.5, 2))], _SCHEMAS)
