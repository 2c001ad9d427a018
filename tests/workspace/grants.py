"""An estate as a principal sees it who may not see all, while others drop tables (facts 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.workspace.estate import Estate, Json, Refused, SqlError, Table, Value
from tests.workspace.sqltext import DescribeDetail, DescribeJson, DescribeTable, not_found, read

_SELECTIVE = ("name", "catalog_name", "schema_name", "full_name", "table_type", "metastore_id")


class Guarded:
    """Any estate, with rights taken away and tables dropped; each may change while it is used.

    Names count without regard to case. A table is meant by its three parts.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.metastore_id = estate.metastore_id
        self.blocking = estate.blocking
        self._catalogs: set[str] = set()
        self._schemas: set[tuple[str, str]] = set()
        self._dropped_schemas: set[tuple[str, str]] = set()
        self._hidden: set[tuple[str, ...]] = set()
        self._browsed: set[tuple[str, ...]] = set()
        self._unreadable: set[tuple[str, ...]] = set()
        self._unjson: set[tuple[str, ...]] = set()
        self._dropped: set[tuple[str, ...]] = set()
        self._system: dict[str, SqlError] = {}

    # --- what is taken away ----------------------------------------------------------------------

    def revoke_catalog(self, catalog: str) -> None:
        """Take USE CATALOG away: its schemas cannot be listed, its tables not read."""
        self._catalogs.add(catalog.lower())

    def revoke_schema(self, catalog: str, schema: str) -> None:
        """Take USE SCHEMA away: its tables can be neither listed nor read."""
        self._schemas.add((catalog.lower(), schema.lower()))

    def revoke_select(self, *parts: str) -> None:
        """Take SELECT away after the table was listed: it is still listed, and not described."""
        self._unreadable.add(_lower(parts))

    def refuse_json(self, *parts: str) -> None:
        """Refuse DESCRIBE … AS JSON of the table alone, whatever else may be read of it."""
        self._unjson.add(_lower(parts))

    def hide(self, *parts: str) -> None:
        """Leave the table out of listings without a word, as for want of rights."""
        self._hidden.add(_lower(parts))

    def browse(self, *parts: str) -> None:
        """List the table as `browse_only`, with selective metadata, and only if asked to."""
        self._browsed.add(_lower(parts))

    def drop(self, *parts: str) -> None:
        """Drop the table after it was listed: listings still have it, nothing else has."""
        self._dropped.add(_lower(parts))

    def drop_schema(self, catalog: str, schema: str) -> None:
        """Drop the schema after it was listed."""
        self._dropped_schemas.add((catalog.lower(), schema.lower()))

    def deny_system(self, full_name: str) -> None:
        """Refuse a system table (facts 4: INSUFFICIENT_PERMISSIONS, asserted live)."""
        self._system[full_name] = denied(f"Table '{full_name}'")

    def disable_system(self, full_name: str) -> None:
        """Take a system table away, as where its schema is not enabled (facts 4)."""
        self._system[full_name] = not_found(full_name)

    # --- the estate ----------------------------------------------------------------------------

    def catalogs(self) -> Sequence[Json]:
        return self._estate.catalogs()

    def schemas(self, catalog: str) -> Sequence[Json]:
        if catalog.lower() in self._catalogs:
            raise _no_use("USE CATALOG", f"Catalog '{catalog}'")
        return self._estate.schemas(catalog)

    def tables(self, catalog: str, schema: str) -> Sequence[Json]:
        self._enter(catalog, schema)
        rows: list[Json] = []
        for row in self._estate.tables(catalog, schema):
            parts = _lower((row["catalog_name"], row["schema_name"], row["name"]))
            if parts in self._browsed:
                rows.append({k: row[k] for k in _SELECTIVE if k in row} | {"browse_only": True})
            elif parts not in self._hidden:
                rows.append(row)
        return rows

    def table(self, catalog: str, schema: str, name: str) -> Json:
        self._enter(catalog, schema)
        parts = _lower((catalog, schema, name))
        row = self._estate.table(catalog, schema, name)
        if parts in self._dropped:
            full_name = f"{catalog}.{schema}.{name}"
            raise Refused(404, "TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.")
        if parts in self._hidden | self._unreadable:
            raise _no_use("SELECT", f"Table '{catalog}.{schema}.{name}'")
        return row

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        statement = read(sql)
        if isinstance(statement, DescribeDetail | DescribeJson | DescribeTable):
            self._describe(statement.parts)
            if isinstance(statement, DescribeJson) and _lower(statement.parts) in self._unjson:
                raise denied(f"Table '{'.'.join(statement.parts)}'")
            words = ".".join(statement.parts)
        else:
            words = "".join(token.value for token in statement.tokens)
        for full_name, error in self._system.items():
            if full_name in words.lower():
                raise error
        return self._estate.execute(sql, parameters)

    def _describe(self, written: tuple[str, ...]) -> None:
        parts = _lower(written)
        name = ".".join(written)
        if parts in self._dropped or parts[:2] in self._dropped_schemas:
            raise not_found(name)
        if parts[0] in self._catalogs:
            raise denied(f"Catalog '{written[0]}'", "USE CATALOG")
        if parts[:2] in self._schemas:
            raise denied(f"Schema '{'.'.join(written[:2])}'", "USE SCHEMA")
        if parts in self._hidden | self._browsed | self._unreadable:
            raise denied(f"Table '{name}'")

    def _enter(self, catalog: str, schema: str) -> None:
        parts = (catalog.lower(), schema.lower())
        if parts in self._dropped_schemas:
            raise Refused(
                404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{catalog}.{schema}' does not exist."
            )
        if parts[0] in self._catalogs:
            raise _no_use("USE CATALOG", f"Catalog '{catalog}'")
        if parts in self._schemas:
            raise _no_use("USE SCHEMA", f"Schema '{catalog}.{schema}'")


def denied(what: str, privilege: str = "SELECT") -> SqlError:
    """Return what a statement says that lacks a privilege."""
    return SqlError(
        "42501",
        "INSUFFICIENT_PERMISSIONS",
        f"Insufficient privileges:\nUser does not have permission {privilege} on {what}."
        " SQLSTATE: 42501",
    )


def _no_use(privilege: str, what: str) -> Refused:
    return Refused(403, "PERMISSION_DENIED", f"User does not have {privilege} on {what}.")


def _lower(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.lower() for part in parts)
