"""Predictive optimization, as a workspace tells of it in its listing and in a DESCRIBE.

`TableInfo.effective_predictive_optimization_flag` and its values are the SDK's (`catalog.py`,
`EffectivePredictiveOptimizationFlag`); that METASTORE is among the types, and the text in `DESCRIBE
TABLE EXTENDED … AS JSON`, were seen in public recordings of live workspaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tests.workspace.estate import Column, Json, Table

FLAG: Final = "effective_predictive_optimization_flag"
_METASTORE: Final = {"inherited_from_type": "METASTORE", "inherited_from_name": "metastore_aws"}


def flag(*, enabled: bool = True) -> Json:
    """Return the flag of a table that has inherited it from its metastore."""
    return {"value": "ENABLE" if enabled else "DISABLE", **_METASTORE}


def described_as_json(info: Mapping[str, Any], *, shown: Mapping[str, str] | None = None) -> Table:
    """Return what `DESCRIBE TABLE EXTENDED … AS JSON` says of a table of the listing.

    `shown` is the flag; without one, nothing is said of it.
    """
    described: Json = {
        "table_name": info["name"],
        "catalog_name": info["catalog_name"],
        "namespace": [info["schema_name"]],
        "schema_name": info["schema_name"],
        "columns": [],
        "type": info["table_type"],
        "provider": str(info.get("data_source_format", "")).lower(),
        "owner": info.get("owner", ""),
        "table_properties": dict(info.get("properties", {})),
    }
    if shown is not None:
        origin = [shown[key] for key in _METASTORE if key in shown]
        inherited = f" (inherited from {' '.join(origin)})" if origin else ""
        described["predictive_optimization"] = shown["value"] + inherited
    return Table((Column("json_metadata"),), [(msgspec.json.encode(described).decode(),)])
