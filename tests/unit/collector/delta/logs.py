"""Delta tables made by delta-rs, and what it cannot write: commits and checkpoints by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

Action = dict[str, Any]

ROWS: Final = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "s": ["a", "b", "c"]})

CLUSTERED_PROTOCOL: Final[Action] = {
    "protocol": {
        "minReaderVersion": 1,
        "minWriterVersion": 7,
        "writerFeatures": ["appendOnly", "invariants", "domainMetadata", "clustering"],
    }
}
_V2_PROTOCOL: Final[Action] = {
    "protocol": {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": ["v2Checkpoint"],
        "writerFeatures": ["domainMetadata", "clustering", "v2Checkpoint"],
    }
}
_UUID: Final = "3a0d65cd-4056-49b8-937b-95f9e3ee90e5"


def make_table(folder: Path, appends: int = 0) -> Path:
    """Write a small table, with `appends` further commits, and return its folder."""
    for _ in range(appends + 1):
        write_deltalake(folder, ROWS, mode="append")
    return folder


def commit_path(folder: Path, version: int) -> Path:
    """Return where a commit lies."""
    return folder / "_delta_log" / f"{version:020d}.json"


def append_commit(folder: Path, *actions: Action) -> int:
    """Add a commit after the latest one and return its version."""
    version = max(int(path.name[:20]) for path in (folder / "_delta_log").glob("[0-9]*.json")) + 1
    lines = [json.dumps(action) for action in actions]
    commit_path(folder, version).write_text("\n".join(lines) + "\n")
    return version


def clustering(keys: Sequence[Sequence[str]], *, removed: bool = False) -> Action:
    """Return the action that sets the clustering keys, physical name parts, or removes them."""
    configuration = json.dumps({"clusteringColumns": keys, "domainName": "delta.clustering"})
    return domain("delta.clustering", configuration, removed=removed)


def domain(name: str, configuration: str, *, removed: bool = False) -> Action:
    """Return an action about any metadata domain."""
    return {"domainMetadata": {"domain": name, "configuration": configuration, "removed": removed}}


def checkpoint(folder: Path, kind: str) -> None:
    """Write a checkpoint of the latest version and drop the commits that it makes unneeded.

    Kinds are `classic`, `multipart`, `v2_json` and `v2_parquet`; delta-rs writes the first, and
    its rows make up the others.
    """
    if kind.startswith("v2"):
        append_commit(folder, _V2_PROTOCOL)
    table = DeltaTable(folder)
    table.create_checkpoint()
    log = folder / "_delta_log"
    name = f"{table.version():020d}.checkpoint"
    classic = log / f"{name}.parquet"
    rows = pq.read_table(classic)
    if kind == "multipart":
        for part, start in ((1, 0), (2, rows.num_rows // 2)):
            length = rows.num_rows // 2 if part == 1 else None
            pq.write_table(rows.slice(start, length), log / f"{name}.{part:010d}.{2:010d}.parquet")
    elif kind.startswith("v2"):
        _write_v2(log, name, rows, kind.removeprefix("v2_"), table.version())
    if kind != "classic":
        classic.unlink()
        (log / "_last_checkpoint").unlink()
    for version in range(table.version()):
        commit_path(folder, version).unlink()


def _write_v2(log: Path, name: str, rows: pa.Table, form: str, version: int) -> None:
    """Put the files into a sidecar and all other actions into the manifest."""
    is_file = pc.is_valid(rows["add"])
    sidecar = log / "_sidecars" / f"{_UUID}.parquet"
    sidecar.parent.mkdir()
    pq.write_table(rows.filter(is_file).select(["add"]), sidecar)
    others = [
        _without_nulls(row)
        for row in rows.filter(pc.invert(is_file)).to_pylist(maps_as_pydicts="strict")
    ]
    manifest = [
        {"checkpointMetadata": {"version": version}},
        {
            "sidecar": {
                "path": sidecar.name,
                "sizeInBytes": sidecar.stat().st_size,
                "modificationTime": 0,
            }
        },
        *others,
    ]
    path = log / f"{name}.{_UUID}.{form}"
    if form == "json":
        path.write_text("".join(json.dumps(action) + "\n" for action in manifest))
        return
    fields = {key: rows.schema.field(key).type for key in ("protocol", "metaData")}
    fields["domainMetadata"] = rows.schema.field("domainMetadata").type
    fields["checkpointMetadata"] = pa.struct({"version": pa.int64()})
    fields["sidecar"] = pa.struct(
        {"path": pa.string(), "sizeInBytes": pa.int64(), "modificationTime": pa.int64()}
    )
    kept = [action for action in manifest if action.keys() <= fields.keys()]
    pq.write_table(pa.Table.from_pylist(kept, pa.schema(fields)), path)


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 -- any part of an action
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    return value
