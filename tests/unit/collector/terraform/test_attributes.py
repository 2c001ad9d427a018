"""Null, absent, unknown and sensitive attributes are four different things."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.terraform.attributes import Attributes, Hidden, ShapeError

UNKNOWN, SENSITIVE = Hidden.UNKNOWN, Hidden.SENSITIVE


@pytest.mark.parametrize(
    ("after", "unknown", "sensitive", "found"),
    [
        ({}, {}, {}, {}),
        ({"p": None}, {}, {}, {}),
        ({"p": {}}, {}, {}, {}),
        ({"p": {"a": "1", "b": None}}, {"p": {}}, False, {"a": "1"}),
        ({}, {"p": True}, {}, UNKNOWN),
        ({}, True, {}, UNKNOWN),
        ({"p": {"a": "1"}}, {}, {"p": True}, SENSITIVE),
        ({"p": {"a": "1"}}, {}, True, SENSITIVE),
        # One element alone: absent from `after`, or null in it.
        ({"p": {"a": "1"}}, {"p": {"b": True}}, {}, {"a": "1", "b": UNKNOWN}),
        ({"p": {"a": "1", "b": None}}, {"p": {"b": True}}, {}, {"a": "1", "b": UNKNOWN}),
        ({"p": {"a": "1", "b": "2"}}, {}, {"p": {"b": True}}, {"a": "1", "b": SENSITIVE}),
        ({"p": {"a": "1"}}, {"p": {"b": True}}, {"p": {"b": True}}, {"a": "1", "b": UNKNOWN}),
    ],
)
def test_a_map_is_hidden_as_a_whole_or_by_element(
    after: object, unknown: object, sensitive: object, found: object
) -> None:
    assert Attributes(after, unknown, sensitive).map("p") == found


@pytest.mark.parametrize(
    ("after", "unknown", "sensitive", "found"),
    [
        ({}, {}, {}, None),
        ({"k": None}, {}, {}, None),
        ({"k": []}, {}, {}, []),
        ({"k": ["a"]}, {"k": [False]}, {"k": [False]}, ["a"]),
        ({"k": ["a", None]}, {"k": [False, True]}, {}, UNKNOWN),
        ({"k": ["a"]}, {}, {"k": [True]}, SENSITIVE),
        ({}, {"k": True}, {}, UNKNOWN),
    ],
)
def test_a_list_is_hidden_where_one_element_is(
    after: object, unknown: object, sensitive: object, found: object
) -> None:
    assert Attributes(after, unknown, sensitive).texts("k") == found


def test_the_marks_of_a_block_are_its_own() -> None:
    after = {"column": [{"name": "a", "nullable": None}, {"name": "secret", "nullable": False}]}
    unknown = {"column": [{"comment": True}]}
    blocks = Attributes(after, unknown, {"column": [{}, {"name": True}]}).blocks("column")
    assert isinstance(blocks, list)
    assert [each.text("name") for each in blocks] == ["a", SENSITIVE]
    assert [each.text("comment") for each in blocks] == [UNKNOWN, ""]
    assert [each.flag("nullable", default=True) for each in blocks] == [True, False]


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", 1),
        ("text", ["secret"]),
        ("texts", "secret"),
        ("texts", ["a", 1]),
        ("texts", ["a", None]),
        ("map", "secret"),
        ("map", {"secret": 1}),
        ("blocks", "secret"),
        ("blocks", ["secret"]),
    ],
)
def test_what_the_schema_does_not_allow_is_named_without_its_value(
    method: str, value: object
) -> None:
    with pytest.raises(ShapeError, match=r"^`a") as caught:
        getattr(Attributes({"a": value}, {}, {}), method)("a")
    assert "secret" not in str(caught.value)
