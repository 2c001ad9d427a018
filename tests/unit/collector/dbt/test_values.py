"""Values of a manifest: what dbt-databricks would make of them, or why it refuses them."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.dbt.values import NodeError, column_names


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("id", [("id",)]),
        ("id, ordered_on", [("id",), ("ordered_on",)]),
        (["id", "address.city"], [("id",), ("address", "city")]),
        (["`a,b`.`c.d`", " e "], [("a,b", "c.d"), ("e",)]),
        ("`a``b`", [("a`b",)]),
        ("`upper(x)`", [("upper(x)",)]),
    ],
)
def test_names_are_read_as_sql_reads_them(value: object, names: list[tuple[str, ...]]) -> None:
    assert column_names({"key": value}, "key") == names


def test_a_python_model_names_one_column_with_each_text() -> None:
    with pytest.raises(NodeError, match="doesn't name columns"):
        column_names({"key": "a b"}, "key", as_sql=False)
    assert column_names({"key": ["a.b"]}, "key", as_sql=False) == [("a", "b")]


@pytest.mark.parametrize("value", [3, {"a": 1}, ["a", 3], "a,", "a.", "upper(a)", ["a", ""], True])
def test_what_names_no_columns_is_refused(value: object) -> None:
    with pytest.raises(NodeError, match="`key`"):
        column_names({"key": value}, "key")
