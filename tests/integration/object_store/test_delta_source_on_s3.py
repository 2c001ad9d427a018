"""A lake in an object store reads like the same lake on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import SourceError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from tests.integration.object_store.s3_double import BUCKET, let_in, serve
from tests.unit.collector.delta.logs import (
    CLUSTERED_PROTOCOL,
    append_commit,
    checkpoint,
    clustering,
    make_table,
)
from tests.unit.collector.delta.test_field_tables import FIELD


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve `tmp_path / "store"` as s3://lake, with the settings in the environment."""
    let_in(monkeypatch)
    root = tmp_path / "store"
    root.mkdir()
    with serve(root) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        yield root


def without_place(document: TableDocument) -> dict[str, Any]:
    """Return a document without what differs between two copies: place, file times, reading."""
    found: dict[str, Any] = msgspec.to_builtins(document)
    for key in ("storage_location", "updated_at"):
        del found[key]
    for key in ("location", "last_modified"):
        del found["detail"][key]
    del found["size"]["as_of"]
    return found


def test_store_and_disk_give_the_same_documents(store: Path) -> None:
    """Sizes, and keys from every kind of checkpoint, do not depend on where the lake lies."""
    schema = store / "my lake" / "main" / "plain_name"
    for kind in ("classic", "multipart", "v2_json", "v2_parquet"):
        folder = make_table(schema / kind, appends=2)
        append_commit(folder, CLUSTERED_PROTOCOL, clustering([["s"], ["id"]]))
        checkpoint(folder, kind)
    schema.rename(schema.with_name("a b+c#d"))
    make_table(store / "my lake" / "main" / "other" / "plain", appends=4)

    remote = list(DeltaSource(f"s3://{BUCKET}/my%20lake").tables())
    local = list(DeltaSource(str(store / "my lake")).tables())

    assert len(remote) == 5
    for there, here in zip(remote, local, strict=True):
        assert isinstance(there, TableDocument), there
        assert isinstance(here, TableDocument), here
        assert without_place(there) == without_place(here)
        if here.name != "plain":
            keys = (there.properties or {}).get("clusteringColumns", "")
            assert json.loads(keys) == [["s"], ["id"]]


def test_damage_in_the_store_is_named(store: Path) -> None:
    folder = make_table(store / "c/s/t", appends=1)
    (folder / "_delta_log" / f"{1:020d}.json").write_text("{}\n{oops\n")
    (store / "c/s/no_table").mkdir()
    (store / "c/s/no_table/file").touch()

    no_table, damaged = DeltaSource(f"s3://{BUCKET}/").tables()

    assert isinstance(no_table, Failure)
    assert "isn't a Delta table" in no_table.reason
    assert isinstance(damaged, Failure)
    assert damaged.where == f"s3://{BUCKET}/c/s/t/_delta_log/{1:020d}.json:2"


@pytest.mark.usefixtures("store")
def test_prefix_without_objects_is_an_error() -> None:
    """A mistyped prefix must not look like a lake without violations."""
    with pytest.raises(SourceError, match="no catalog"):
        DeltaSource(f"s3://{BUCKET}/nowhere").tables()


@pytest.mark.usefixtures("store")
def test_bucket_that_refuses_is_an_error_with_a_remedy() -> None:
    with pytest.raises(SourceError, match="can't be listed") as raised:
        DeltaSource("s3://elsewhere/lake").tables()
    assert "AWS_" in raised.value.remedy


def test_an_odd_name_is_one_failure_and_hides_no_other(store: Path) -> None:
    """Obstore refuses a whole listing in which one name has a control character."""
    odd = ["a b", "a%20b", "%78", "x", "q?s#t", "é+&", "tab\there", "line\nbreak"]
    for number, name in enumerate(odd):  # moved, since delta-rs decodes such names
        make_table(store / "c" / "s" / "made", appends=number).rename(store / "c" / "s" / name)
    make_table(store / "c" / "made" / "t").parent.rename(store / "c" / "tab\tschema")
    make_table(store / "c" / "z" / "t")

    found = list(DeltaSource(f"s3://{BUCKET}").tables())

    read = {each.name: each for each in found if isinstance(each, TableDocument)}
    assert {name: table.size.files for name, table in read.items() if name != "t"} == {
        name: number + 1 for number, name in enumerate(odd[:6])
    }
    assert read["t"].schema_name == "z"
    failed = [each for each in found if isinstance(each, Failure)]
    assert sorted(each.what for each in failed) == [
        "c.`tab\tschema`",
        "c.s.`line\nbreak`",
        "c.s.`tab\there`",
    ]
    assert {each.reason for each in failed} == {"its name has a control character in it"}


def test_the_field_tables_are_the_same_in_a_store(store: Path) -> None:
    shutil.copytree(FIELD / "lake_percent" / "cat", store / "lake%20one" / "cat")
    shutil.copytree(FIELD / "delta", store / "lake%20one" / "cat" / "field")
    expected = json.loads((FIELD / "delta" / "expected.json").read_text())

    sizes: dict[str, dict[str, Any]] = {}
    for found in DeltaSource(f"s3://{BUCKET}/lake%2520one").tables():
        if isinstance(found, TableDocument):
            sizes[found.name] = {"bytes": found.size.bytes, "files": found.size.files}
        else:
            sizes[found.what.removeprefix("cat.field.")] = {"refuse": True}

    large = {"a%20b": 5 << 30, "%78": 5 << 30}
    for name, size in (large | {"a b": 7, "x": 7}).items():
        assert sizes.pop(name)["bytes"] == size
    for value in expected.values():
        value.pop("keys", None)
    assert sizes == expected
