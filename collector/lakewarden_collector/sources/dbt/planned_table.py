"""Makes the document of a table from what a dbt project says of it.

The statements of dbt-databricks 1.12 decide what reaches a table, not what a project asks for: a
seed isn't clustered whatever its configuration says, and a description is a comment only where
`persist_docs` or the kind of table makes it one.
Source: `dbt/include/databricks/macros` of github.com/databricks/dbt-databricks.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from lakewarden_collector.document import (
    CLUSTER_BY_AUTO,
    CLUSTERING_KEYS,
    Absence,
    Definition,
    Detail,
    TableDocument,
    Text,
)
from lakewarden_collector.names import join_name
from lakewarden_collector.planned import OTHER_PROPERTIES, known_after_apply
from lakewarden_collector.sources.dbt.artifacts import Project
from lakewarden_collector.sources.dbt.hooks import changed_by_hooks
from lakewarden_collector.sources.dbt.planned_columns import planned_columns
from lakewarden_collector.sources.dbt.values import (
    NodeError,
    boolean,
    column_names,
    mapping,
    objects,
    optional_text,
    rendered,
    required_text,
)

_PIPELINES: Final = {
    "materialized_view": "MATERIALIZED_VIEW",
    "streaming_table": "STREAMING_TABLE",
}
_BUILT_IN_CATALOGS: Final = frozenset({"unity", "hive_metastore"})
_MANAGED_ICEBERG: Final = "use_managed_iceberg"
_V2: Final = "use_materialization_v2"
_UNIFORM: Final = {
    "delta.enableIcebergCompatV2": "true",
    "delta.universalFormat.enabledFormats": "iceberg",
}
_HOOKED: Final = known_after_apply("A post-hook of the model changes it.")
_AS_IT_STANDS: Final = known_after_apply(
    "dbt writes the value into a statement as it stands, and quotes or backslashes in it "
    "mean something there."
)
_NEW_OR_NOT: Final = known_after_apply("A dbt project doesn't say whether the table exists yet.")
_UNTOLD: Final = {
    "size": _NEW_OR_NOT,
    "access": _NEW_OR_NOT,
    "predictive_optimization": known_after_apply(
        "A dbt project doesn't say what the schema and its catalog enable."
    ),
    "owner": known_after_apply(
        "The user who runs dbt owns the table; neither meta.owner nor a group says who."
    ),
    "tags": Absence(
        status="not_requested",
        reason="The project sets no databricks_tags, and leaves others as they are.",
    ),
}


class _Table(Struct, frozen=True, kw_only=True):
    """One node and what its kind of table takes of its configuration."""

    node: Mapping[str, Any]
    config: Mapping[str, Any]
    project: Project
    made_as: str

    @property
    def is_pipeline(self) -> bool:
        """Whether it's a materialized view or a streaming table, which have a statement each."""
        return self.made_as in _PIPELINES

    @property
    def is_iceberg(self) -> bool:
        return (optional_text(self.config, "table_format") or "").lower() == "iceberg"

    @property
    def is_managed_iceberg(self) -> bool:
        return self.is_iceberg and self.project.flag(_MANAGED_ICEBERG) is True

    @property
    def format_name(self) -> str:
        return (optional_text(self.config, "file_format") or "delta").lower()

    @property
    def catalog_is_known(self) -> bool:
        """Whether no entry of a catalogs.yml gives it a format and a location."""
        name = optional_text(self.config, "catalog_name")
        return name is None or name.lower() in _BUILT_IN_CATALOGS


def planned_table(
    node: Mapping[str, Any], definition: Definition, project: Project
) -> TableDocument:
    """Return the table of a node as it is once dbt has run.

    Raises `NodeError` for a configuration that dbt-databricks refuses, and `ValueError` for a table
    that no document can describe.
    """
    config = mapping(node.get("config"))
    table = _Table(
        node=node, config=config, project=project, made_as=required_text(config, "materialized")
    )
    _check(table)
    parts = (
        required_text(node, "database"),
        required_text(node, "schema"),
        required_text(node, "alias"),
    )
    evidence = dict(_UNTOLD)
    existing = mapping(project.catalog.get(definition.address or ""))
    if existing:
        for kind in ("size", "access"):
            evidence[kind] = Absence(
                status="not_requested", reason="A catalog file of dbt doesn't have it."
            )
    partitions = (
        []
        if table.is_managed_iceberg
        else column_names(config, "partition_by", as_sql=not _is_python(table))
    )
    columns = planned_columns(
        node,
        existing,
        [join_name(each) for each in partitions],
        root=project.root and project.root / project.folder(required_text(node, "package_name")),
        comments=_column_comments(table),
        evidence=evidence,
    )
    document: dict[str, Any] = {
        "properties": _properties(table, evidence),
        "columns": columns,
        "owner": _owner(table, existing),
        "tags": _tags(table),
        "comment": _comment(table),
        **_storage(table, parts, evidence),
    }
    for part in changed_by_hooks(node, project):
        _forget(part, document, evidence)
    for part, value in document.items():
        if value is not UNSET and part != "properties":
            evidence.pop(part, None)
    return TableDocument(
        full_name=join_name(parts),
        catalog_name=parts[0],
        schema_name=parts[1],
        name=parts[2],
        detail=Detail(partition_columns=[join_name(each) for each in partitions]),
        definition=definition,
        evidence=evidence,
        **document,
    )


def _check(table: _Table) -> None:
    """Raise `NodeError` for what dbt-databricks refuses."""
    formats = {"delta", "hudi"}
    if table.made_as == "snapshot" and table.format_name not in formats and not table.is_iceberg:
        raise NodeError(
            f"dbt-databricks makes no snapshot with file_format {table.format_name!r}",
            "Use file_format delta.",
        )
    if table.is_iceberg and table.made_as not in {"table", "incremental", "snapshot"}:
        raise NodeError(
            f"dbt-databricks makes no {table.made_as} with table_format iceberg",
            "Remove table_format.",
        )
    if table.is_iceberg and table.format_name != "delta":
        raise NodeError(
            f"dbt-databricks refuses table_format iceberg with file_format {table.format_name!r}",
            "Remove file_format.",
        )


def _properties(table: _Table, evidence: dict[str, Absence]) -> dict[str, str]:
    properties: dict[str, str] = {}
    for name, value in objects(table.config, "tblproperties").items():
        text = rendered(value)
        if set("'\\") & set(name + text):
            evidence[f"properties.{name}"] = _AS_IT_STANDS
        else:
            properties[name] = text
    managed = table.project.flag(_MANAGED_ICEBERG)
    if table.is_iceberg and managed is None:
        for name in _UNIFORM:
            properties.pop(name, None)
            evidence[f"properties.{name}"] = _by_flag(_MANAGED_ICEBERG)
    elif table.is_iceberg and not managed:
        properties |= _UNIFORM
    if table.made_as == "seed":
        return properties  # the statement that makes a seed has no CLUSTER BY
    keys = _keys(table, evidence)
    if keys:
        properties[CLUSTERING_KEYS] = msgspec.json.encode(keys).decode()
    elif _is_automatic(table, evidence):
        properties[CLUSTER_BY_AUTO] = "true"
    return properties


def _keys(table: _Table, evidence: dict[str, Absence]) -> list[tuple[str, ...]]:
    keys = column_names(table.config, "liquid_clustered_by", as_sql=not _is_python(table))
    if keys or not table.is_iceberg:
        return keys
    # Managed Iceberg keeps its partitions as clustering keys.
    partitions = column_names(table.config, "partition_by", as_sql=not _is_python(table))
    if partitions and table.project.flag(_MANAGED_ICEBERG) is None:
        evidence[f"properties.{CLUSTERING_KEYS}"] = _by_flag(_MANAGED_ICEBERG)
    return partitions if table.is_managed_iceberg else []


def _is_automatic(table: _Table, evidence: dict[str, Absence]) -> bool:
    if not boolean(table.config, "auto_liquid_cluster"):
        return False
    if not _is_python(table) or table.made_as != "table":
        return True
    # A Python model of the first kind of materialization is written by Spark, without AUTO.
    written_by_sql = table.project.flag(_V2)
    if written_by_sql is None:
        evidence[f"properties.{CLUSTER_BY_AUTO}"] = _by_flag(_V2)
    return written_by_sql is True


def _storage(
    table: _Table, parts: tuple[str, str, str], evidence: dict[str, Absence]
) -> dict[str, Text]:
    if table.is_pipeline:
        return {"table_type": _PIPELINES[table.made_as], "data_source_format": "DELTA"}
    if not table.catalog_is_known:
        unknown = known_after_apply("catalogs.yml says so, which isn't read.")
        evidence |= dict.fromkeys(("table_type", "data_source_format", "storage_location"), unknown)
        return {}
    storage: dict[str, Text] = {"table_type": "MANAGED"}
    root = optional_text(table.config, "location_root")
    if root:
        full = boolean(table.config, "include_full_name_in_path")
        storage = {
            "table_type": "EXTERNAL",
            "storage_location": posixpath.join(root, *(parts if full else parts[2:])),
        }
    else:
        evidence["storage_location"] = known_after_apply("Databricks chooses it.")
    if table.is_iceberg and table.project.flag(_MANAGED_ICEBERG) is None:
        evidence["data_source_format"] = _by_flag(_MANAGED_ICEBERG)
    else:
        storage["data_source_format"] = (
            "ICEBERG" if table.is_managed_iceberg else table.format_name.upper()
        )
    return storage


def _comment(table: _Table) -> str:
    text = optional_text(table.node, "description") or ""
    persisted = boolean(mapping(table.config.get("persist_docs")), "relation")
    return text if persisted or table.is_pipeline else ""


def _column_comments(table: _Table) -> bool:
    """Return whether the descriptions of columns become their comments."""
    if table.is_pipeline:
        return True
    if table.made_as in {"table", "incremental"} and table.project.flag(_V2):
        return True
    persisted = boolean(mapping(table.config.get("persist_docs")), "columns")
    return persisted and (table.made_as == "seed" or table.format_name in {"delta", "hudi"})


def _owner(table: _Table, existing: Mapping[str, Any]) -> Text:
    """Return who owns the table: as `meta.owner` or the group says, else as the catalog does."""
    for meta in (table.config.get("meta"), table.node.get("meta")):
        owner = mapping(meta).get("owner")
        if isinstance(owner, str) and owner:
            return owner
    group = table.config.get("group") or table.node.get("group")
    if isinstance(group, str):
        return _group_owner(table, group)
    found = mapping(existing.get("metadata")).get("owner")
    return found if isinstance(found, str) and found else UNSET


def _group_owner(table: _Table, name: str) -> str:
    package = required_text(table.node, "package_name")
    for group in map(mapping, table.project.groups.values()):
        if group.get("name") == name and group.get("package_name", package) == package:
            owner = mapping(group.get("owner"))
            for text in (owner.get("name"), owner.get("email")):
                if isinstance(text, str) and text:
                    return text
    return name


def _tags(table: _Table) -> dict[str, str] | msgspec.UnsetType:
    tags = objects(table.config, "databricks_tags")
    if table.made_as == "seed" or not tags:  # a seed is made without them
        return UNSET
    return {name: rendered(value) for name, value in tags.items()}


def _is_python(table: _Table) -> bool:
    return table.node.get("language") == "python"


def _by_flag(flag: str) -> Absence:
    return known_after_apply(
        f"The flag {flag} of dbt_project.yml decides, and that file isn't beside the manifest."
    )


def _forget(part: str, document: dict[str, Any], evidence: dict[str, Absence]) -> None:
    head, _, name = part.partition(".")
    if part == OTHER_PROPERTIES:
        # Nobody sets clustering so: of the properties that aren't known, these two are.
        document["properties"] = {
            key: document["properties"].get(key, none)
            for key, none in ((CLUSTERING_KEYS, "[]"), (CLUSTER_BY_AUTO, "false"))
            if f"properties.{key}" not in evidence
        }
    elif name:
        document[head].pop(name, None)
    else:
        document[head] = UNSET
        for path in [path for path in evidence if path.startswith(f"{head}.")]:
            del evidence[path]
    evidence[part] = _HOOKED
