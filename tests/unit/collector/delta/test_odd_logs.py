"""What is odd in a log, and says nothing of its files or keys, is no reason to refuse a table.

About `replay.py`.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.store import LocalStore

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from lakewarden_collector.sources.delta.fault import LimitError
from lakewarden_collector.sources.delta.memory import MemoryBudget, Share
from lakewarden_collector.sources.delta.stored_file import LONGEST_LINE, lines
from tests.unit.collector.delta.logs import CLUSTERED_PROTOCOL, commit_path, domain
from tests.unit.collector.delta.random_logs import METADATA

BASE: Final[list[dict[str, Any]]] = [
    CLUSTERED_PROTOCOL,
    {"metaData": METADATA},
    {"add": {"path": "f", "size": 100}},
]
SCHEMA: Final = pa.schema(
    {
        "protocol": pa.struct({"minReaderVersion": pa.int32(), "minWriterVersion": pa.int32()}),
        "metaData": pa.struct({"id": pa.string(), "schemaString": pa.string()}),
        "add": pa.struct({"path": pa.string(), "size": pa.int64()}),
    }
)


def write_commit(folder: Path, version: int, *actions: dict[str, Any] | bytes) -> None:
    path = commit_path(folder, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in actions]
    path.write_bytes(b"\n".join(texts) + b"\n")


def write_checkpoint(folder: Path, version: int, *actions: dict[str, Any], **options: Any) -> Path:  # noqa: ANN401 -- pyarrow's
    path = folder / "_delta_log" / f"{version:020d}.checkpoint.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([*actions], SCHEMA), path, **options)
    return path


def table(tmp_path: Path) -> Path:
    return tmp_path / "lake" / "c" / "s" / "t"


def read(tmp_path: Path) -> TableDocument | Failure:
    (found,) = DeltaSource(str(tmp_path / "lake")).tables()
    return found


def keys_of(document: TableDocument) -> object:
    assert isinstance(document.properties, dict)
    found = document.properties.get("clusteringColumns")
    return None if found is None else json.loads(found)


def add_with(stats: bytes) -> bytes:
    return b'{"add": {"path": "g\\u00e9", "size": 7, "stats": %s}}' % stats


@pytest.mark.parametrize(
    "stats",
    [
        b'{"a": NaN, "b": -Infinity, "c": "NaN"}',
        b'{"a": INF, "b": +INF, "c": -INF, "d": +Infinity}',
        b'"\xff\xfe"',
        b'{"a": NaN, "b": "\xff\\" NaN"}',
        b'"\\ud83d"',
        b'"\\\\\\ude00\\ud83d\\ude00"',
    ],
)
def test_statistics_that_only_a_lenient_reader_reads(tmp_path: Path, stats: bytes) -> None:
    removal = b'\xef\xbb\xbf{"remove": {"path": "f"}, "x": NaN}'
    write_commit(table(tmp_path), 0, *BASE, add_with(stats), removal)
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document
    assert (document.size.bytes, document.size.files) == (7, 1)


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ({"domainMetadata": {"domain": "theirs", "configuration": {"a": 1}}}, None),
        ({"domainMetadata": {"domain": "theirs", "configuration": 7, "removed": "no"}}, None),
        (
            {
                "domainMetadata": {
                    "domain": "delta.clustering",
                    "configuration": {"clusteringColumns": [["id"]]},
                }
            },
            [["id"]],
        ),
        (domain("delta.clustering", '{"clusteringColumns": null}'), []),
        ({"metaData": {**METADATA, "schemaString": {"type": "struct", "fields": []}}}, None),
    ],
)
def test_json_where_text_belongs_is_that_text(
    tmp_path: Path, action: dict[str, Any], keys: object
) -> None:
    write_commit(table(tmp_path), 0, *BASE, action)
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document
    assert keys_of(document) == keys


@pytest.mark.parametrize("lacking", ["protocol", "metaData"])
def test_a_checkpoint_without_what_each_has_is_damaged(tmp_path: Path, lacking: str) -> None:
    folder = table(tmp_path)
    actions: list[dict[str, Any]] = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "i"}},
        {"add": {"path": "wrong", "size": 1}},
    ]
    write_commit(folder, 0, *BASE)
    write_commit(folder, 1, {"commitInfo": {}})
    write_checkpoint(folder, 1, *(each for each in actions if lacking not in each))
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document
    assert document.size.bytes == 100

    commit_path(folder, 0).unlink()
    failure = read(tmp_path)
    assert isinstance(failure, Failure)
    assert failure.where.endswith("1.checkpoint.parquet")
    assert f"no {lacking} action" in failure.reason


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_a_checkpoint_may_be_compressed_by_any_codec(tmp_path: Path, codec: str) -> None:
    metadata = {"metaData": {"id": "i", "schemaString": METADATA["schemaString"]}}
    protocol = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
    adds = [{"add": {"path": f"f{number}", "size": number}} for number in range(9)]
    write_checkpoint(table(tmp_path), 3, protocol, metadata, *adds, compression=codec)
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document
    assert (document.size.bytes, document.size.files) == (36, 9)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def far_future(path: Path) -> None:
    os.utime(path / f"{0:020d}.json", (1e12, 1e12))


def nested(path: Path) -> None:
    path.write_text('{"version": 0, "x": ' + "[" * 100_000)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("_last_checkpoint", loop),
        ("_last_checkpoint", Path.mkdir),
        ("_last_checkpoint", nested),
        ("left over", loop),
        ("", far_future),
    ],
)
def test_what_a_log_does_not_need_cannot_spoil_it(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    write_commit(table(tmp_path), 0, *BASE)
    spoil(table(tmp_path) / "_delta_log" / name)
    assert isinstance(read(tmp_path), TableDocument)


def test_a_file_that_vanishes_while_a_log_is_listed_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers rename temporary files: the listing ended there, and the table was an older one."""
    folder = table(tmp_path)
    write_commit(folder, 0, *BASE)
    write_commit(folder, 1, {"add": {"path": "g", "size": 7}})
    gone = [".tmp", f"{0:020d}.checkpoint.parquet"]
    listed = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: [*gone, *listed(path)])
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document
    assert document.size.bytes == 107


def test_a_commit_that_leads_nowhere_is_not_left_out(tmp_path: Path) -> None:
    write_commit(table(tmp_path), 0, *BASE)
    commit_path(table(tmp_path), 1).symlink_to("elsewhere")
    failure = read(tmp_path)
    assert isinstance(failure, Failure)
    assert f"{1:020d}.json" in failure.reason


def test_the_commit_of_a_checkpoint_is_needed_for_its_time_alone(tmp_path: Path) -> None:
    metadata = {"id": "i", "configuration": {"delta.enableInCommitTimestamps": "true"}}
    folder = table(tmp_path)
    write_commit(folder, 0, BASE[0], {"metaData": metadata}, b"damage")
    path = folder / "_delta_log" / f"{0:020d}.checkpoint.{'0' * 36}.json"
    path.write_text("\n".join(json.dumps(each) for each in [BASE[0], {"metaData": metadata}]))
    commit_path(folder, 0).write_text("damage")
    document = read(tmp_path)
    assert isinstance(document, TableDocument), document


def test_a_failure_leaves_nothing_to_complain_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that an error keeps open gave its bytes back to a share that had ended."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    write_commit(table(tmp_path), 0, *BASE, {"sidecar": {"path": None}}, *BASE)
    assert isinstance(read(tmp_path), Failure)
    gc.collect()
    assert complaints == []


def test_no_damage_of_a_footer_ends_the_process(tmp_path: Path) -> None:
    """Pyarrow's objects for column chunks threw where nobody catches, which took down the run."""
    protocol = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
    metadata = {"metaData": {"id": "i", "schemaString": METADATA["schemaString"]}}
    add = {"add": {"path": "f", "size": 100}}
    path = write_checkpoint(table(tmp_path), 3, protocol, metadata, add, store_schema=False)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from obstore.store import LocalStore\n"
        "from lakewarden_collector.sources.delta.checkpoint import read_checkpoint\n"
        "from lakewarden_collector.sources.delta.fault import TableFaultError\n"
        "from lakewarden_collector.sources.delta.file_key import TableRoot\n"
        "from lakewarden_collector.sources.delta.memory import MemoryBudget\n"
        "path = Path(sys.argv[1])\n"
        "whole = path.read_bytes()\n"
        "store, root = LocalStore(path.parent), TableRoot.of_folder('/t')\n"
        "length = int.from_bytes(whole[-8:-4], 'little')\n"
        "for place in range(len(whole) - 8 - length, len(whole)):\n"
        "    spoilt = bytearray(whole)\n"
        "    spoilt[place] ^= 2\n"
        "    path.write_bytes(spoilt)\n"
        "    try:\n"
        "        with MemoryBudget().share() as share:\n"
        "            [*read_checkpoint(store, path.name, root, share)]\n"
        "        print('read')\n"
        "    except TableFaultError:\n"
        "        print('named')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {*done.stdout.splitlines()} == {"read", "named"}


def test_a_line_is_counted_while_it_is_put_together(tmp_path: Path) -> None:
    """Eight tables with long lines at once held all of them before any was counted."""
    (tmp_path / "f").write_bytes(b"x" * (LONGEST_LINE + 1))
    taken: list[int] = []

    class Noting(Share):
        def take(self, number: int) -> None:
            taken.append(number)
            super().take(number)

    class Unlimited(MemoryBudget):
        def take(self, share: Share, number: int) -> None: ...

    with pytest.raises(LimitError):
        [*lines(LocalStore(tmp_path), "f", Noting(Unlimited()))]
    assert sum(taken) > LONGEST_LINE
