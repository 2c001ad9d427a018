"""The clustering keys of a Delta table, which its metadata domain `delta.clustering` holds.

Source: Delta protocol, "Clustered Table" and "Domain Metadata". Keys are physical names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.fault import damaged_file
from lakewarden_collector.sources.delta.log_actions import as_text
from lakewarden_collector.spark_schema import Field, logical_path

FEATURE: Final = "clustering"
"""The writer feature without which a table is not clustered, whatever its domains say."""

CLUSTERING_DOMAIN: Final = "delta.clustering"

Keys = list[list[str]]
"""Clustering keys, each a list of name parts."""


class _Configuration(Struct, frozen=True, rename="camel"):
    clustering_columns: Keys | None


_CONFIGURATION: Final = decoder(_Configuration)


def clustering_keys(configuration: Any, where: str, fields: Sequence[Field]) -> Keys:  # noqa: ANN401 -- whatever the writer put there
    """Return the keys that the domain's configuration names, as logical name parts.

    A configuration without keys, as `CLUSTER BY NONE` leaves it, or with null for them, gives an
    empty list. Raises `DamagedFileError` naming file and line where it cannot be read.
    """
    try:
        parsed = _CONFIGURATION.decode(as_text(configuration))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise damaged_file(f"{where} (domain {CLUSTERING_DOMAIN})", error) from error
    return [logical_path(fields, key) for key in parsed.clustering_columns or ()]
