"""The demo lakehouse as a source: what the policies get to see of it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import WAYS, DeltaSource
from lakewarden_collector.sources.demo import TABLES, DemoLakehouse, DemoSource
from lakewarden_collector.sources.demo.glossary import GLOSSARY
from lakewarden_collector.sources.interface import Source

BROKEN = {"staging.sales.orders_import", "staging.sales.loyalty_import"}
READ = [spec for spec in TABLES if spec.full_name not in BROKEN]


@pytest.fixture(scope="module")
def items(lakehouse: DemoLakehouse) -> list[TableDocument | Failure]:
    """Return what the demo source yields."""
    source: Source = DemoSource(DeltaSource, str(lakehouse.root))
    return list(source.tables())


@pytest.fixture(scope="module")
def documents(items: list[TableDocument | Failure]) -> dict[str, TableDocument]:
    """Return the documents by full name."""
    return {item.full_name: item for item in items if isinstance(item, TableDocument)}


def test_every_table_is_there_once_and_in_order(items: list[TableDocument | Failure]) -> None:
    """A table lost between list and source would be missed by nobody."""
    names = [item.full_name if isinstance(item, TableDocument) else item.what for item in items]
    assert names == sorted(spec.full_name for spec in TABLES)


def test_only_the_broken_tables_fail(items: list[TableDocument | Failure]) -> None:
    """The demo shows two failures, no more: every other one would be an accident."""
    assert {item.what for item in items if isinstance(item, Failure)} == BROKEN


def test_documents_have_what_the_ways_declare_and_nothing_else(
    documents: dict[str, TableDocument],
) -> None:
    """The page about evidence says by these where each part comes from."""
    reported = [msgspec.to_builtins(document) for document in documents.values()]
    found = {name for each in reported for name, value in each.items() if value not in ({}, [])}
    assert found - {"evidence"} == {part for way in WAYS for part in way.gives}


def test_the_list_says_type_format_and_owner(documents: dict[str, TableDocument]) -> None:
    """Every table would be EXTERNAL, and no outcome beside pass and fail would appear."""
    listed = {
        name: (document.table_type, document.data_source_format, document.owner)
        for name, document in documents.items()
    }
    assert listed == {
        spec.full_name: (
            spec.table_type,
            spec.data_source_format,
            UNSET if spec.owner is None else spec.owner,
        )
        for spec in READ
    }


def _properties(document: TableDocument) -> object:
    """Return the properties, with the clustering keys as a list, or that there are none."""
    if document.properties is UNSET:
        return UNSET
    assert isinstance(document.properties, dict)
    keys = document.properties.get("clusteringColumns")
    return document.properties | ({"clusteringColumns": json.loads(keys)} if keys else {})


def test_keys_and_properties_arrive(documents: dict[str, TableDocument]) -> None:
    """The strategies of the demo would be invisible to the policies."""
    found = {name: _properties(document) for name, document in documents.items()}
    assert found == {
        spec.full_name: dict(spec.properties)
        | ({"clusteringColumns": [list(key) for key in spec.keys]} if spec.keys else {})
        if spec.making == "delta"
        else UNSET
        for spec in READ
    }


def test_comments_arrive(documents: dict[str, TableDocument]) -> None:
    """The tables that are not documented could not be told from those that are."""
    for spec in READ:
        document = documents[spec.full_name]
        if spec.making != "delta":
            assert document.comment is UNSET, spec.full_name
            continue
        assert document.comment == (spec.description or ""), spec.full_name
        assert isinstance(document.columns, list)
        comments = GLOSSARY | dict(spec.column_comments)
        assert {column.name: column.comment for column in document.columns} == {
            name: comments[name] for name, _ in spec.columns
        }, spec.full_name


def test_sizes_are_known_and_exact_for_delta_tables_alone(
    documents: dict[str, TableDocument],
) -> None:
    """A size made up for a view would exempt it as small."""
    for spec in READ:
        size = documents[spec.full_name].size
        if spec.making == "delta":
            assert isinstance(size.bytes, int), spec.full_name
            assert size.exact is True, spec.full_name
            assert (size.bytes > 0) == (spec.rows > 0), spec.full_name
        else:
            assert size.bytes is UNSET, spec.full_name


def test_without_a_location_it_lies_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`--source demo` would write into whatever directory it is started in."""
    monkeypatch.setenv("LAKEWARDEN_CACHE_DIR", str(tmp_path))
    source = DemoSource(DeltaSource)
    assert source.source_kind == "demo"
    assert source.root.parent == tmp_path
    assert str(source.root) in source.scope


def test_the_making_is_announced_and_the_reuse_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run would be silent for seconds, or every run would claim to make the demo."""
    monkeypatch.setattr(
        "lakewarden_collector.sources.demo.lakehouse.TABLES",
        [spec for spec in TABLES if spec.full_name == "prod.sales.customers"],
    )
    heard: list[str] = []
    for _ in range(2):
        assert (
            len(list(DemoSource(DeltaSource, str(tmp_path / "demo"), heard.append).tables())) == 1
        )
    assert len(heard) == 1
