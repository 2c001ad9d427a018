"""Documents with something else in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.explain.patches import difference, merged, patched
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded

_json = st.dictionaries(
    st.sampled_from("xyz"),
    st.recursive(
        st.integers(0, 3) | st.sampled_from(["a", "b"]),
        lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
        max_leaves=8,
    ),
)


def _document(**fields: object) -> EncodedDocument:
    table = {"full_name": "a.b.c", "catalog_name": "a", "schema_name": "b", "name": "c"}
    return EncodedDocument("a.b.c", json.dumps(table | fields).encode())


def _patched(document: EncodedDocument, patch: dict[str, Any]) -> dict[str, Any] | None:
    found = patched(document, patch)
    return None if found is None else json.loads(found.data)


def test_a_patch_is_merged_and_null_removes() -> None:
    document = _document(properties={"one": "1", "two": "2"}, size={"bytes": 3, "exact": True})
    found = _patched(document, {"properties": {"one": None, "three": "3"}, "size": {"bytes": 4}})
    assert found is not None
    assert found["properties"] == {"two": "2", "three": "3"}
    assert found["size"] == {"bytes": 4, "exact": True}


def test_what_is_set_is_no_longer_explained_as_absent() -> None:
    denied = {"status": "denied"}
    evidence = {"properties.one": denied, "size": denied, "columns.a.comment": denied}
    document = _document(properties={}, columns=[{"name": "a"}], evidence=evidence)
    for patch, left in (
        ({"properties": {"one": "1"}}, {"size", "columns.a.comment"}),
        ({"size": {"bytes": 1, "exact": True}}, {"properties.one", "columns.a.comment"}),
        ({"columns": [{"name": "a", "comment": "x"}]}, {"properties.one", "size"}),
        ({"comment": "x"}, set(evidence)),
    ):
        found = _patched(document, patch)
        assert found is not None
        assert set(found["evidence"]) == left


@pytest.mark.parametrize(
    "patch",
    [
        {"size": {"bytes": -1}},
        {"size": {"byts": 1}},
        {"properties": {"one": 1}},
        {"name": "d"},
        {"full_name": "a.b.d", "name": "d"},
        {"full_name": None},
        {"properties": {"one": "1"}},
        {},
    ],
)
def test_what_makes_no_legal_document_or_no_difference_is_no_candidate(
    patch: dict[str, Any],
) -> None:
    assert _patched(_document(properties={"one": "1"}), patch) is None


def test_the_document_is_encoded_as_a_source_would() -> None:
    table = TableDocument(
        full_name="a.b.c", catalog_name="a", schema_name="b", name="c", comment=""
    )
    found = patched(_document(), {"comment": ""})
    assert found == encoded(table)


def test_leaves_are_counted() -> None:
    before = {"a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 1}, {"f": 2}]}
    assert difference(before, before) == 0
    assert difference(before, before | {"a": 2}) == 1
    assert difference(before, before | {"b": {"c": 2}}) == 1
    assert difference(before, before | {"g": {"h": 1, "i": 2}}) == 2
    assert difference(before, before | {"e": [{"f": 1}, {"f": 3}]}) == 1
    assert difference(before, before | {"e": [{"f": 1}]}) == 2
    assert difference(before, before | {"e": []}) == 2
    assert difference({}, {"a": {}}) == 1


@given(_json, _json)
def test_merging_is_as_rfc_7396_has_it(value: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(value, patch)
    assert merged(once, patch) == once
    assert merged(once, dict.fromkeys(once)) == {}
    assert (difference(value, once) == 0) == (value == once)
