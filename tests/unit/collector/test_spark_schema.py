"""A log's schema becomes the columns that Unity Catalog would show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.spark_schema import document_columns, logical_path

NAMES = st.text("abcXYZ .`é", min_size=1, max_size=4)


def field(name: str, kind: Any, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata}


def struct(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "struct", "fields": list(fields)}


@st.composite
def mapped_levels(draw: st.DrawFn, depth: int = 3) -> list[dict[str, Any]]:
    """Draw fields whose physical names say nothing of their logical ones."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.lower))
    fields = []
    for number, name in enumerate(names):
        deeper = depth > 1 and draw(st.booleans())
        kind = struct(*draw(mapped_levels(depth - 1))) if deeper else "long"
        physical = f"col-{depth}-{number}"
        fields.append(field(name, kind, **{"delta.columnMapping.physicalName": physical}))
    return fields


def paths(fields: list[dict[str, Any]]) -> list[tuple[list[str], list[str]]]:
    """Return the physical and the logical path of every field, structs and leaves alike."""
    found = []
    for item in fields:
        physical = item["metadata"]["delta.columnMapping.physicalName"]
        inner = item["type"]["fields"] if isinstance(item["type"], dict) else []
        found.append(([physical], [item["name"]]))
        found += [([physical, *p], [item["name"], *names]) for p, names in paths(inner)]
    return found


@given(mapped_levels())
def test_physical_keys_become_logical_ones(fields: list[dict[str, Any]]) -> None:
    """After a rename a key would otherwise name a column that nobody knows."""
    for physical, logical in paths(fields):
        assert logical_path(fields, physical) == logical


def test_key_without_column_stays_as_it_is() -> None:
    """A policy must see that it names no column; an error here would hide the table."""
    fields = [field("a", struct(field("b", "long")))]
    assert logical_path(fields, ["a", "gone", "x"]) == ["a", "gone", "x"]
    assert logical_path(fields, ["a", "b", "x"]) == ["a", "b", "x"]
    assert logical_path(fields, ["gone"]) == ["gone"]


def test_keys_are_compared_without_case_as_spark_does() -> None:
    fields = [field("id", "long"), field("ID2", "long")]
    assert logical_path(fields, ["ID"]) == ["id"]
    assert logical_path(fields, ["id2"]) == ["ID2"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("long", "bigint"),
        ("integer", "int"),
        ("short", "smallint"),
        ("byte", "tinyint"),
        ("decimal(10,2)", "decimal(10,2)"),
        ({"type": "array", "elementType": "long", "containsNull": True}, "array<bigint>"),
        ({"type": "map", "keyType": "string", "valueType": "byte"}, "map<string,tinyint>"),
        (struct(field("x", struct(field("y", "long")))), "struct<x:struct<y:bigint>>"),
    ],
)
def test_types_are_spelt_as_in_sql(kind: Any, text: str) -> None:  # noqa: ANN401 -- JSON
    (column,) = document_columns([field("c", kind)], [])
    assert column.type_text == text


def test_column_carries_comment_position_and_partition_index() -> None:
    fields = [field("a", "long"), field("p", "date", comment="day"), field("q", "long")]
    columns = document_columns(fields, ["q", "p"])

    assert [(c.position, c.partition_index or None) for c in columns] == [
        (0, None),
        (1, 1),
        (2, None),
    ]
    assert columns[2].partition_index == 0
    assert [c.comment or None for c in columns] == [None, "day", None]


def test_declared_length_is_shown_and_mapping_is_not() -> None:
    """`type_json` is Spark's view of the column, which knows nothing of physical names."""
    noted = field("v", "string", __CHAR_VARCHAR_TYPE_STRING="varchar(7)")
    noted["metadata"]["delta.columnMapping.id"] = 3
    (column,) = document_columns([noted], [])

    assert column.type_text == "varchar(7)"
    assert json.loads(column.type_json or "") == field(
        "v", "string", __CHAR_VARCHAR_TYPE_STRING="varchar(7)"
    )
