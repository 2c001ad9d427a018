"""A small file that unpacks to gigabytes is one table's failure, and costs the run little.

About `memory.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.collector.delta.logs import make_table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads peaks from /proc")

PROTOCOL: Final = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
METADATA: Final[dict[str, Any]] = {
    "metaData": {"id": "i", "schemaString": None, "configuration": []}
}
SCHEMA: Final = pa.schema(
    {
        "protocol": pa.struct({"minReaderVersion": pa.int32(), "minWriterVersion": pa.int32()}),
        "metaData": pa.struct(
            {
                "id": pa.string(),
                "schemaString": pa.string(),
                "configuration": pa.map_(pa.string(), pa.string()),
            }
        ),
        "add": pa.struct({"path": pa.string(), "size": pa.int64()}),
    }
)
MEGABYTE: Final = 1 << 20
MOST_KILOBYTES: Final = 350 * 1024


def write_checkpoint(folder: Path, *batches: list[dict[str, Any]], repeat: int = 1) -> Path:
    """Write a checkpoint of one row group: protocol, metadata, and the batches, each so often."""
    path = folder / "_delta_log" / f"{0:020d}.checkpoint.parquet"
    path.parent.mkdir(parents=True)
    with pq.ParquetWriter(
        path, SCHEMA, compression="zstd", dictionary_pagesize_limit=64 * MEGABYTE
    ) as writer:
        for number, rows in enumerate([[PROTOCOL, METADATA], *batches]):
            batch = pa.RecordBatch.from_pylist(rows, SCHEMA)
            for _ in range(repeat if number else 1):
                writer.write_batch(batch, row_group_size=1 << 24)
    return path


def repeated_path(folder: Path) -> None:
    add = {"add": {"path": "x" * 1000, "size": 1}}
    write_checkpoint(folder, [add] * 20_000, repeat=5)


def repeated_long_path(folder: Path) -> None:
    add = {"add": {"path": "x" * 2 * MEGABYTE, "size": 1}}
    write_checkpoint(folder, [add] * 40)


def page_of_one_letter(folder: Path) -> None:
    add = {"add": {"path": "x" * 80 * MEGABYTE, "size": 1}}
    write_checkpoint(folder, [add])


def many_properties(folder: Path) -> None:
    metadata = {"id": "i", "configuration": [("a", "b")] * 2_000_000}
    write_checkpoint(folder, [{"metaData": metadata}])


def long_line(folder: Path) -> None:
    log = make_table(folder) / "_delta_log"
    (log / f"{1:020d}.json").write_text(f'{{"add": "{"x" * 65 * MEGABYTE}"}}')


def long_schema(folder: Path) -> None:
    log = make_table(folder) / "_delta_log"
    action = {"metaData": {"id": "i", "schemaString": "x" * 9 * MEGABYTE}}
    (log / f"{1:020d}.json").write_text(json.dumps(action))


def deep_line(folder: Path) -> None:
    log = make_table(folder) / "_delta_log"
    (log / f"{1:020d}.json").write_text('{"txn": ' + "[" * MEGABYTE)


@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        (repeated_path, "it unpacks to more than"),
        (repeated_long_path, "it unpacks to more than"),
        (page_of_one_letter, "a page of the column add.path unpacks to 83,886,"),
        (many_properties, "at most 1,000,000"),
        (long_line, "a line has more than 67,108,864 bytes"),
        (long_schema, "at most 8,388,608 are read"),
        (deep_line, "the log is damaged"),
    ],
)
def test_a_bomb_is_named_and_its_neighbours_are_read(
    tmp_path: Path, bomb: Callable[[Path], None], words: str
) -> None:
    schema = tmp_path / "c" / "s"
    bomb(schema / "bomb")
    make_table(schema / "table")
    code = (
        "import sys, msgspec\n"
        "from lakewarden_collector.sources.delta import DeltaSource\n"
        "found = [msgspec.to_builtins(each) for each in DeltaSource(sys.argv[1]).tables()]\n"
        "print(msgspec.json.encode(found).decode())\n"
        "print([line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line][0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    found, peak = done.stdout.splitlines()
    failure, document = json.loads(found)
    assert words in failure["reason"]
    assert "/_delta_log/" in failure["where"]
    assert document["size"]["files"] == 1
    assert int(peak) < MOST_KILOBYTES
