"""Sizes of a previous inventory: which are taken over, for which table; what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from lakewarden_collector.document import Absence, Size, TableDocument
from lakewarden_collector.errors import InventoryError
from lakewarden_collector.inventory import Failure, Header, InventoryWriter
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    PreviousInventory,
    previous_size,
    read_previous,
    variants,
    with_size,
)

NOW = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)
DAY = timedelta(hours=24)
FRESH = "2026-11-22T05:10:00Z"
STALE = "2026-11-22T05:09:59Z"


def _table(name: str, **fields: Any) -> TableDocument:  # noqa: ANN401 -- any field of a document
    return TableDocument(
        full_name=f"c.s.{name}", catalog_name="c", schema_name="s", name=name, **fields
    )


def _inventory(path: Path, *items: TableDocument | Failure) -> Path:
    with path.open("wb") as stream:
        header = Header(
            schema_version=1,
            source="databricks",
            scope="",
            started_at="2026-11-23T05:00:00Z",
            tool_version="0",
        )
        writer = InventoryWriter(stream, header)
        for item in items:
            writer.write(item)
        writer.end()
    return path


def _read(path: Path) -> PreviousInventory:
    return read_previous(path, now=NOW, max_age=DAY)


@pytest.mark.parametrize(
    ("size", "taken"),
    [
        (Size(bytes=7, as_of=FRESH, exact=True), True),
        (Size(bytes=7, as_of=STALE, exact=True), False),
        (Size(bytes=7, as_of=FRESH, origin="metrics_history", exact=False), True),
        (Size(bytes=0, as_of=FRESH), True),
        (Size(bytes=7), False),
        (Size(as_of=FRESH, files=3), False),
        (Size(), False),
    ],
)
def test_a_size_is_taken_over_if_it_is_dated_and_fresh(
    tmp_path: Path, size: Size, *, taken: bool
) -> None:
    """One without a time could be of any year."""
    previous = _read(_inventory(tmp_path / "i", _table("t", table_id="1", size=size)))
    assert previous.sizes == ({"1": size} if taken else {})
    assert previous.names == {"c.s.t": ("c", "s", "t", "1")}, "it is known all the same"


def test_a_table_without_an_id_gives_and_takes_no_size(tmp_path: Path) -> None:
    """Its name may be another table's by now."""
    size = Size(bytes=7, as_of=FRESH)
    previous = _read(_inventory(tmp_path / "i", _table("t", size=size)))
    assert previous.sizes == {}
    known = PreviousInventory(sizes={"": size, "1": size}, names={})
    assert previous_size(known, _table("t")) is None
    assert previous_size(known, _table("t", table_id="2")) is None
    assert previous_size(known, _table("other name", table_id="1")) == size


def test_failures_of_the_previous_inventory_are_known_and_have_no_size(tmp_path: Path) -> None:
    failure = Failure(what="c.s.lost", where="", reason="denied", remedy="")
    previous = _read(_inventory(tmp_path / "i", failure))
    assert previous == PreviousInventory(sizes={}, names={}, lost=[("c", "s", "lost")])


def test_an_inventory_without_tables_is_one(tmp_path: Path) -> None:
    assert _read(_inventory(tmp_path / "i")).names == {}


def test_plain_documents_are_an_inventory(tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(msgspec.json.encode(_table("t", table_id="1")) + b"\n")
    assert _read(tmp_path / "i").names.keys() == {"c.s.t"}


@pytest.mark.parametrize("text", ["", "rubbish\n", '{"some": "json"}\n', "[]", "a,b\n1,2\n"])
def test_what_is_no_inventory_is_refused(tmp_path: Path, text: str) -> None:
    """A wrong path would else cost as much as no --reuse at all, without a word."""
    (tmp_path / "i").write_text(text)
    with pytest.raises(InventoryError, match=r"isn't an inventory|, not an inventory") as caught:
        _read(tmp_path / "i")
    assert caught.value.where == str(tmp_path / "i")
    assert "lakewarden collect" in caught.value.remedy


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="can't be read: No such file"):
        _read(tmp_path / "i")


def test_a_twentieth_more_and_less_is_held_against_the_thresholds() -> None:
    size = Size(bytes=1000, as_of=FRESH, exact=True)
    absent = {"size": Absence(status="failed"), "tags": Absence(status="denied")}
    document = _table("t", evidence=absent)
    less, more = variants(document, size)
    assert (less.size.bytes, more.size.bytes) == (950, 1050)
    taken = with_size(document, size)
    assert taken.size == size
    assert taken.evidence.keys() == {"tags"}
    assert taken.size.files is UNSET
