"""One planned `databricks_sql_table`, as the table document that it will be after apply.

What its attributes mean is what the provider makes of them: `catalog/resource_sql_table.go` of
github.com/databricks/terraform-provider-databricks, read in v1.70.0 and v1.128.0. A single key AUTO
or NONE, in any case, becomes that word of CLUSTER BY since v1.72.0, a quoted name before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from lakewarden_collector.document import (
    CLUSTER_BY_AUTO,
    CLUSTERING_KEYS,
    Absence,
    Action,
    Column,
    Definition,
    Detail,
    TableDocument,
)
from lakewarden_collector.names import join_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.planned import OTHER_PROPERTIES, of_existing_table, of_new_table
from lakewarden_collector.sources.terraform.attributes import Attributes, Hidden, ShapeError

_TYPES: Final = {
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "short": "smallint",
    "byte": "tinyint",
    **dict.fromkeys(("decimal", "dec", "numeric"), "decimal(10,0)"),
}
"""Other names of types; the provider compares them so, and Unity Catalog has the second ones."""


def planned_table(
    attributes: Attributes,
    before_secrets: Mapping[str, object],
    parts: tuple[str, str, str],
    definition: Definition,
    *,
    written: Collection[str] | None,
) -> TableDocument:
    """Return a table as it will be.

    `before_secrets` are the marks of what was sensitive, `written` the attributes that the
    configuration has, None where that isn't known.

    Raises `ShapeError` for what the provider's schema doesn't allow and `ValueError` for what no
    document may hold.
    """
    evidence = (
        of_existing_table("A plan doesn't say it.")
        if _exists(definition.action)
        else of_new_table()
    )
    read = _Reading(attributes, evidence)
    table_type = read.text("table_type")
    if isinstance(table_type, str):
        table_type = table_type.upper() or UNSET
    is_view = table_type == "VIEW"
    properties = _Properties(attributes, before_secrets, evidence).read(definition.action)
    partitions: list[str] | UnsetType = UNSET
    if not is_view:
        left_open = written is not None and "partitions" not in written
        partitions = read.partitions(left_open=left_open and table_type == "MANAGED")
    return TableDocument(
        full_name=join_name(parts),
        catalog_name=parts[0],
        schema_name=parts[1],
        name=parts[2],
        table_type=table_type,
        data_source_format=read.format(table_type),
        owner=read.chosen("owner"),
        comment=read.text("comment"),
        storage_location=UNSET if is_view else read.chosen("storage_location"),
        properties=properties,
        columns=read.columns(partitions if not is_view else []),
        detail=Detail(partition_columns=partitions),
        definition=definition,
        evidence=evidence,
    )


def _exists(action: Action | UnsetType) -> bool:
    """Whether the plan keeps a table that exists already; a replaced one is new."""
    return action in {"update", "no-op"}


class _Reading:
    """Reads attributes, and notes in `evidence` why those are absent that the plan hides."""

    def __init__(self, attributes: Attributes, evidence: dict[str, Absence]) -> None:
        self._attributes = attributes
        self._evidence = evidence

    def text(self, name: str) -> str | UnsetType:
        return self._known_text(name, self._attributes.text(name))

    def chosen(self, name: str) -> str | UnsetType:
        """Return a text that Databricks chooses where the plan doesn't."""
        return self._known_text(name, self._attributes.text(name) or Hidden.UNKNOWN)

    def format(self, table_type: str | UnsetType) -> str | UnsetType:
        """Return the format. A table without one is Delta, a view has none."""
        written = self._attributes.text("data_source_format")
        if table_type == "VIEW":
            return UNSET
        if written == "":
            written = Hidden.UNKNOWN if table_type is UNSET else "DELTA"
        known = self._known("data_source_format", written)
        return known.upper() if isinstance(known, str) else UNSET

    def partitions(self, *, left_open: bool) -> list[str] | UnsetType:
        """Return the partition columns. A managed table has none where none are written.

        Since v1.82.0 the provider reads them from the table, and so plans them as unknown where
        they aren't written.
        """
        names = self._attributes.texts("partitions")
        if names is Hidden.UNKNOWN and left_open:
            return []
        if isinstance(names, Hidden):
            self._evidence["detail.partition_columns"] = names.absence
            return UNSET
        return names or []

    def columns(self, partitions: list[str] | UnsetType) -> list[Column] | UnsetType:
        """Return the columns. They say which are partitions, so they aren't known before those."""
        blocks = self._attributes.blocks("column")
        if partitions is UNSET and not isinstance(blocks, Hidden):
            blocks = Hidden.UNKNOWN
        if not isinstance(blocks, Hidden):
            names = [block.text("name") for block in blocks]
            if hidden := next((name for name in names if isinstance(name, Hidden)), None):
                blocks = hidden
        if isinstance(blocks, Hidden):
            self._evidence["columns"] = blocks.absence
            return UNSET
        places = {fold(name): place for place, name in enumerate(partitions or [])}
        return [self._column(block, at, places) for at, block in enumerate(blocks)]

    def _column(self, block: Attributes, position: int, partitions: Mapping[str, int]) -> Column:
        name = block.text("name")
        if not isinstance(name, str) or not name:
            raise ShapeError(f"`column[{position}].name` is empty")
        nullable, identity = block.flag("nullable", default=True), block.text("identity")
        fields: dict[str, Any] = {
            "type_text": _type(block.text("type")),
            "comment": block.text("comment"),
            "nullable": nullable,
        }
        stored = block.text("type_json")
        if stored is Hidden.UNKNOWN and identity and fields["type_text"] == "bigint":
            stored = _identity(name, nullable=nullable, identity=identity)
        # Where the state has no type in JSON, the text of the type tells all that is known.
        fields["type_json"] = UNSET if stored in ("", "{}") else stored
        for field, value in fields.items():
            fields[field] = self._known(f"columns.{name}.{field}", value)
        if fields["type_text"] == "":
            fields["type_text"] = UNSET
            self._evidence[f"columns.{name}.type_text"] = Hidden.UNKNOWN.absence
        return Column(
            name=name,
            position=position,
            partition_index=partitions.get(fold(name), UNSET),
            **fields,
        )

    def _known_text(self, place: str, value: str | Hidden) -> str | UnsetType:
        known: str | UnsetType = self._known(place, value)
        return known

    def _known(self, place: str, value: Any) -> Any:  # noqa: ANN401 -- what it was, or UNSET
        if not isinstance(value, Hidden):
            return value
        self._evidence[place] = value.absence
        return UNSET


class _Properties:
    """The properties after apply, with clustering as Unity Catalog keeps it: as properties.

    The provider lists what a table has in `effective_properties`, options among it, and never
    unsets what the configuration no longer lists. It copies sensitive values there unmarked.
    """

    def __init__(
        self, attributes: Attributes, secrets: Mapping[str, object], evidence: dict[str, Absence]
    ) -> None:
        self._attributes = attributes
        self._evidence = evidence
        self._secrets = secrets

    def read(self, action: Action | UnsetType) -> dict[str, str]:
        own = self._attributes.map("properties")
        effective = self._attributes.map("effective_properties")
        exists = _exists(action)
        others = own if isinstance(own, Hidden) else None
        values: dict[str, str | Hidden] = {}
        if others is None:
            if isinstance(effective, Hidden):
                # A new table has what is written; one that exists may have others.
                others = effective if exists else None
            else:
                values |= self._shown(effective)
            values |= own if not isinstance(own, Hidden) else {}
        self._cluster(values, action, others)
        known = {name: value for name, value in values.items() if isinstance(value, str)}
        for name, value in values.items():
            if isinstance(value, Hidden):
                self._evidence[f"properties.{name}"] = value.absence
        if others is not None:
            self._evidence[OTHER_PROPERTIES] = others.absence
        return known

    def _shown(self, effective: Mapping[str, str | Hidden]) -> dict[str, str | Hidden]:
        """Return the effective properties, without the values that are sensitive elsewhere."""
        options = self._attributes.map("options")
        secret: set[str] = set()
        whole = isinstance(options, Hidden) or any(
            self._secrets.get(name) is True for name in ("properties", "options")
        )
        if not isinstance(options, Hidden):
            secret |= {name for name, value in options.items() if isinstance(value, Hidden)}
        for place in ("properties", "options"):
            marks = self._secrets.get(place)
            if isinstance(marks, dict):
                secret |= {name for name, mark in marks.items() if mark}
        return {
            name: Hidden.SENSITIVE if whole or _is_of(name, secret) else value
            for name, value in effective.items()
        }

    def _cluster(
        self,
        values: dict[str, str | Hidden],
        action: Action | UnsetType,
        others: Hidden | None,
    ) -> None:
        keys = self._attributes.texts("cluster_keys")
        exists = _exists(action)
        if isinstance(keys, Hidden):
            values |= {CLUSTERING_KEYS: keys, CLUSTER_BY_AUTO: keys}
            return
        if action == "no-op" and values.keys() & {CLUSTERING_KEYS, CLUSTER_BY_AUTO}:
            return  # nothing is applied: the table keeps what it has
        if keys is None and exists:
            return
        chosen = values.get(CLUSTERING_KEYS)
        if keys is not None:
            values.pop(CLUSTERING_KEYS, None)
            values.pop(CLUSTER_BY_AUTO, None)
        none: dict[str, str | Hidden] = {CLUSTERING_KEYS: "[]", CLUSTER_BY_AUTO: "false"}
        # Of a map that isn't known, these two are: so each is named.
        if others is not None:
            values |= {name: text for name, text in none.items() if name not in values}
        chosen_by = keys[0].upper() if keys and len(keys) == 1 else ""
        if chosen_by == "AUTO":
            values[CLUSTER_BY_AUTO] = "true"
            if exists and chosen is not None:
                values[CLUSTERING_KEYS] = chosen
        elif keys and chosen_by != "NONE":
            values[CLUSTERING_KEYS] = msgspec.json.encode([[key] for key in keys]).decode()


_OPTIONS: Final = ("option.", "spark.sql.dataSourceOptions.")


def _is_of(name: str, secret: set[str]) -> bool:
    """Whether an effective property is one of those, or the option that the provider made so."""
    return name in secret or any(
        name.startswith(prefix) and name.removeprefix(prefix) in secret for prefix in _OPTIONS
    )


def _type(text: str | Hidden) -> str | Hidden:
    """Return a type as Unity Catalog spells it; nested types stay as they are."""
    if isinstance(text, Hidden) or "<" in text:
        return text
    return _TYPES.get(text.strip().lower(), text.strip().lower())


def _identity(name: str, *, nullable: bool | Hidden, identity: str | Hidden) -> str | Hidden:
    """Return what Delta will store of an identity column as the provider declares it.

    It writes GENERATED … AS IDENTITY without numbers, which is a start of 1 and a step of 1.
    """
    if isinstance(nullable, Hidden) or isinstance(identity, Hidden):
        return Hidden.UNKNOWN
    metadata = {
        "delta.identity.start": 1,
        "delta.identity.step": 1,
        "delta.identity.allowExplicitInsert": identity == "default",
    }
    field = {"name": name, "type": "long", "nullable": nullable, "metadata": metadata}
    return msgspec.json.encode(field).decode()
