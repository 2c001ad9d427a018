"""What is left of a document is needed, every part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from lakewarden.kit.example_decisions import EXAMPLE_TABLE
from lakewarden.kit.smallest_document import smallest

Json = dict[str, Any]

_NAMES: Final = {name: EXAMPLE_TABLE[name] for name in ("catalog_name", "schema_name", "name")}


def _smallest(is_wanted: Callable[[Json], bool]) -> Json:
    def keep(documents: Sequence[Json]) -> list[bool]:
        return [is_wanted(each) for each in documents]

    found = smallest({**EXAMPLE_TABLE, "properties": {"a": "long", "b": "[[1],[2],[3]]"}}, keep)
    return {name: part for name, part in found.items() if name not in {*_NAMES, "full_name"}}


@pytest.mark.parametrize(
    ("is_wanted", "left"),
    [
        (lambda _: True, {}),
        (lambda each: "size" in each, {"size": {}}),
        (lambda each: each.get("size", {}).get("bytes", 0) >= 1000, {"size": {"bytes": 1000}}),
        (lambda each: len(each.get("columns", ())) >= 2, None),
        (
            lambda each: len((each.get("properties") or {}).get("a", "")) > 1,
            {"properties": {"a": "lo"}},
        ),
        (
            lambda each: (each.get("properties") or {}).get("b", "").count("]") > 2,
            {"properties": {"b": "[[1],[2]]"}},
        ),
        (lambda each: each.get("table_type") == "MANAGED", {"table_type": "MANAGED"}),
    ],
)
def test_nothing_is_left_that_is_not_needed(
    is_wanted: Callable[[Json], bool], left: Json | None
) -> None:
    found = _smallest(is_wanted)
    if left is None:
        assert [set(each) for each in found.pop("columns")] == [{"name"}, {"name"}]
        assert found == {}
    else:
        assert found == left
