"""One Delta table, read into a document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from obstore.store import ObjectStore

from lakewarden_collector.document import (
    CLUSTERING_KEYS,
    Detail,
    PredictiveOptimization,
    Size,
    TableDocument,
)
from lakewarden_collector.document_rules import same_column
from lakewarden_collector.names import spark_name
from lakewarden_collector.sources.delta.clustering import FEATURE, Keys, clustering_keys
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.fault import NoTableError, TableFaultError, damaged_file
from lakewarden_collector.sources.delta.file_key import TableRoot
from lakewarden_collector.sources.delta.log_actions import (
    COMMIT_INFO,
    actions,
    as_text,
    statement,
)
from lakewarden_collector.sources.delta.log_files import LogSegment
from lakewarden_collector.sources.delta.memory import MemoryBudget, Share
from lakewarden_collector.sources.delta.protocol import table_features
from lakewarden_collector.sources.delta.replay import read_log
from lakewarden_collector.sources.delta.stores import local_path, open_store
from lakewarden_collector.spark_schema import document_columns, schema_fields
from lakewarden_collector.times import EPOCH, moment_of_millis, rfc3339

_IN_COMMIT_TIMESTAMPS: Final = "delta.enableInCommitTimestamps"
_MALFORMED: Final = (
    msgspec.MsgspecError,
    UnicodeError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
)
_LATEST: Final = timedelta(days=1)
"""How far in the future a time may lie, since clocks differ."""


def read_document(entry: Entry, now: datetime, budget: MemoryBudget) -> TableDocument:
    """Read the latest state of one table; `now` is what the size is dated with.

    Raises `TableFaultError` and obstore's errors.
    """
    path = local_path(entry.uri)
    if path is not None and not path.is_dir():
        raise NoTableError("there is no such folder", remedy="Correct its path, or remove it.")
    root = TableRoot.of(entry.uri) if path is None else TableRoot.of_folder(str(path))
    store = open_store(entry.uri)
    with budget.share() as share:
        state = read_log(store, root, share)
        metadata, protocol, total = state.metadata, state.protocol, state.total
        configuration = _configuration(metadata.configuration or {})
        in_commit = _in_commit_millis(store, state.segment, configuration, share)
    features = table_features(protocol)
    partition_columns = metadata.partition_columns or []
    try:
        fields = schema_fields(
            None if metadata.schema_string is None else as_text(metadata.schema_string)
        )
        columns = document_columns(fields, partition_columns)
    except _MALFORMED as error:
        raise damaged_file(f"{state.metadata_at} (schemaString)", error) from error
    if fault := same_column(column.name for column in columns):
        raise TableFaultError(
            fault,
            where=f"{state.metadata_at} (schemaString)",
            remedy="Rename one of the two with the engine that wrote them; Databricks would not "
            "read the table, either.",
        )
    keys: Keys | None = None
    if FEATURE in features and state.clustering is not None:
        keys = clustering_keys(state.clustering.configuration, state.clustering_at, fields)
    created_at = _moment(metadata.created_time, now)
    last_modified = _within(state.segment.last_modified, now)
    description = _text(metadata.description)
    location = entry.uri if path is None else path.as_uri()
    catalog_name, schema_name, name = entry.parts
    return TableDocument(
        full_name=entry.full_name,
        catalog_name=catalog_name,
        schema_name=schema_name,
        name=name,
        table_id=_text(metadata.id),
        table_type=entry.declared.table_type,
        data_source_format=entry.declared.data_source_format,
        owner=entry.declared.owner,
        comment=description or "",
        created_at=created_at,
        updated_at=last_modified if in_commit is None else _moment(in_commit, now),
        storage_location=location,
        properties=_properties(configuration, keys),
        columns=columns,
        predictive_optimization=PredictiveOptimization(enabled=False),
        size=Size(
            bytes=total.bytes,
            files=total.files,
            origin="delta_log",
            as_of=rfc3339(now),
            exact=True,
        ),
        detail=Detail(
            format="delta",
            id=_text(metadata.id),
            name=_text(metadata.name),
            description=description,
            location=location,
            created_at=created_at,
            last_modified=last_modified,
            partition_columns=partition_columns,
            clustering_columns=[spark_name(key) for key in keys or ()],
            num_files=total.files,
            size_in_bytes=total.bytes,
            properties=configuration,
            min_reader_version=protocol.min_reader_version,
            min_writer_version=protocol.min_writer_version,
            table_features=features,
        ),
    )


def _configuration(given: dict[str, Any]) -> dict[str, str]:
    """Return the table's properties as text, sorted; null sets none."""
    return {key: as_text(value) for key, value in sorted(given.items()) if value is not None}


def _properties(configuration: dict[str, str], keys: Keys | None) -> dict[str, str]:
    properties = {k: v for k, v in configuration.items() if k != CLUSTERING_KEYS}
    if keys is not None:
        properties[CLUSTERING_KEYS] = msgspec.json.encode(keys).decode()
    return properties


def _in_commit_millis(
    store: ObjectStore, segment: LogSegment, configuration: dict[str, str], share: Share
) -> Any:  # noqa: ANN401 -- whatever the writer put there
    """Return the time that the last commit carries in itself, where the table has such times.

    Copying a table keeps it, unlike the file's time, which `DESCRIBE DETAIL` prints all the same.
    """
    if configuration.get(_IN_COMMIT_TIMESTAMPS, "").lower() != "true" or segment.newest is None:
        return None
    try:
        for where, action in actions(store, segment.newest.path, share):
            found = statement(action.commit_info, where)
            return None if found is None else found.read(COMMIT_INFO).in_commit_timestamp
    except (TableFaultError, FileNotFoundError):
        return None  # a checkpoint of this version did without the commit, and so does the table
    return None


def _moment(millis: Any, now: datetime) -> str | UnsetType:  # noqa: ANN401 -- whatever the log holds
    if not isinstance(millis, int) or millis < 0:
        return UNSET
    try:
        return _within(moment_of_millis(millis), now)
    except OverflowError:
        return UNSET


def _within(moment: datetime, now: datetime) -> str | UnsetType:
    """Return a moment as text; one that cannot be is not known."""
    return rfc3339(moment) if EPOCH <= moment <= now + _LATEST else UNSET


def _text(value: Any) -> str | UnsetType:  # noqa: ANN401 -- whatever the log holds
    return value if isinstance(value, str) else UNSET
