"""What a protocol or a size may be, and what is shared by all readers.

About `protocol.py`.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from lakewarden_collector.sources.delta.fault import TableFaultError
from lakewarden_collector.sources.delta.log_actions import Protocol
from lakewarden_collector.sources.delta.memory import MemoryBudget
from lakewarden_collector.sources.delta.protocol import READER_FEATURES, check_readable
from tests.unit.collector.delta.random_logs import METADATA


def protocol(reader: int, writer: int, *features: str, writers: tuple[str, ...] = ()) -> Protocol:
    return Protocol(
        min_reader_version=reader,
        min_writer_version=writer,
        reader_features=[*features],
        writer_features=[*features, *writers],
    )


@pytest.mark.parametrize(
    "given",
    [
        protocol(0, 0),
        protocol(2, 5),
        protocol(1, 99, writers=("someNewFeature",)),
        protocol(3, 7, *READER_FEATURES),
        protocol(3, 7, "appendOnly"),
    ],
)
def test_what_leaves_the_files_alone_is_read(given: Protocol) -> None:
    check_readable(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (protocol(4, 7), "Delta reader version 4"),
        (protocol(3, 7, "deletionVectors", "b9", "a9"), "the reader feature a9, b9"),
        (protocol(3, 7, "adaptiveMetadata-preview"), "adaptiveMetadata-preview"),
        (protocol(3, 7, "catalogManaged"), "a catalog manages its commits"),
        (protocol(9, 9, "catalogOwned-preview"), "a catalog manages its commits"),
    ],
)
def test_what_may_not_is_refused_by_name(given: Protocol, words: str) -> None:
    with pytest.raises(TableFaultError, match=words):
        check_readable(given)


def read(tmp_path: Path, *lines: dict[str, Any]) -> TableDocument | Failure:
    log = tmp_path / "c" / "s" / "t" / "_delta_log"
    log.mkdir(parents=True)
    first: list[dict[str, Any]] = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": METADATA},
    ]
    text = "\n".join(json.dumps(line) for line in [*first, *lines])
    (log / f"{0:020d}.json").write_text(text, encoding="utf-8-sig")
    (found,) = DeltaSource(str(tmp_path)).tables()
    return found


@pytest.mark.parametrize("size", [-1, 1 << 63, 1 << 70, 1.5, "big", True, None, [1]])
def test_an_impossible_size_fails_the_table_where_it_stands(tmp_path: Path, size: object) -> None:
    failure = read(tmp_path, {"add": {"path": "f", "size": size}})
    assert isinstance(failure, Failure)
    assert failure.where.endswith(f"/_delta_log/{0:020d}.json:3")
    assert "size" in failure.reason


@pytest.mark.parametrize("size", [-1, 1 << 70, "big"])
def test_an_impossible_size_of_a_file_that_is_gone_is_nobodys_trouble(
    tmp_path: Path, size: object
) -> None:
    document = read(
        tmp_path,
        {"add": {"path": "f", "size": size}},
        {"add": {"path": "g", "size": (1 << 63) - 1}},
        {"remove": {"path": "f"}},
    )
    assert isinstance(document, TableDocument), document
    assert document.size.bytes == (1 << 63) - 1


@pytest.mark.parametrize("created", [-1, 1 << 62, 4102444800000, "yesterday", 1.5])
def test_an_impossible_time_is_not_known(tmp_path: Path, created: object) -> None:
    document = read(tmp_path, {"metaData": METADATA | {"createdTime": created}})
    assert isinstance(document, TableDocument), document
    assert not document.created_at


@pytest.mark.parametrize(
    "line",
    [
        {"add": {"path": "f", "size": 7, "stats": 7, "partitionValues": None, "tags": "x"}},
        {"add": {"path": "f", "size": 7, "partitionValues": {"p": float("nan")}}},
        {"add": {"path": "f", "size": 7}, "commitInfo": "free text", "newAction": [{}]},
        {"add": {"path": "f", "size": 7.0}, "metaData": None, "remove": None},
    ],
)
def test_what_does_not_matter_is_not_looked_at(tmp_path: Path, line: dict[str, Any]) -> None:
    document = read(tmp_path, line)
    assert isinstance(document, TableDocument), document
    assert document.size.bytes == 7


def test_readers_wait_for_memory_and_the_first_never_does() -> None:
    """Were the first to wait as well, readers that hold all of it would wait for each other."""
    budget = MemoryBudget(100)
    order: list[str] = []

    def second() -> None:
        with budget.share() as share:
            share.take(60)
            order.append("second")

    with budget.share() as first:
        first.take(70)
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.05)
        first.take(70)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
