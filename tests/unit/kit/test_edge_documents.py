"""What is tried is legal, differs, reaches the edges, and is the same every time."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any, Final

import msgspec
import pytest

from lakewarden.engines.interface import Module
from lakewarden.kit.edge_documents import edge_documents, legal
from lakewarden.kit.edges import Edges, edges
from lakewarden_collector.document import TableDocument

Json = dict[str, Any]

_TEXT: Final = """\
package lakewarden.tables.colour.red
# of "blue" things
deny contains "too long" if {
	input.size.bytes < data.lakewarden_run.settings.colour.limit * 3
	input.size.as_of
	input.properties["delta.paint"] == "red"
	some column in input.columns
	input.table_type == `VIEW`
}
"""
_EXAMPLE: Final[Json] = {"properties": {"delta.paint": "green"}, "columns": [{"name": "a"}]}


def _edges() -> Edges:
    module = Module(
        path="a.rego", package="lakewarden.tables.colour.red", text=_TEXT, annotations={}
    )
    return edges([module], [{"limit": 4096, "names": ["odd"]}], [_EXAMPLE], "2026-11-29T08:00:00Z")


def test_edges_are_what_code_settings_and_examples_name_and_beside_it() -> None:
    found = _edges()
    assert {"red", "VIEW", "delta.paint", "odd", "green", ""} <= {*found.words}
    assert not {"blue", "too long"} & {*found.words}
    assert {4095, 4096, 4097, 2, 3, 4, 8192} <= {*found.numbers}
    assert {4095, 4096, 4097} == {*found.thresholds}
    assert {"2026-11-29T08:00:00Z", "2026-11-28T08:00:01Z"} <= {*found.times}


@pytest.fixture(scope="module")
def documents() -> list[Json]:
    return list(islice(edge_documents(_edges(), [_EXAMPLE]), 1200))


def test_documents_are_legal_and_each_there_once(documents: list[Json]) -> None:
    made = [legal(each) for each in documents]
    assert None not in made
    data = [each.data for each in made if each]
    assert len(set(data)) == len(documents) == 1200
    for each in data:
        msgspec.json.decode(each, type=TableDocument)


def test_they_are_the_same_every_time(documents: list[Json]) -> None:
    again = islice(edge_documents(_edges(), [_EXAMPLE]), 1200)
    assert [json.dumps(each) for each in again] == [json.dumps(each) for each in documents]


def test_they_reach_the_edges(documents: list[Json]) -> None:
    sizes = {each.get("size", {}).get("bytes") for each in documents}
    assert {None, 0, 4095, 4096, 4097} <= sizes
    statuses = {
        absence["status"] for each in documents for absence in each.get("evidence", {}).values()
    }
    assert statuses == {"not_requested", "denied", "failed", "unsupported", "known_after_apply"}
    assert {"VIEW", None} <= {each.get("table_type") for each in documents}
    paints = {(each.get("properties") or {}).get("delta.paint") for each in documents}
    assert {"green", "true", None} <= paints
    assert {0, 1, 2, None} <= {
        len(each["columns"]) if "columns" in each else None for each in documents
    }


def test_a_part_that_nobody_reads_stays(documents: list[Json]) -> None:
    assert {json.dumps(each.get("access", {})) for each in documents} == {"{}"}
    assert {each.get("owner") for each in documents} == {None, "sales-analytics"}


@pytest.mark.parametrize("wrong", [{"size": {"bytes": -1}}, {"size": None}, {"colour": 1}])
def test_what_a_run_refuses_is_not_tried(wrong: Json) -> None:
    document = {"catalog_name": "a", "schema_name": "b", "name": "c"}
    assert legal(document)
    assert legal(document | wrong) is None
