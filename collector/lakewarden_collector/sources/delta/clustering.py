"""The clustering keys of a Delta table, which delta-rs does not expose.

They live in the metadata domain `delta.clustering` (Delta protocol, "Clustered Table" and "Domain
Metadata"): the latest commit that sets or removes the domain decides, else the checkpoint. In a v2
checkpoint domains stand in the manifest, never in its sidecars. Keys are physical names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.columns import Field, logical_path
from lakewarden_collector.sources.delta.log_actions import (
    DomainMetadata,
    damaged_file,
    domains_in_json,
    domains_in_parquet,
)
from lakewarden_collector.sources.delta.log_files import LogFile, LogSegment

FEATURE: Final = "clustering"
"""The writer feature without which a table is not clustered, whatever its domains say."""

_DOMAIN: Final = "delta.clustering"

Keys = list[list[str]]
"""Clustering keys, each a list of name parts."""


class _Configuration(Struct, frozen=True, rename="camel"):
    clustering_columns: Keys


_decode_configuration: Final = decoder(_Configuration).decode


def clustering_keys(
    store: ObjectStore, segment: LogSegment, fields: Sequence[Field]
) -> Keys | None:
    """Return the keys as logical name parts; None where there is no domain or it was removed.

    A domain without keys, as `CLUSTER BY NONE` leaves it, gives an empty list. Raises
    `TableFaultError` naming file and line where the domain cannot be read.
    """
    newest_first = (*reversed(segment.commits), *segment.checkpoint)
    for file in newest_first:
        # One commit holds at most one action of a domain; were there two, the last would count.
        for found in reversed([d for d in _domains(store, file) if d.domain == _DOMAIN]):
            if found.removed:
                return None
            return [logical_path(fields, key) for key in _parse(found, file)]
    return None


def _domains(store: ObjectStore, file: LogFile) -> Iterator[DomainMetadata]:
    if file.path.endswith(".parquet"):
        return domains_in_parquet(store, file.path)
    return domains_in_json(store, file.path)


def _parse(domain: DomainMetadata, file: LogFile) -> Keys:
    try:
        parsed = _decode_configuration(domain.configuration)
    except msgspec.MsgspecError as error:
        raise damaged_file(f"{file.path} (domain {_DOMAIN})", error) from error
    return parsed.clustering_columns
