"""Which protocols can be read, and the features that an old one means without listing them.

Versions and features are the Delta protocol's ("Reader Version Requirements", "Valid Feature
Names in Table Features") and those that Spark knows beyond it. Only the set of active files
matters here: a reader feature is known if it leaves that alone, and no writer feature counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.sources.delta.fault import TableFaultError
from lakewarden_collector.sources.delta.log_actions import Protocol
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER

NEWEST_READER: Final = 3
READER_FEATURES: Final = frozenset(
    {
        "columnMapping",
        "deletionVectors",
        "geospatial",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
        "variantShredding",
        "variantShredding-preview",
        "variantType",
        "variantType-preview",
    }
)
"""Features for readers that do not change which files a table consists of."""

_CATALOG_MANAGED: Final = frozenset({"catalogManaged", "catalogOwned", "catalogOwned-preview"})
_COORDINATOR: Final = "delta.coordinatedCommits.commitCoordinator-preview"
_FEATURES_ARE_LISTED: Final = 7
"""From this writer version on nothing is implied."""


class _Implied(Struct, frozen=True):
    feature: str
    reader: int
    writer: int


_IMPLIED: Final = (
    _Implied("appendOnly", 1, 2),
    _Implied("invariants", 1, 2),
    _Implied("checkConstraints", 1, 3),
    _Implied("changeDataFeed", 1, 4),
    _Implied("generatedColumns", 1, 4),
    _Implied("columnMapping", 2, 5),
    _Implied("identityColumns", 1, 6),
)
_WRITERS_ONLY: Final = frozenset({each.feature for each in _IMPLIED if each.reader == 1})


def table_features(protocol: Protocol) -> list[str]:
    """Return every feature that the protocol supports, listed or implied, sorted.

    Spark's `DESCRIBE DETAIL` prints the implied ones as well.
    """
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    if protocol.min_writer_version < _FEATURES_ARE_LISTED:
        features.update(
            implied.feature
            for implied in _IMPLIED
            if implied.reader <= protocol.min_reader_version
            and implied.writer <= protocol.min_writer_version
        )
    return sorted(features)


def check_readable(protocol: Protocol) -> None:
    """Raise `TableFaultError` where the protocol may say of the files what is not known here."""
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    if managed := sorted(features & _CATALOG_MANAGED):
        raise TableFaultError(
            f"a catalog manages its commits (table feature {managed[0]}), so the log in storage "
            "may lack the newest ones",
            where=LOG_FOLDER,
            remedy="Collect it through Databricks, which asks the catalog.",
        )
    if protocol.min_reader_version > NEWEST_READER:
        raise _unsupported(f"Delta reader version {protocol.min_reader_version}")
    unknown = sorted({*(protocol.reader_features or ())} - READER_FEATURES - _WRITERS_ONLY)
    if unknown:
        raise _unsupported(f"the reader feature {', '.join(unknown)}")


def check_complete(configuration: Mapping[str, Any]) -> None:
    """Raise `TableFaultError` where a commit coordinator may have commits that the log lacks."""
    coordinator = configuration.get(_COORDINATOR)
    if coordinator:
        raise TableFaultError(
            f"a commit coordinator ({coordinator}) manages its commits, so the log in storage may "
            "lack the newest ones",
            where=LOG_FOLDER,
            remedy="Collect it through Databricks, or drop the table feature coordinatedCommits.",
        )


def _unsupported(what: str) -> TableFaultError:
    return TableFaultError(
        f"its protocol is not supported: it needs {what}, which this version doesn't support",
        where=LOG_FOLDER,
        remedy="Upgrade Lakewarden, collect the table through Databricks, or drop the table "
        "feature (DROP FEATURE).",
    )
