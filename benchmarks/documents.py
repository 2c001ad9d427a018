"""Generated inventories: N table documents of 20 columns, as a Unity Catalog listing looks."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakewarden.evaluation.question import Question
from lakewarden.resources import shipped_config, shipped_policies
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden_collector.document import Column, Size, TableDocument, encoded
from lakewarden_collector.inventory import Header, InventoryWriter

COLUMNS: Final = 20
NOW: Final = "2026-11-23T05:10:00Z"
_TYPES: Final = ("bigint", "string", "date", "timestamp", "decimal(18,2)", "double")
_STORED: Final = ("long", "string", "date", "timestamp", "decimal(18,2)", "double")


def documents(count: int, seed: int = 7) -> Iterator[TableDocument]:
    """Yield `count` documents, sorted by name; about a third of the tables are clustered."""
    chance = random.Random(seed)  # noqa: S311 -- data to measure with, no secrets
    for number in range(count):
        schema, name = f"schema_{number // 250:04}", f"table_{number:06}"
        yield TableDocument(
            full_name=f"prod.{schema}.{name}",
            catalog_name="prod",
            schema_name=schema,
            name=name,
            table_id=f"{number:032x}",
            table_type=chance.choices(["MANAGED", "EXTERNAL", "VIEW"], [8, 3, 1])[0],
            data_source_format="DELTA",
            owner=f"team-{chance.randrange(40):02}",
            comment="Orders as they were placed, one row each, corrected nightly.",
            created_at="2025-03-01T08:00:00Z",
            updated_at="2026-11-20T08:00:00Z",
            storage_location=f"s3://lake/prod/{schema}/{name}",
            properties=_properties(chance),
            columns=[
                Column(
                    name=f"column_{index:02}",
                    type_text=_TYPES[index % len(_TYPES)],
                    type_json=_type_json(f"column_{index:02}", _STORED[index % len(_STORED)]),
                    nullable=True,
                    comment="What it says.",
                    position=index,
                )
                for index in range(COLUMNS)
            ],
            size=Size(
                bytes=int(chance.lognormvariate(19, 3)),
                files=chance.randrange(1, 400),
                origin="delta_log",
                as_of="2026-11-22T08:00:00Z",
                exact=True,
            ),
        )


def _type_json(name: str, stored: str) -> str:
    return json.dumps({"name": name, "type": stored, "nullable": True, "metadata": {}})


def header(count: int) -> Header:
    """Return the first line of an inventory of `count` generated documents."""
    return Header(
        schema_version=1,
        source="generated",
        scope=f"{count} documents of {COLUMNS} columns",
        started_at="2026-11-23T05:00:00Z",
        tool_version="0",
    )


def write_inventory(path: Path, count: int) -> None:
    """Write a complete inventory of `count` generated documents."""
    with path.open("wb") as stream:
        writer = InventoryWriter(stream, header(count))
        for document in documents(count):
            writer.write(document)
        writer.end()


def policy_ids() -> tuple[str, ...]:
    """Return the ids of the shipped policies, which all contenders decide."""
    return tuple(
        f"{file.parts[-3]}.{file.parts[-2]}"
        for file in sorted(shipped_policies().glob("lakewarden/tables/*/*/*.rego"))
        if not file.name.endswith("_test.rego")
    )


def write_request(path: Path, count: int) -> None:
    """Write the router's input: the generated documents, all shipped policies and settings."""
    settings = load_settings(shipped_config(), load_schemas([shipped_policies()]))
    question = Question(policies=policy_ids(), settings=settings.values, waivers=(), now=NOW)
    asked = [question.about(encoded(document)) for document in documents(count)]
    path.write_bytes(question.request(asked))


def _properties(chance: random.Random) -> dict[str, str]:
    properties = {"delta.minReaderVersion": "1", "delta.minWriterVersion": "7"}
    kind = chance.randrange(6)
    if kind < 2:
        keys = [[f"column_{chance.randrange(COLUMNS):02}"] for _ in range(1 + kind)]
        properties["clusteringColumns"] = json.dumps(keys)
    elif kind == 2:
        properties["clusterByAuto"] = "true"
    return properties


if __name__ == "__main__":  # in a process of its own: see benchmarks/contenders.py
    _count, _inventory, _request = sys.argv[1:]
    write_inventory(Path(_inventory), int(_count))
    write_request(Path(_request), int(_count))
