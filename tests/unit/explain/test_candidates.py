"""Other values of settings, and numbers that lead to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lakewarden.explain.candidates import Scale, Setting, choices, scales

_SCHEMA: dict[str, Any] = {
    "properties": {
        "limit": {"type": "integer", "minimum": 0},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "strict": {"type": "boolean"},
        "kind": {"enum": ["a", "b", "c"]},
        "level": {"type": "integer", "enum": [1, 2]},
        "names": {"type": "array"},
    }
}
_NOW = {"limit": 5, "share": 0.8, "strict": True, "kind": "b", "level": 1, "names": []}


def test_numbers_are_scales_and_the_rest_are_choices() -> None:
    assert [each.setting for each in scales("demo", _SCHEMA, _NOW)] == ["demo.limit", "demo.share"]
    assert [(each.setting, each.value, each.now) for each in choices("demo", _SCHEMA, _NOW)] == [
        ("demo.strict", False, True),
        ("demo.kind", "a", "b"),
        ("demo.kind", "c", "b"),
        ("demo.level", 2, 1),
    ]
    assert not [*scales("demo", {}, {}), *choices("demo", {}, {})]


def test_a_setting_has_a_domain_and_a_name() -> None:
    setting = Setting(setting="demo.limit.x", value=1, now=2)
    assert (setting.domain, setting.name) == ("demo", "limit.x")


def test_probes_go_outwards_to_the_bound() -> None:
    limit, share = scales("demo", _SCHEMA, _NOW)
    assert [*limit.probes(-1)] == [4, 1, 0]
    assert [*limit.probes(1)][:4] == [6, 9, 21, 69]
    assert [*limit.probes(1)][-1] == 2**53
    assert [*share.probes(1)][-1] == 10**9
    assert [*share.probes(-1)][:2] == [799_999_999, 799_999_996]
    at_the_end = Scale(setting="demo.share", schema=_SCHEMA["properties"]["share"], now=1)
    assert [*at_the_end.probes(1)] == []


def test_values_are_whole_where_they_can_be() -> None:
    limit, share = scales("demo", _SCHEMA, _NOW)
    assert limit.at(7) == Setting(setting="demo.limit", value=7, now=5)
    assert limit.at(5) is limit.at(-1) is None
    assert share.at(666_666_667) == Setting(setting="demo.share", value=0.666666667, now=0.8)
    found = share.at(10**9)
    assert found is not None
    assert repr(found.value) == "1"


@pytest.mark.parametrize("sign", [-1, 1])
@given(now=st.integers(-50, 50), least=st.integers(-60, -50), most=st.integers(50, 60))
def test_every_probe_is_a_legal_value_on_its_side(
    sign: int, now: int, least: int, most: int
) -> None:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    scale = Scale(setting="demo.x", schema=schema, now=now)
    probes = [*scale.probes(sign)]
    assert probes == sorted(set(probes), reverse=sign < 0)
    for number in probes:
        found = scale.at(number)
        assert found is not None
        assert (found.value - now) * sign > 0
        assert Draft202012Validator(schema).is_valid(found.value)
    end = most if sign > 0 else least
    assert probes[-1:] == ([end] if end != now else [])
