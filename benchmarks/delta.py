"""What reading a Delta log costs, beside delta-rs: `make bench WHAT=delta`.

Writes tables of 1,000, 100,000 and 1,000,000 files without any data: a checkpoint, once with
statistics about 32 columns and once without, and ten commits after it. Each reader then reads each
in a process of its own, in turns, so that both see the same machine. delta-rs *opens* a table when
it is asked for the first time; to have the size, the files must also be listed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

RESULTS: Final = Path(__file__).parent / "results" / "delta.json"
COLUMNS: Final = 32
COMMITS: Final = 10
AT_ONCE: Final = 8
_BATCH: Final = 50_000
_DISTINCT_STATISTICS: Final = 20_000
"""More of them would change no size: compression looks back some kilobytes at most."""

_SCHEMA: Final = pa.schema(
    {
        "protocol": pa.struct({"minReaderVersion": pa.int32(), "minWriterVersion": pa.int32()}),
        "metaData": pa.struct(
            {
                "id": pa.string(),
                "format": pa.struct(
                    {"provider": pa.string(), "options": pa.map_(pa.string(), pa.string())}
                ),
                "schemaString": pa.string(),
                "partitionColumns": pa.list_(pa.string()),
                "configuration": pa.map_(pa.string(), pa.string()),
            }
        ),
        "add": pa.struct(
            {
                "path": pa.string(),
                "partitionValues": pa.map_(pa.string(), pa.string()),
                "size": pa.int64(),
                "modificationTime": pa.int64(),
                "dataChange": pa.bool_(),
                "stats": pa.string(),
            }
        ),
    }
)
_TIMED: Final = """
import sys, time
from pathlib import Path
place = Path(sys.argv[1])
{imports}
started = time.perf_counter()
{code}
print(time.perf_counter() - started, opened - started, found)
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)
"""
_OURS: Final = _TIMED.format(
    imports="from lakewarden_collector.sources.delta.reading import read_entries\n"
    "from lakewarden_collector.sources.delta.entry import Entry",
    code="places = sorted(place.iterdir()) if len(sys.argv) > 2 else [place]\n"
    "entries = [Entry(parts=('c', 's', each.name), uri=str(each)) for each in places]\n"
    "found = sum(document.size.files for document in read_entries(entries))\n"
    "opened = time.perf_counter()",
)
_DELTA_RS: Final = _TIMED.format(
    imports="import pyarrow as pa, pyarrow.compute as pc\nfrom deltalake import DeltaTable",
    code="table = DeltaTable(place)\n"
    "opened = time.perf_counter()\n"
    "sizes = pa.chunked_array(table.get_add_actions().column('size_bytes'))\n"
    "found = len(sizes)\n"
    "pc.sum(sizes)",
)


def main() -> None:
    """Measure, print a table and write `benchmarks/results/delta.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    arguments = parser.parse_args()
    rows = []
    table = Path()
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as name:
        for files in arguments.files:
            for with_statistics in (False, True):
                table = write_table(Path(name), files, with_statistics=with_statistics)
                rows.append(_measure(table, files, arguments.rounds, statistics_=with_statistics))
                print(json.dumps(rows[-1]), file=sys.stderr)
        crowd = Path(name) / "crowd"
        crowd.mkdir()
        for number in range(AT_ONCE):
            (crowd / f"t{number}").symlink_to(table)
        at_once = _run(_OURS, crowd, "all")
    result = {
        "columns_with_statistics": COLUMNS,
        "commits_after_the_checkpoint": COMMITS,
        "rounds": arguments.rounds,
        "tables": rows,
        "at_once": {
            "tables": AT_ONCE,
            "files_each": arguments.files[-1],
            "seconds": round(at_once["seconds"], 2),
            "peak_mb": round(at_once["peak_mb"]),
        },
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(RESULTS)


def write_table(folder: Path, files: int, *, with_statistics: bool) -> Path:
    """Write the log of a table of so many files; return the table's folder."""
    chance = random.Random(files)  # noqa: S311 -- it makes up data, no secrets
    table = folder / f"{files}-{with_statistics}"
    log = table / "_delta_log"
    log.mkdir(parents=True)
    texts = [_statistics(chance) if with_statistics else None for _ in range(_DISTINCT_STATISTICS)]
    fields = [
        {"name": f"column_{number}", "type": "long", "nullable": True, "metadata": {}}
        for number in range(COLUMNS)
    ]
    metadata = {
        "id": "3a0d65cd-4056-49b8-937b-95f9e3ee90e5",
        "format": {"provider": "parquet", "options": []},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": [],
        "configuration": [],
    }
    with pq.ParquetWriter(log / f"{0:020d}.checkpoint.parquet", _SCHEMA) as writer:
        first = [
            {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
            {"metaData": metadata},
        ]
        writer.write_table(pa.Table.from_pylist(first, _SCHEMA))
        for start in range(0, files, _BATCH):
            count = min(_BATCH, files - start)
            adds = [{"add": _add(chance, chance.choice(texts))} for _ in range(count)]
            writer.write_table(pa.Table.from_pylist(adds, _SCHEMA))
    (log / "_last_checkpoint").write_text(json.dumps({"version": 0, "size": files + 2}))
    for version in range(COMMITS + 1):
        add = _add(chance, texts[0]) | {"partitionValues": {}}
        actions = [{"commitInfo": {"timestamp": version}}, *([{"add": add}] if version else [])]
        (log / f"{version:020d}.json").write_text("\n".join(map(json.dumps, actions)))
    return table


def _add(chance: random.Random, text: str | None) -> dict[str, Any]:
    name = f"{chance.getrandbits(128):032x}"
    return {
        "path": f"part-{chance.randrange(10**5):05}-{name}-c000.snappy.parquet",
        "partitionValues": [],
        "size": chance.randrange(1 << 28),
        "modificationTime": 1_700_000_000_000,
        "dataChange": False,
        "stats": text,
    }


def _statistics(chance: random.Random) -> str:
    def values() -> dict[str, int]:
        return {f"column_{number}": chance.randrange(10**9) for number in range(COLUMNS)}

    nulls = dict.fromkeys(values(), 0)
    parts = {"numRecords": chance.randrange(10**6), "minValues": values()}
    return json.dumps(parts | {"maxValues": values(), "nullCount": nulls}, separators=(",", ":"))


def _measure(table: Path, files: int, rounds: int, *, statistics_: bool) -> dict[str, Any]:
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_run(_OURS, table))
        theirs.append(_run(_DELTA_RS, table))
    for found in (*ours, *theirs):
        if found["files"] != files + COMMITS:
            raise SystemExit(f"{table.name}: a reader found {found['files']} files")
    opened = [each["opened"] for each in theirs]
    return {
        "files": files,
        "statistics": statistics_,
        "checkpoint_mb": round(sum(f.stat().st_size for f in table.rglob("*.parquet")) / 1e6, 1),
        "seconds": round(statistics.median(each["seconds"] for each in ours), 3),
        "peak_mb": round(max(each["peak_mb"] for each in ours)),
        "delta_rs_open_seconds": round(statistics.median(opened), 3),
        "delta_rs_seconds": round(statistics.median(each["seconds"] for each in theirs), 3),
        "delta_rs_peak_mb": round(max(each["peak_mb"] for each in theirs)),
        "times_faster_than_it_opens": round(
            statistics.median(o / e["seconds"] for o, e in zip(opened, ours, strict=True)), 1
        ),
    }


def _run(code: str, *arguments: Path | str) -> dict[str, Any]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    times, peak = done.stdout.splitlines()
    seconds, opened, files = times.split()
    return {
        "seconds": float(seconds),
        "opened": float(opened),
        "files": int(files),
        "peak_mb": float(peak),
    }


if __name__ == "__main__":
    main()
