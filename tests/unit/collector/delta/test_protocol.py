"""Old protocol versions imply features; expected is what Spark's DESCRIBE DETAIL printed."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.delta.log_actions import Protocol
from lakewarden_collector.sources.delta.protocol import table_features

V2 = {"appendOnly", "invariants"}
V3 = V2 | {"checkConstraints"}
V4 = V3 | {"changeDataFeed", "generatedColumns"}


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (1, 1, set()),
        (1, 2, V2),
        (1, 3, V3),
        (1, 4, V4),
        (1, 5, V4),
        (1, 6, V4 | {"identityColumns"}),
        (2, 2, V2),
        (2, 5, V4 | {"columnMapping"}),
        (2, 6, V4 | {"columnMapping", "identityColumns"}),
    ],
)
def test_legacy_versions_imply_features(reader: int, writer: int, expected: set[str]) -> None:
    protocol = Protocol(min_reader_version=reader, min_writer_version=writer)
    assert table_features(protocol) == sorted(expected)


@pytest.mark.parametrize("reader", [1, 2, 3])
def test_writer_version_seven_implies_nothing(reader: int) -> None:
    protocol = Protocol(
        min_reader_version=reader,
        min_writer_version=7,
        reader_features=["columnMapping"],
        writer_features=["columnMapping", "appendOnly"],
    )
    assert table_features(protocol) == ["appendOnly", "columnMapping"]
