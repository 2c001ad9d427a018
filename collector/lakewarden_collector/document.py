"""The table document: what Lakewarden knows about one table.

Field names are Unity Catalog's (REST `tables` resource). Two rules hold everywhere:

* Unknown is absent, never null. Optional leaves default to `UNSET`, which the encoder drops;
  null is refused on reading, because Rego orders null below every number and a null size would
  make each table a small one.
* Nested objects are always present. OPA's type checker can only refuse a misspelt field of an
  object that is never null.

`policies/schemas/table.json` is generated from these types.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from lakewarden_collector.document_rules import (
    MOST,
    check_columns,
    check_counts,
    check_evidence,
    check_nesting,
    check_times,
    check_values,
    checked_name,
)

SCHEMA_VERSION: Final = 1

CLUSTERING_KEYS: Final = "clusteringColumns"
"""The property that holds the clustering keys, as Unity Catalog writes them: JSON text, a list of
lists of name parts."""

CLUSTER_BY_AUTO: Final = "clusterByAuto"
"""The property that is `true` where Databricks chooses the keys."""

Text = str | UnsetType
"""Free text; absent where unknown."""

Count = Annotated[int, Meta(ge=0, le=MOST)]
"""A number of things, zero or more, that 64 bits hold."""

Timestamp = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$",
        description="RFC 3339 text in UTC, for example 2026-11-23T05:10:00Z",
    ),
]

NonEmpty = Annotated[str, Meta(min_length=1)]

SizeOrigin = Literal["describe_detail", "delta_log", "metrics_history"]

EvidenceStatus = Literal["not_requested", "denied", "failed", "unsupported", "known_after_apply"]

DefinitionTool = Literal["terraform", "dbt", "sql"]

TOOLS: Final = frozenset[str](get_args(DefinitionTool))
"""The tools that declare tables, which are also the kinds of sources that read plans."""

Action = Literal["create", "update", "replace", "delete", "no-op"]


class Column(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column, as Unity Catalog's `ColumnInfo` describes it."""

    name: str
    type_text: Text = UNSET
    type_json: Text = UNSET
    nullable: bool | UnsetType = UNSET
    comment: Text = UNSET
    position: Count | UnsetType = UNSET
    partition_index: Count | UnsetType = UNSET
    mask: dict[str, Any] | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_values(self)
        check_counts(self.position, self.partition_index)
        if self.mask is not UNSET:
            check_nesting(self.mask)


class Size(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bytes and files of the table's current version, without history.

    `exact` is true where the figure is the sum over the active files of the latest snapshot
    (`DESCRIBE DETAIL`, the Delta log); daily metrics are not exact.
    """

    bytes: Count | UnsetType = UNSET
    files: Count | UnsetType = UNSET
    origin: SizeOrigin | UnsetType = UNSET
    as_of: Timestamp | UnsetType = UNSET
    exact: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_values(self)
        check_counts(self.bytes, self.files)
        check_times(as_of=self.as_of)


class Detail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `DESCRIBE DETAIL`, column names in snake_case.

    `clustering_columns` are dotted, back-quoted logical names (`a.b`), unlike the
    `clusteringColumns` property, which is JSON.
    """

    format: Text = UNSET
    id: Text = UNSET
    name: Text = UNSET
    description: Text = UNSET
    location: Text = UNSET
    created_at: Timestamp | UnsetType = UNSET
    last_modified: Timestamp | UnsetType = UNSET
    partition_columns: list[str] | UnsetType = UNSET
    clustering_columns: list[str] | UnsetType = UNSET
    cluster_by_auto: bool | UnsetType = UNSET
    num_files: Count | UnsetType = UNSET
    size_in_bytes: Count | UnsetType = UNSET
    properties: dict[str, str] | UnsetType = UNSET
    min_reader_version: Count | UnsetType = UNSET
    min_writer_version: Count | UnsetType = UNSET
    table_features: list[str] | UnsetType = UNSET
    statistics: dict[str, str] | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_values(self)
        check_counts(
            self.num_files, self.size_in_bytes, self.min_reader_version, self.min_writer_version
        )
        check_times(created_at=self.created_at, last_modified=self.last_modified)


class Access(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the table was read within the last `window_days`."""

    reads: Count | UnsetType = UNSET
    readers: Count | UnsetType = UNSET
    window_days: Count | UnsetType = UNSET
    last_read_at: Timestamp | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_values(self)
        check_counts(self.reads, self.readers, self.window_days)
        check_times(last_read_at=self.last_read_at)


class PredictiveOptimization(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether Databricks maintains the table by itself, as Unity Catalog's effective flag says.

    `inherited_from` is the kind and the name of the object that decides, such as `CATALOG main`;
    absent where the table itself does. An external table has none: `enabled` is false.
    https://docs.databricks.com/optimizations/predictive-optimization
    """

    enabled: bool | UnsetType = UNSET
    inherited_from: Text = UNSET

    def __post_init__(self) -> None:
        check_values(self)


class Definition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a planned table is declared, and what applying the plan does to it.

    `address` is the tool's own name of the declaration, such as
    `module.sales.databricks_sql_table.orders["eu"]` or `model.shop.orders`. `file` is a path as it
    was given or as the tool wrote it, `line` counts from 1.
    """

    tool: DefinitionTool | UnsetType = UNSET
    address: Text = UNSET
    file: Text = UNSET
    line: Annotated[int, Meta(ge=1, le=MOST)] | UnsetType = UNSET
    action: Action | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_values(self)
        check_counts(self.line)

    @property
    def file_line(self) -> str:
        """File and line, so far as known: `main.tf:12`."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file or ""

    @property
    def place(self) -> str:
        """Address, file and line, so far as known: `databricks_sql_table.orders in main.tf:12`."""
        return " in ".join(filter(None, (self.address or "", self.file_line)))


class Absence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a kind of evidence is not in the document."""

    status: EvidenceStatus
    reason: Text = UNSET

    def __post_init__(self) -> None:
        check_values(self)


class TableDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything one collection learned about one table.

    Absent means not known, for every part; what is known to be nothing is there and empty.
    `evidence` explains absence only: its keys are kinds of evidence (`size`, `columns`, …) whose
    value is not there, or paths in them (`properties.clusteringColumns`, `columns.id.comment`). It
    may stand beside a size that isn't exact. `full_name` agrees with the parts and is made of them.
    No two columns have names that differ only in case.

    Raises `ValueError` for values that break these rules, whether it is made or read.
    """

    full_name: NonEmpty
    catalog_name: NonEmpty
    schema_name: NonEmpty
    name: NonEmpty
    table_id: Text = UNSET
    table_type: Text = UNSET
    data_source_format: Text = UNSET
    owner: Text = UNSET
    comment: Text = UNSET
    created_at: Timestamp | UnsetType = UNSET
    updated_at: Timestamp | UnsetType = UNSET
    storage_location: Text = UNSET
    properties: dict[str, str] | UnsetType = UNSET
    tags: dict[str, str] | UnsetType = UNSET
    columns: list[Column] | UnsetType = UNSET
    size: Size = Size()
    detail: Detail = Detail()
    access: Access = Access()
    predictive_optimization: PredictiveOptimization = PredictiveOptimization()
    definition: Definition = Definition()
    evidence: dict[str, Absence] = {}

    def __post_init__(self) -> None:
        check_values(self)
        parts = (self.catalog_name, self.schema_name, self.name)
        structs.force_setattr(self, "full_name", checked_name(self.full_name, parts))
        check_times(created_at=self.created_at, updated_at=self.updated_at)
        for texts in (self.properties, self.tags):
            if texts is not UNSET:
                check_nesting(texts, 1)
        if self.columns is not UNSET:
            check_columns(column.name for column in self.columns)
        if self.evidence:
            check_evidence(self.evidence, structs.asdict(self))

    def times(self) -> Iterator[tuple[str, str]]:
        """Yield every time in the document with its JSON path."""
        for path, text in (
            ("created_at", self.created_at),
            ("updated_at", self.updated_at),
            ("size.as_of", self.size.as_of),
            ("detail.created_at", self.detail.created_at),
            ("detail.last_modified", self.detail.last_modified),
            ("access.last_read_at", self.access.last_read_at),
        ):
            if text is not UNSET:
                yield f"$.{path}", text


class EncodedDocument(Struct, frozen=True, gc=False):
    """A document as JSON on one line, without its end, and whose it is."""

    full_name: str
    data: bytes


_encode: Final = msgspec.json.Encoder().encode


def encoded(document: TableDocument | EncodedDocument) -> EncodedDocument:
    """Return a document as JSON, made now unless it is JSON already."""
    if isinstance(document, EncodedDocument):
        return document
    return EncodedDocument(document.full_name, _encode(document))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `TableDocument`."""
    return msgspec.json.schema(TableDocument)
