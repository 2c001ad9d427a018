"""The rows of a synthetic estate's system tables, and its columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tests.workspace.estate import instant
from tests.workspace.system_catalog import CATALOG_TAGS, SCHEMA_TAGS

if TYPE_CHECKING:
    from tests.workspace.synthetic import SyntheticEstate

_TYPES: Final = (
    ("string", "STRING"),
    ("bigint", "LONG"),
    ("date", "DATE"),
    ("timestamp", "TIMESTAMP"),
    ("double", "DOUBLE"),
    ("decimal(18,2)", "DECIMAL"),
    ("boolean", "BOOLEAN"),
    ("array<string>", "ARRAY"),
)


def column_sets(number: int) -> tuple[list[msgspec.Raw], list[msgspec.Raw]]:
    """Return eight lists of columns, unpartitioned and partitioned, already JSON text.

    Tables share them: a page of 200 tables must not cost thousands of dictionaries.
    """
    return [_columns(number, n, None) for n in range(8)], [_columns(number, n, 2) for n in range(8)]


def _columns(number: int, variant: int, partition: int | None) -> msgspec.Raw:
    columns: list[dict[str, Any]] = []
    for position in range(number):
        text, name = _TYPES[(position + variant * (position > 2)) % len(_TYPES)]
        json_type = "long" if text == "bigint" else text
        if name == "ARRAY":
            json_type = '{"type":"array","elementType":"string","containsNull":true}'
        else:
            json_type = f'"{json_type}"'
        column: dict[str, Any] = {
            "name": f"c_{position:03d}",
            "type_text": text,
            "type_name": name,
            "type_json": f'{{"name":"c_{position:03d}","type":{json_type},"nullable":true}}',
            "position": position,
            "nullable": True,
        }
        if position % 2 == 0:
            column["comment"] = f"the value number {position}"
        if position == partition:
            column["partition_index"] = 0
        columns.append(column)
    return msgspec.Raw(msgspec.json.encode(columns))


def metrics(estate: SyntheticEstate) -> Iterator[tuple[Any, ...]]:
    """Yield two days for each managed table, and some that were dropped and whose names live on."""
    if estate.metrics == "empty":
        return
    newest = estate.now - timedelta(days=35 if estate.metrics == "stale" else 0)
    dropped = instant(estate.now - timedelta(days=2))
    for i in range(len(estate)):
        if not estate.is_managed(i):
            continue
        names = estate.parts_of(i)
        known = None if estate.metrics == "null" else estate.facts.metric_bytes[i]
        for days in (0, 1):
            day = (newest - timedelta(days=days)).date().isoformat()
            size = None if known is None else max(0, known - days * known // 50)
            files = None if known is None else estate.facts.files(i)
            yield _metric(
                estate,
                names,
                table_id=estate.id_of(i),
                dropped=None,
                day=day,
                size=size,
                files=files,
            )
        if i % 50 == 0:
            day = (newest - timedelta(days=3)).date().isoformat()
            other = estate.id_of(i + 10_000_000)
            yield _metric(
                estate, names, table_id=other, dropped=dropped, day=day, size=12_345, files=1
            )


def _metric(
    estate: SyntheticEstate,
    names: tuple[str, str, str],
    *,
    table_id: str,
    dropped: str | None,
    day: str,
    size: int | None,
    files: int | None,
) -> tuple[Any, ...]:
    created = instant(estate.now - timedelta(days=90))
    return (
        "account",
        estate.metastore_id,
        *names,
        table_id,
        "MANAGED",
        "platform",
        created,
        dropped,
        day,
        size,
        files,
        None if size is None else "true",
    )


def lineage(estate: SyntheticEstate, principal: str) -> Iterator[tuple[Any, ...]]:
    """Yield reads of the tables that are read, the scanner's own, and some that are long ago."""
    for i in range(len(estate)):
        share = estate.share_of(i, "read")
        if share >= estate.read_share:
            continue
        names = estate.parts_of(i)
        for n in range(1 + int(share / estate.read_share * 8)):
            reader = principal if n == 3 else f"reader_{(i + n) % 97:02d}@example.com"
            yield _read(estate, names, reader, estate.now - timedelta(days=n % 25, minutes=i % 60))
        yield _read(estate, names, "old@example.com", estate.now - timedelta(days=200))


def _read(
    estate: SyntheticEstate,
    names: tuple[str, str, str],
    reader: str,
    at: Any,  # noqa: ANN401 -- a datetime
) -> tuple[Any, ...]:
    return (
        estate.metastore_id,
        ".".join(names),
        *names,
        "TABLE",
        None,
        reader,
        instant(at),
        at.date().isoformat(),
    )


def tags(estate: SyntheticEstate, full_name: str) -> Iterator[tuple[Any, ...]]:
    """Yield tags: of the first catalog, of every tenth schema, of a share of the tables."""
    if full_name == CATALOG_TAGS:
        yield ("catalog_00", "domain", "core")
    elif full_name == SCHEMA_TAGS:
        for row in estate.schemas("catalog_00")[::10]:
            yield ("catalog_00", row["name"], "domain", "finance")
    else:
        for i in range(len(estate)):
            if estate.share_of(i, "tag") < estate.tag_share:
                yield (*estate.parts_of(i), "tier", ("gold", "silver", "")[i % 3])
