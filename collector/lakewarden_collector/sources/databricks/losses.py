"""Catalogs and schemas that could not be listed, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.listing.troubles import is_unlisted, lost_parts


class Losses:
    """Failures that cover more than a table, by metastore and by what is lost."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, ...], Failure] = {}

    def __iter__(self) -> Iterator[Failure]:
        return iter(self._failures.values())

    def __len__(self) -> int:
        return len(self._failures)

    def add(self, metastore: str, failure: Failure) -> None:
        """Note a failure; the same loss is noted once in each metastore."""
        self._failures[metastore, *(lost_parts(failure) or (failure.what,))] = failure

    def extend(self, other: Losses) -> None:
        """Note all of the other's failures."""
        self._failures |= other._failures

    def by_parts(self) -> Mapping[tuple[str, ...], Failure]:
        """Return the failures by (catalog,) or (catalog, schema), whatever the metastore."""
        return {key[1:]: failure for key, failure in self._failures.items()}

    def forget(self, schemas: Mapping[tuple[str, str, str], object]) -> None:
        """Forget what another workspace has listed all the same.

        `schemas` are those that were listed, by metastore, catalog and schema. A schema that only a
        pattern names may be listed in any metastore.
        """
        catalogs = {(metastore, catalog) for metastore, catalog, _ in schemas}
        anywhere = {(catalog, schema) for _, catalog, schema in schemas}
        self._failures = {
            key: failure
            for key, failure in self._failures.items()
            if not (
                key in schemas or key in catalogs or (is_unlisted(failure) and key[1:] in anywhere)
            )
        }
