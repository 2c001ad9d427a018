"""Makes one table of the demo lakehouse on disk, in the way its spec says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyarrow import csv, parquet

from lakewarden_collector.sources.demo.clustering_commit import declare_clustering
from lakewarden_collector.sources.demo.glossary import GLOSSARY
from lakewarden_collector.sources.demo.rows import made_up_rows
from lakewarden_collector.sources.demo.spec import Making, TableSpec


def make_table(root: Path, spec: TableSpec) -> None:
    """Make the table of `spec` in its folder below `root`, which must not hold it yet."""
    _MAKERS[spec.making](root / spec.folder, spec)


def _writes(spec: TableSpec) -> Iterator[pa.Table]:
    """Yield the rows of each write; every write has its own."""
    for number in range(spec.writes):
        yield made_up_rows(spec.columns, spec.rows, f"{spec.full_name} {number}")


def _make_delta(folder: Path, spec: TableSpec) -> None:
    # Created first and filled then: only so does delta-rs accept properties it does not know.
    table = DeltaTable.create(
        folder,
        _schema(spec),
        name=spec.full_name.rpartition(".")[2],
        description=spec.description or None,
        partition_by=spec.partition_by,
        configuration=dict(spec.properties),
        raise_if_key_not_exists=False,
    )
    for rows in _writes(spec):
        if rows.num_rows:
            write_deltalake(table, rows, mode="overwrite" if spec.replace else "append")
    if spec.keys is not None:
        declare_clustering(folder, spec.keys)
    _set_identity(folder, spec.full_name)


def _schema(spec: TableSpec) -> pa.Schema:
    """Return the table's schema, with the comments that its columns have."""
    comments = GLOSSARY | dict(spec.column_comments)
    return pa.schema(
        field.with_metadata({"comment": comments[field.name]}) if comments[field.name] else field
        for field in made_up_rows(spec.columns, 0, spec.full_name).schema
    )


def _set_identity(folder: Path, full_name: str) -> None:
    """Give a new table the id it has in every demo lakehouse, in place of delta-rs's random one.

    What the first commit says of the folder the table was made in goes too: the lakehouse moves
    to its place when it is complete.
    """
    commit = folder / "_delta_log" / f"{0:020d}.json"
    actions = [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]
    for action in actions:
        if "metaData" in action:
            action["metaData"]["id"] = str(uuid5(NAMESPACE_URL, f"lakewarden:demo:{full_name}"))
        if "commitInfo" in action:
            action["commitInfo"]["operationParameters"] = {}
    lines = "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)
    commit.write_text(lines, encoding="utf-8")


def _make_broken_log(folder: Path, spec: TableSpec) -> None:
    _make_delta(folder, spec)
    newest = max((folder / "_delta_log").glob("*.json"))
    content = newest.read_bytes()
    newest.write_bytes(content[: len(content) // 2])


def _make_parquet(folder: Path, spec: TableSpec) -> None:
    folder.mkdir(parents=True)
    for number, rows in enumerate(_writes(spec)):
        parquet.write_table(rows, folder / f"part-{number:05d}.parquet")


def _make_no_table(folder: Path, spec: TableSpec) -> None:
    folder.mkdir(parents=True)
    for number, rows in enumerate(_writes(spec)):
        csv.write_csv(rows, folder / f"export-{number}.csv")


def _make_nothing(folder: Path, spec: TableSpec) -> None:
    """Leave the disk alone: a view or a foreign table is in the catalog only."""


_MAKERS: Final[dict[Making, Callable[[Path, TableSpec], None]]] = {
    "delta": _make_delta,
    "broken_log": _make_broken_log,
    "parquet": _make_parquet,
    "no_table": _make_no_table,
    "nothing": _make_nothing,
}
