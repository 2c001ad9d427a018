"""Table features that an old protocol version means without listing them.

The table of versions is the Delta protocol's ("Features" of writer versions 2 to 6 and reader
version 2); Spark's `DESCRIBE DETAIL` prints the implied features, so this source does too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

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


def table_features(
    min_reader_version: int, min_writer_version: int, listed: Iterable[str]
) -> list[str]:
    """Return every feature that the protocol supports, listed or implied, sorted."""
    features = set(listed)
    if min_writer_version < _FEATURES_ARE_LISTED:
        features.update(
            implied.feature
            for implied in _IMPLIED
            if implied.reader <= min_reader_version and implied.writer <= min_writer_version
        )
    return sorted(features)
