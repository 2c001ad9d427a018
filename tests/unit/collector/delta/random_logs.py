"""Random Delta logs, with what they come to by a model that knows nothing of files or formats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.collector.delta.logs import clustering

NAMES: Final = ("f", "a b", "é", "p=1/g", "x%y", "50%25", "q?s#t")
VECTORS: Final = (
    None,
    {"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 4},
    {"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^"},
    {"storageType": "i", "pathOrInlineDv": "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"},
)
KINDS: Final = ("classic", "multipart", "v2_json", "v2_parquet")
PROTOCOL: Final = {
    "minReaderVersion": 3,
    "minWriterVersion": 7,
    "readerFeatures": ["deletionVectors", "v2Checkpoint"],
    "writerFeatures": ["deletionVectors", "v2Checkpoint", "domainMetadata", "clustering"],
}
_SCHEMA_STRING: Final = json.dumps(
    {
        "type": "struct",
        "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {}}],
    }
)
METADATA: Final = {
    "id": "i",
    "format": {"provider": "parquet", "options": {}},
    "schemaString": _SCHEMA_STRING,
    "partitionColumns": [],
    "configuration": {},
}
_TEXTS: Final = pa.map_(pa.string(), pa.string())
_VECTOR: Final = pa.struct(
    {
        "storageType": pa.string(),
        "pathOrInlineDv": pa.string(),
        "offset": pa.int32(),
        "sizeInBytes": pa.int32(),
        "cardinality": pa.int64(),
    }
)
_COLUMNS: Final = {
    "protocol": pa.struct(
        {
            "minReaderVersion": pa.int32(),
            "minWriterVersion": pa.int32(),
            "readerFeatures": pa.list_(pa.string()),
            "writerFeatures": pa.list_(pa.string()),
        }
    ),
    "metaData": pa.struct(
        {
            "id": pa.string(),
            "format": pa.struct({"provider": pa.string(), "options": _TEXTS}),
            "schemaString": pa.string(),
            "partitionColumns": pa.list_(pa.string()),
            "configuration": _TEXTS,
        }
    ),
    "domainMetadata": pa.struct(
        {"domain": pa.string(), "configuration": pa.string(), "removed": pa.bool_()}
    ),
    "add": pa.struct(
        {
            "path": pa.string(),
            "partitionValues": _TEXTS,
            "size": pa.int64(),
            "modificationTime": pa.int64(),
            "dataChange": pa.bool_(),
            "deletionVector": _VECTOR,
        }
    ),
    "remove": pa.struct(
        {
            "path": pa.string(),
            "deletionTimestamp": pa.int64(),
            "dataChange": pa.bool_(),
            "deletionVector": _VECTOR,
        }
    ),
    "checkpointMetadata": pa.struct({"version": pa.int64()}),
    "sidecar": pa.struct({"path": pa.string(), "sizeInBytes": pa.int64()}),
}

Key = tuple[str, int]
"""A file's name and the number of its deletion vector."""


@dataclass
class Model:
    """What the actions so far come to."""

    files: dict[Key, int] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    keys: list[list[str]] | None = None


@dataclass
class RandomLog:
    """Writes a log of some commits; with `plain` only commits, with one spelling for each path.

    Spark fills and demands more columns of a checkpoint than the protocol does.
    """

    folder: Path
    chance: Random
    plain: bool = False
    model: Model = field(default_factory=Model)
    uuids: int = 0

    def write(self) -> Model:
        """Write the log and return what it comes to."""
        log = self.folder / "_delta_log"
        log.mkdir(parents=True)
        for version in range(self.chance.randint(1, 8)):
            lines = [*self._actions()]
            if version == 0:
                lines = [{"protocol": PROTOCOL}, {"metaData": METADATA}, *lines]
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (log / f"{version:020d}.json").write_text(text, encoding="utf-8")
            if not self.plain and self.chance.random() < 0.4:
                self._checkpoint(log, version)
        return self.model

    def _actions(self) -> Iterable[dict[str, Any]]:
        for _ in range(self.chance.randint(0, 5)):
            key = (self.chance.choice(NAMES), self.chance.randrange(len(VECTORS)))
            match self.chance.random():
                case share if share < 0.5:
                    size = self.chance.choice([0, 1, 1 << 40, self.chance.randrange(1 << 30)])
                    self.model.files[key] = size
                    self.model.gone.discard(key)
                    yield {"add": self._add(key, size)}
                case share if share < 0.85:
                    self.model.files.pop(key, None)
                    self.model.gone.add(key)
                    yield {"remove": self._remove(key)}
                case share:
                    self.model.keys = None if share < 0.9 else [["id"]] if share < 0.97 else []
                    removed = self.model.keys is None
                    yield clustering(self.model.keys or [], removed=removed)

    def _add(self, key: Key, size: int) -> dict[str, Any]:
        facts = {"partitionValues": {}, "size": size, "modificationTime": 1, "dataChange": True}
        return self._file(key) | facts

    def _remove(self, key: Key) -> dict[str, Any]:
        return self._file(key) | {"deletionTimestamp": 4102444800000, "dataChange": True}

    def _file(self, key: Key) -> dict[str, Any]:
        name, number = key
        vector = VECTORS[number]
        found: dict[str, Any] = {"path": self._spelt(name)}
        if vector is not None:
            found["deletionVector"] = vector | {"sizeInBytes": 40, "cardinality": 6}
        return found

    def _spelt(self, name: str) -> str:
        encoded = quote(name, safe="/=")
        if self.plain:
            return encoded
        root = quote(str(self.folder))
        return self.chance.choice(
            [
                encoded,
                "".join(f"%{byte:02x}" for byte in name.encode()),
                quote(name, safe="/=é "),
                f"./{encoded}",
                f"p/..//{encoded}",
                f"file:{root}/{encoded}",
                f"file://{root}/{encoded}",
                f"{root}/{encoded}",
            ]
        )

    def _checkpoint(self, log: Path, version: int) -> None:
        """Write a checkpoint of any kind; drop older commits, or spoil it, now and then."""
        kind = self.chance.choice(KINDS)
        name = f"{version:020d}.checkpoint"
        others = [*self._others()]
        files: list[dict[str, Any]] = [
            *({"add": self._add(key, size)} for key, size in self.model.files.items()),
            *({"remove": self._remove(key)} for key in sorted(self.model.gone)),
        ]
        self.chance.shuffle(files)
        half = len(files) // 2
        if kind == "classic":
            written = [_parquet(log / f"{name}.parquet", [*others, *files])]
        elif kind == "multipart":
            parts = ([*others, *files[:half]], files[half:])
            written = [
                _parquet(log / f"{name}.{part:010d}.{2:010d}.parquet", rows)
                for part, rows in enumerate(parts, 1)
            ]
        else:
            sidecars = [
                _parquet(log / "_sidecars" / f"{self._uuid()}.parquet", rows)
                for rows in (files[:half], files[half:])
            ]
            manifest = [
                {"checkpointMetadata": {"version": version}},
                *others,
                *(
                    {"sidecar": {"path": path.name, "sizeInBytes": self._size(path)}}
                    for path in sidecars
                ),
            ]
            path = log / f"{name}.{self._uuid()}.{kind.removeprefix('v2_')}"
            if kind == "v2_json":
                path.write_text("".join(json.dumps(action) + "\n" for action in manifest))
            else:
                _parquet(path, manifest)
            written = [path, *sidecars]
        if self.chance.random() < 0.3:
            spoilt = self.chance.choice(written)
            spoilt.write_bytes(spoilt.read_bytes()[:-9] + b"\n{")
        elif self.chance.random() < 0.5:
            for old in range(version):
                (log / f"{old:020d}.json").unlink(missing_ok=True)
        if self.chance.random() < 0.5:
            hint = version if self.chance.random() < 0.7 else version + 5
            (log / "_last_checkpoint").write_text(json.dumps({"version": hint, "size": 1}))

    def _others(self) -> Iterable[dict[str, Any]]:
        yield {"protocol": PROTOCOL}
        yield {"metaData": METADATA}
        if self.model.keys is not None:
            yield clustering(self.model.keys)

    def _size(self, sidecar: Path) -> int:
        """Return the size to record, right or wrong."""
        return self.chance.choice([sidecar.stat().st_size, self.chance.randrange(9)])

    def _uuid(self) -> UUID:
        """Return one that no other file of this log has, whatever chance repeats."""
        self.uuids += 1
        return UUID(int=self.chance.getrandbits(96) << 32 | self.uuids)


def _parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write actions as a Parquet file with the columns that they need, and return its path."""
    path.parent.mkdir(exist_ok=True)
    needed = {key for row in rows for key in row} or {"add"}
    schema = pa.schema({key: kind for key, kind in _COLUMNS.items() if key in needed})
    pq.write_table(pa.Table.from_pylist([_for_arrow(row) for row in rows], schema), path)
    return path


def _for_arrow(value: Any) -> Any:  # noqa: ANN401 -- any part of an action
    """Return an action whose maps, here all empty, are the lists of pairs that pyarrow takes."""
    if isinstance(value, dict):
        return {key: _for_arrow(part) for key, part in value.items()} if value else []
    return value
