"""The intake decides what may be decided; whatever it keeps back must be named."""

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.evaluation.document_store import CollectedTables, DocumentStore, TableIntake
from lakewarden_collector.document import EncodedDocument, encoded
from lakewarden_collector.inventory import Failure, InventoryReader

names = st.lists(st.sampled_from("abcdef"), max_size=12)
both = pytest.mark.parametrize("keeping", [DocumentStore, CollectedTables])
"""Kept in a file of the store, or by the source."""


class _Collected:
    """An inventory whose documents are given again by their names."""

    def __init__(self, reader: InventoryReader) -> None:
        self._reader = reader
        self._kept: dict[str, EncodedDocument] = {}

    @property
    def where(self) -> str:
        return self._reader.where

    def __iter__(self) -> Iterator[EncodedDocument | Failure]:
        for item in self._reader:
            if isinstance(item, Failure):
                yield item
            else:
                yield self._kept.setdefault(item.full_name, encoded(item))

    def read(self, full_name: str) -> EncodedDocument:
        return self._kept[full_name]


def line(name: str) -> bytes:
    return json.dumps(
        {"full_name": f"x.y.{name}", "catalog_name": "x", "schema_name": "y", "name": name}
    ).encode()


def filled(data: bytes, *patterns: str, keeping: type[TableIntake] = DocumentStore) -> TableIntake:
    reader = InventoryReader(io.BytesIO(data), "lake.ndjson")
    if keeping is DocumentStore:
        store: TableIntake = DocumentStore(patterns)
        store.fill(reader)
        return store
    items = _Collected(reader)
    collected = CollectedTables(items.read, patterns)
    collected.fill(items)
    return collected


def kept(store: TableIntake) -> list[str]:
    return [json.loads(document.data)["name"] for document in store.documents()]


@both
@given(names)
def test_a_table_is_decided_if_and_only_if_it_is_there_once(
    keeping: type[TableIntake], listed: list[str]
) -> None:
    with filled(b"\n".join(map(line, listed)), keeping=keeping) as store:
        once = [name for name in listed if listed.count(name) == 1]
        assert kept(store) == once
        assert [each.full_name for each in store.documents()] == [f"x.y.{name}" for name in once]
        assert len(store) == len(once)
        assert {failure.what for failure in store.failures} == {
            f"x.y.{name}" for name in listed if listed.count(name) > 1
        }


@both
def test_some_are_read_again(keeping: type[TableIntake]) -> None:
    """What other settings cannot change is not asked about, and need not be read."""
    with filled(b"\n".join(map(line, "abacd")), keeping=keeping) as store:
        chosen = store.documents(b"\1\0\1")
        assert [each.full_name for each in chosen] == ["x.y.b", "x.y.d"]


def test_both_keep_the_same_bytes() -> None:
    """Else a report would depend on where the documents waited."""
    data = b"\n".join(map(line, "abac"))
    with filled(data) as store, filled(data, keeping=CollectedTables) as other:
        assert list(store.documents()) == list(other.documents())
        assert store.digest == other.digest


def test_a_duplicate_names_every_place() -> None:
    with filled(b"\n".join(map(line, "abaca"))) as store:
        (failure,) = store.failures
    assert failure.where == "lake.ndjson:1, lake.ndjson:3, lake.ndjson:5"


@both
def test_names_that_differ_in_case_alone_are_one_table(keeping: type[TableIntake]) -> None:
    """Unity Catalog has no two such tables, so one of the documents is wrong."""
    lines = [line("Case"), line("other"), line("case"), line("CASE")]
    with filled(b"\n".join(lines), keeping=keeping) as store:
        (failure,) = store.failures
        assert kept(store) == ["other"]
        assert len(store) == 1
    assert failure.what == "x.y.Case, x.y.case, x.y.CASE"
    assert failure.where == "lake.ndjson:1, lake.ndjson:3, lake.ndjson:4"


def test_both_ways_to_write_a_name_are_one_table() -> None:
    plain = {"full_name": "x.y.a.b", "catalog_name": "x", "schema_name": "y", "name": "a.b"}
    quoted = plain | {"full_name": "x.y.`a.b`"}
    with filled(json.dumps([plain, quoted]).encode()) as store:
        (failure,) = store.failures
        assert kept(store) == []
    assert failure.what == "x.y.`a.b`"


@both
def test_what_a_pattern_leaves_out_is_counted(keeping: type[TableIntake]) -> None:
    with filled(b"\n".join(map(line, "abc")), "*.a", "*.b", keeping=keeping) as store:
        assert kept(store) == ["a", "b"]
        assert store.left_out == 1


def test_it_can_be_read_twice() -> None:
    with filled(line("a")) as store:
        assert kept(store) == kept(store) == ["a"]


def test_the_digest_is_of_the_content_and_not_of_the_layout() -> None:
    array = b"[" + line("a") + b"  ,\n" + line("b") + b"]"
    with filled(line("a") + b"\n\n" + line("b")) as plain, filled(array) as listed:
        assert plain.digest == listed.digest
    with filled(line("b") + b"\n" + line("a")) as other:
        assert other.digest != plain.digest
