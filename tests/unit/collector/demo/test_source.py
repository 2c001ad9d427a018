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
from lakewarden_collector.sources.demo.spec import TableSpec
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
    told = [msgspec.to_builtins(document) for document in documents.values()]
    found = {name for each in told for name, value in each.items() if value not in ({}, [])}
    assert found - {"evidence"} == {part for way in WAYS for part in way.gives}


@pytest.mark.parametrize("spec", READ, ids=lambda spec: spec.full_name)
def test_the_list_says_type_format_and_owner(
    documents: dict[str, TableDocument], spec: TableSpec
) -> None:
    """Every table would be EXTERNAL, and no outcome beside pass and fail would appear."""
    document = documents[spec.full_name]
    assert document.table_type == spec.table_type
    assert document.data_source_format == spec.data_source_format
    assert document.owner == (UNSET if spec.owner is None else spec.owner)


@pytest.mark.parametrize("spec", READ, ids=lambda spec: spec.full_name)
def test_keys_and_properties_arrive(documents: dict[str, TableDocument], spec: TableSpec) -> None:
    """The strategies of the demo would be invisible to the policies."""
    properties = documents[spec.full_name].properties
    if spec.making != "delta":
        assert properties is UNSET
        return
    assert isinstance(properties, dict)
    expected = dict(spec.properties)
    if spec.keys:
        keys = properties.pop("clusteringColumns")
        assert json.loads(keys) == [list(key) for key in spec.keys]
    assert properties == expected


@pytest.mark.parametrize("spec", READ, ids=lambda spec: spec.full_name)
def test_comments_arrive(documents: dict[str, TableDocument], spec: TableSpec) -> None:
    """The tables that are not documented could not be told from those that are."""
    document = documents[spec.full_name]
    if spec.making != "delta":
        assert document.comment is UNSET
        return
    assert document.comment == (spec.description or "")
    assert isinstance(document.columns, list)
    comments = GLOSSARY | dict(spec.column_comments)
    assert {column.name: column.comment for column in document.columns} == {
        name: comments[name] for name, _ in spec.columns
    }


@pytest.mark.parametrize("spec", READ, ids=lambda spec: spec.full_name)
def test_sizes_are_known_and_exact_for_delta_tables_alone(
    documents: dict[str, TableDocument], spec: TableSpec
) -> None:
    """A size made up for a view would excuse it as small."""
    size = documents[spec.full_name].size
    if spec.making == "delta":
        assert isinstance(size.bytes, int)
        assert size.exact is True
        assert (size.bytes > 0) == (spec.rows > 0)
    else:
        assert size.bytes is UNSET


def test_without_a_location_it_lies_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`--source demo` would write into whatever directory it is started in."""
    monkeypatch.setenv("LAKEWARDEN_CACHE_DIR", str(tmp_path))
    source = DemoSource(DeltaSource)
    assert source.kind == "demo"
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
