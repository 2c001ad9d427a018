"""A table while statements are applied to it, and the document that comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType, structs

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import (
    CLUSTER_BY_AUTO,
    CLUSTERING_KEYS,
    Absence,
    Action,
    Column,
    Definition,
    Detail,
    PredictiveOptimization,
    TableDocument,
)
from lakewarden_collector.names import join_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import (
    OTHER_PROPERTIES,
    known_after_apply,
    of_new_table,
    of_table,
)
from lakewarden_collector.sources.sql.columns import Columns, Field, Path, StateFault
from lakewarden_collector.sources.sql.data_types import parsed_type
from lakewarden_collector.spark_schema import document_columns

_COMMENT: Final = "comment"
_NEW_OR_NOT: Final = known_after_apply("The files don't say whether the table exists yet.")
_CONSTRAINT: Final = "delta.constraints."
_decode_keys: Final = decoder(list[list[str]]).decode
_DELTA_LIKE: Final = frozenset({"DELTA", "ICEBERG"})


class Draft:
    """One table: what is known of it so far, and where it was declared."""

    def __init__(self, parts: tuple[str, str, str]) -> None:
        self.parts = parts
        self.definition = Definition(tool="sql")
        self.action: Action | UnsetType = "create"
        """`UNSET` where the statements don't say whether the table exists yet."""
        self.exists = False
        """Whether the table was found among those that exist already."""
        self.table_type: str | None = "MANAGED"
        self.format: str | None = "DELTA"
        self.comment: str | None = ""
        self.comment_absence = ""
        self.owner: str | None = None
        self.location: str | None = None
        self.properties: dict[str, str] | None = {}
        self.other_properties = ""
        """Why properties that aren't in `properties` may be set; empty where none are."""
        self.columns: Columns | None = Columns([])
        self.columns_absence = ""
        self.tags: dict[str, str] | None = None
        self.predictive_optimization: bool | None = None
        self._base: TableDocument | None = None
        self._originals: dict[str, tuple[Field, Column]] = {}
        self._new_clustering = self._new_partitions = False

    @classmethod
    def of(cls, document: TableDocument) -> Draft:
        """Return the draft of a table that exists."""
        catalog, schema, name = document.catalog_name, document.schema_name, document.name
        draft = cls((catalog.lower(), schema.lower(), name.lower()))  # as statements name it
        draft.stand_for(document)
        draft.action = "no-op"
        draft.table_type = document.table_type or None
        draft.format = document.data_source_format or None
        draft.comment = _known(document.comment)
        draft.location = _known(document.storage_location)
        draft.properties = None if document.properties is UNSET else dict(document.properties)
        if OTHER_PROPERTIES in document.evidence:
            draft.other_properties = document.evidence[OTHER_PROPERTIES].reason or "unknown"
        draft.columns = None
        if document.columns is not UNSET:
            draft._take_columns(document.columns)
        else:
            known = document.evidence.get("columns")
            draft.columns_absence = (known and known.reason) or "The inventory has no columns."
        return draft

    def stand_for(self, document: TableDocument) -> None:
        """Be the table that exists already: whose it is and what is known of it stays."""
        self.action, self.exists, self._base = "update", True, document
        self.owner = _known(document.owner)
        self.tags = None if document.tags is UNSET else dict(document.tags)
        if document.table_type == self.table_type:
            self.location = _known(document.storage_location)

    def _take_columns(self, columns: Sequence[Column]) -> None:
        fields = [_field(column) for column in columns]
        self._originals = {
            fold(column.name): (deepcopy(field), column)
            for field, column in zip(fields, columns, strict=True)
        }
        partitions = sorted(
            (column.partition_index, column.name)
            for column in columns
            if column.partition_index is not UNSET
        )
        self.columns = Columns(fields, [name for _, name in partitions])
        self.columns.masks = {
            fold(column.name): column.mask for column in columns if column.mask is not UNSET
        }

    @property
    def full_name(self) -> str:
        """The name as documents have it."""
        return join_name(self.parts)

    def copy_columns(self, other: Draft) -> None:
        """Take over another table's columns and partitions."""
        self.columns_absence = other.columns_absence
        self.columns = None
        if other.columns is not None:
            self.columns = Columns(
                deepcopy(other.columns.fields), list(other.columns.partitioned_by)
            )

    def set_properties(self, properties: Mapping[str, str]) -> None:
        """Set properties; `comment` among them is the table's comment."""
        properties = dict(properties)
        if (comment := properties.pop(_COMMENT, None)) is not None:
            self.comment = comment
        if properties:
            self._known_properties().update(properties)

    def unset_properties(self, keys: Sequence[str], *, if_exists: bool) -> None:
        """Remove properties, which must be there unless `if_exists` says otherwise."""
        properties = self._known_properties()
        for key in keys:
            if key == _COMMENT:
                self.comment = ""
            elif key in properties:
                del properties[key]
            elif not (if_exists or self.other_properties):
                raise StateFault(f"the table has no property {key!r}")

    def _known_properties(self) -> dict[str, str]:
        if self.properties is None:
            self.properties = {}
            self.other_properties = "What else is set isn't in the inventory."
        return self.properties

    def cluster_by(self, keys: Sequence[Path] | None) -> None:
        """Cluster by these columns; None means automatically, no columns means not at all."""
        properties = self._known_properties()
        self._new_clustering = True
        if keys is None:
            properties[CLUSTER_BY_AUTO] = "true"
            return
        if self.columns is not None and self.columns.partitioned_by and keys:
            raise StateFault("the table is partitioned; such a table can't be clustered")
        found = [self.columns.spelled(key) if self.columns else list(key) for key in keys]
        properties.pop(CLUSTER_BY_AUTO, None)
        properties.pop(CLUSTERING_KEYS, None)
        if found:
            properties[CLUSTERING_KEYS] = msgspec.json.encode(found).decode()
        elif self.exists or self.action == "update":
            properties[CLUSTERING_KEYS] = "[]"

    def constrain(self, name: str, condition: str) -> None:
        """Add a CHECK constraint, which Delta keeps as a property."""
        self._known_properties()[_CONSTRAINT + name.lower()] = condition

    def unconstrain(self, name: str) -> None:
        """Drop a constraint; only those of CHECK are known."""
        self._known_properties().pop(_CONSTRAINT + name.lower(), None)

    def require(self, keys: Sequence[str]) -> None:
        """Check the columns of a primary key that is added: Databricks refuses nullable ones.

        A CREATE TABLE makes them NOT NULL by itself.
        https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-table-constraint
        https://github.com/databricks/dbt-databricks/issues/676
        """
        if self.columns is None:
            return
        for key in keys:
            if self.columns.find((key,))["nullable"]:
                raise StateFault(f"{key} may be NULL, which a primary key's columns may not")

    def replace_partitions(self, keys: Sequence[Path] | None) -> None:
        """Cluster the table that was partitioned."""
        self._new_partitions = True
        if self.columns is not None:
            self.columns.partitioned_by.clear()
        self.cluster_by(keys)

    def partition_by(self, names: Sequence[str]) -> None:
        """Partition a new table by these columns, which formats other than Delta put last."""
        if self.columns is None:
            return
        spelled = [self.columns.spelled((name,))[0] for name in names]
        self.columns.partitioned_by = spelled
        if self.format not in _DELTA_LIKE:
            self.columns.put_last(spelled)

    def change_keys(self, old: Path, new: str | None) -> None:
        """Follow a column's renaming in the clustering keys; raises `StateFault` if it is gone."""
        if self.properties is None or CLUSTERING_KEYS not in self.properties:
            return
        try:
            keys = _decode_keys(self.properties[CLUSTERING_KEYS])
        except msgspec.MsgspecError as error:
            raise StateFault(f"the table's {CLUSTERING_KEYS} can't be read: {error}") from error
        folded = [fold(part) for part in old]
        for key in keys:
            if [fold(part) for part in key[: len(old)]] == folded:
                if new is None:
                    raise StateFault(f"{'.'.join(old)} is a clustering key and can't be dropped")
                key[len(old) - 1] = new
        self.properties[CLUSTERING_KEYS] = msgspec.json.encode(keys).decode()

    def known_columns(self) -> Columns:
        """Return the columns; raises `StateFault` where nobody knows them."""
        if self.columns is None:
            raise StateFault(f"the columns of {self.full_name} aren't known")
        return self.columns

    def evolve(self) -> None:
        """Have rows add columns."""
        self.columns = None
        self.columns_absence = "Rows that are written with schema evolution may add columns."

    def set_owner(self, owner: str) -> None:
        """Give the table to somebody."""
        self.owner = owner

    def set_comment(self, comment: str) -> None:
        """Describe the table."""
        self.comment = comment

    def set_location(self, location: str) -> None:
        """Put the table somewhere else, out of Unity Catalog's own storage."""
        self.location, self.table_type = location, "EXTERNAL"

    def set_managed(self) -> None:
        """Let Unity Catalog keep the table's files."""
        self.location, self.table_type = None, "MANAGED"
        self._base = self._base and structs.replace(self._base, storage_location=UNSET)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self.tags = {**(self.tags or {}), **tags}

    def unset_tags(self, keys: Sequence[str]) -> None:
        """Remove tags."""
        if self.tags is not None:
            self.tags = {key: value for key, value in self.tags.items() if key not in keys}

    def optimize(self, *, enabled: bool | None) -> None:
        """Switch predictive optimization on or off; None leaves it to the schema."""
        self.predictive_optimization = enabled
        if enabled is None and self._base is not None:
            self._base = structs.replace(
                self._base, predictive_optimization=PredictiveOptimization()
            )

    def document(self) -> TableDocument:
        """Return the table as it is once all statements have run; raises `ValueError`."""
        catalog, schema, name = self.parts
        changes: dict[str, Any] = {
            "full_name": self.full_name,
            "catalog_name": catalog,
            "schema_name": schema,
            "name": name,
            "definition": structs.replace(self.definition, action=self.action),
            "evidence": {},
            **{
                key: UNSET if value is None else value
                for key, value in (
                    ("table_type", self.table_type),
                    ("data_source_format", self.format),
                    ("comment", self.comment),
                    ("owner", self.owner),
                    ("storage_location", self.location),
                    ("properties", self.properties),
                    ("tags", self.tags),
                )
            },
            "columns": UNSET if self.columns is None else self._columns(self.columns),
        }
        if self.predictive_optimization is not None:
            changes["predictive_optimization"] = PredictiveOptimization(
                enabled=self.predictive_optimization
            )
        base = self._base
        if base is not None:
            changes["detail"] = self._detail(base.detail)
        document = structs.replace(base, **changes) if base else TableDocument(**changes)
        return structs.replace(document, evidence=dict(self._absences(document)))

    def _detail(self, detail: Detail) -> Detail:
        """Return what was described of the table, as the statements leave it."""
        if self._new_clustering:
            automatic = CLUSTER_BY_AUTO in (self.properties or {})
            detail = structs.replace(detail, cluster_by_auto=automatic, clustering_columns=UNSET)
        if detail.partition_columns is not UNSET and self.columns is not None:
            names = list(self.columns.partitioned_by)
            detail = structs.replace(detail, partition_columns=names)
        elif self._new_partitions:
            detail = structs.replace(detail, partition_columns=[])
        return detail

    def _columns(self, columns: Columns) -> list[Column]:
        typed = [
            field if field["type"] is not None else {**field, "type": "void"}
            for field in columns.fields
        ]
        found = document_columns(typed, columns.partitioned_by)
        return [
            self._column(field, column, columns)
            for field, column in zip(columns.fields, found, strict=True)
        ]

    def _column(self, field: Field, column: Column, columns: Columns) -> Column:
        same, original = self._originals.get(fold(column.name), (None, column))
        mask: Any = columns.masks.get(fold(column.name), UNSET)
        if same == field:
            column = structs.replace(
                original, position=column.position, partition_index=column.partition_index
            )
        if field["type"] is None:
            return structs.replace(
                column, type_text=UNSET, type_json=UNSET, nullable=UNSET, mask=mask
            )
        return structs.replace(column, mask=mask)

    def _absences(self, document: TableDocument) -> Iterator[tuple[str, Absence]]:  # noqa: C901 -- one branch for each part
        found: dict[str, Absence] = dict(self._base.evidence) if self._base else {}
        if self._base is None:
            found |= of_new_table() if self.action is not UNSET else of_table(_NEW_OR_NOT)
            found["owner"] = known_after_apply("The one who runs the statement will own the table.")
            found["storage_location"] = known_after_apply("Unity Catalog chooses the place.")
        if self.comment_absence:
            found["comment"] = known_after_apply(self.comment_absence)
        found.pop(OTHER_PROPERTIES, None)
        if self.other_properties and document.properties is not UNSET:
            found[OTHER_PROPERTIES] = known_after_apply(self.other_properties)
        if self.columns_absence:
            found["columns"] = known_after_apply(self.columns_absence)
        if document.columns is not UNSET:
            for column in document.columns:
                if column.type_text is UNSET:
                    for leaf in ("type_text", "type_json", "nullable"):
                        found[f"columns.{column.name}.{leaf}"] = known_after_apply(
                            "The query gives the column its type."
                        )
        for key, absence in found.items():
            try:  # the document's own rules say whether a value is there
                structs.replace(document, evidence={key: absence})
            except ValueError:
                continue
            yield key, absence


def _known(text: str | UnsetType) -> str | None:
    return None if text is UNSET else text


def _field(column: Column) -> Field:
    """Return a document's column as a field of a schema."""
    if column.type_json is not UNSET:
        try:
            found = msgspec.json.decode(column.type_json)
        except msgspec.DecodeError:
            found = None
        if isinstance(found, dict) and {"name", "type"} <= found.keys():
            return {"nullable": True, "metadata": {}, **found, "name": column.name}
    return {
        "name": column.name,
        "type": None if column.type_text is UNSET else parsed_type(column.type_text),
        "nullable": column.nullable is not False,
        "metadata": {"comment": column.comment} if column.comment else {},
    }
