"""Tables in the words of a scenario: documents of the example table with a few facts changed.

`table(size=exactly(GIB - 1), properties=EXCLUDED | clustered_by("city"))` is a document as a source
writes it, as plain JSON values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lakewarden.kit.example_decisions import EXAMPLE_CLOCK, example

Json = dict[str, Any]

KIB: Final = 2**10
MIB: Final = 2**20
GIB: Final = 2**30
TIB: Final = 2**40

NOW: Final = EXAMPLE_CLOCK
"""The clock of every scenario, unless a test says otherwise."""

EXCLUDED: Final = {"cluster_exclusion": "true"}
AUTO: Final = {"clusterByAuto": "true"}
OPTIMIZE_WRITE: Final = {"delta.autoOptimize.optimizeWrite": "true"}
AUTO_COMPACT: Final = {"delta.autoOptimize.autoCompact": "true"}
AUTO_OPTIMISED: Final = OPTIMIZE_WRITE | AUTO_COMPACT
"""Table properties; `|` puts several on one table."""

_STORED: Final = (
    *(("MANAGED", "DELTA"), ("EXTERNAL", "DELTA"), ("MANAGED", "ICEBERG")),
    *(("STREAMING_TABLE", "DELTA"), ("MATERIALIZED_VIEW", "DELTA_UNIFORM_ICEBERG")),
)
KINDS: Final[tuple[Json, ...]] = tuple(
    {"table_type": table_type, "data_source_format": stored} for table_type, stored in _STORED
)
"""Every type of table that can be clustered, in a format in which it can."""

OPTIMIZED: Final = {"enabled": True}
UNOPTIMIZED: Final = {"enabled": False}
"""Predictive optimization, on and off."""


def table(
    *, catalog: str = "main", schema: str = "sales", name: str = "orders", **fields: object
) -> Json:
    """Return a managed Delta table of 5 GiB and six columns, not clustered, but for `fields`."""
    named = {"catalog_name": catalog, "schema_name": schema, "name": name}
    return example({"full_name": f"{catalog}.{schema}.{name}", **named, **fields})


def without(document: Mapping[str, Any], *fields: str) -> Json:
    """Return the document without some of its fields: nothing is known about them."""
    return {name: value for name, value in document.items() if name not in fields}


def exactly(size: int) -> Json:
    """Return a size in bytes as the table's own log tells it; it may always decide."""
    return {"bytes": size, "exact": True, "origin": "delta_log"}


def about(size: int, *, old: timedelta = timedelta(days=1)) -> Json:
    """Return a size in bytes as daily metrics told it, `old` ago."""
    return {"bytes": size, "exact": False, "origin": "metrics_history", "as_of": ago(old)}


def ago(age: timedelta) -> str:
    """Return the time so long before the scenario's clock, RFC 3339 in UTC."""
    return f"{(datetime.fromisoformat(NOW) - age).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def unread(kind: str, status: str = "denied", reason: str = "no SELECT on the table") -> Json:
    """Return the document's word on why a kind of evidence is not there."""
    return {kind: {"status": status, "reason": reason}}


def hidden(**fields: object) -> Json:
    """Return the table as one of which nobody could read the properties."""
    return without({**table(evidence=unread("properties")), **fields}, "properties")


def clustered_by(*keys: str | Sequence[str]) -> Json:
    """Return the property that lists clustering keys: names of columns, or lists of name parts."""
    parts = [[key] if isinstance(key, str) else list(key) for key in keys]
    return {"clusteringColumns": json.dumps(parts)}


def column(name: str, stored: object = "long", **fields: object) -> Json:
    """Return a column; `stored` is its type as Delta writes it, None where nobody knows it."""
    known = {} if stored is None else {"type_json": json.dumps({"name": name, "type": stored})}
    return {"name": name} | known | fields


def struct(**fields: object) -> Json:
    """Return the type of a column that has fields, each with its own type."""
    return {
        "type": "struct",
        "fields": [{"name": name, "type": stored} for name, stored in fields.items()],
    }


def waiver(policy: str, **fields: str) -> Json:
    """Return an active waiver for the example table; `fields` change it, `pattern` its tables."""
    covers = {} if "pattern" in fields else {"table": "main.sales.orders"}
    output = {"reason": "Written once", "owner": "sales", "approved_by": "governance"}
    return {"policy": policy, "expires": "2027-06-30"} | covers | output | fields
