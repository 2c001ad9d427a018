"""The table that the examples in the policies' annotations change.

An annotation says under `examples` which fields make a table fail its policy (`before`) and which
make it pass (`after`). They replace fields of this table; everything else stays as it is here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

EXAMPLE_CLOCK: Final = "2026-11-23T05:10:00Z"


def _column(position: int, name: str, sql: str, stored: str) -> dict[str, Any]:
    field = {"name": name, "type": stored, "nullable": True, "metadata": {}}
    return {
        "name": name,
        "type_text": sql,
        "type_json": json.dumps(field, separators=(",", ":")),
        "nullable": True,
        "comment": "",
        "position": position,
    }


_COLUMNS: Final = (
    ("order_id", "bigint", "long"),
    ("ordered_on", "date", "date"),
    ("city", "string", "string"),
    ("status", "string", "string"),
    ("total", "decimal(18,2)", "decimal(18,2)"),
    ("note", "string", "string"),
)

EXAMPLE_TABLE: Final[Mapping[str, Any]] = {
    "full_name": "main.sales.orders",
    "catalog_name": "main",
    "schema_name": "sales",
    "name": "orders",
    "table_type": "MANAGED",
    "data_source_format": "DELTA",
    "owner": "sales-analytics",
    "comment": "",
    "created_at": "2026-01-05T08:00:00Z",
    "updated_at": "2026-11-22T00:00:00Z",
    "properties": {},
    "tags": {},
    "columns": [_column(position, *column) for position, column in enumerate(_COLUMNS)],
    "size": {"bytes": 5368709120, "exact": True, "as_of": "2026-11-22T00:00:00Z"},
    "detail": {},
    "access": {},
    "predictive_optimization": {},
    "evidence": {},
}
"""A managed Delta table of 5 GiB and six columns, without clustering, as JSON values."""


def example(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the example table with these top-level fields in place of its own."""
    return {**EXAMPLE_TABLE, **fields}
