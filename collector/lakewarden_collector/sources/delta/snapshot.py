"""One Delta table, read into a document."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from msgspec import UNSET, UnsetType
from obstore.store import ObjectStore

from lakewarden_collector.document import Column, Detail, Size, TableDocument
from lakewarden_collector.names import spark_name
from lakewarden_collector.sources.delta.clustering import FEATURE, Keys, clustering_keys
from lakewarden_collector.sources.delta.columns import document_columns, schema_fields
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.features import table_features
from lakewarden_collector.sources.delta.log_actions import in_commit_timestamp
from lakewarden_collector.sources.delta.log_files import LogSegment, read_segment
from lakewarden_collector.sources.delta.stores import delta_rs_options, local_path, open_store
from lakewarden_collector.times import rfc3339, rfc3339_of_millis

CLUSTERING_PROPERTY: Final = "clusteringColumns"
"""Unity Catalog's property; in a log's own configuration the name is reserved and means nothing."""

_IN_COMMIT_TIMESTAMPS: Final = "delta.enableInCommitTimestamps"


def read_document(entry: Entry, now: datetime) -> TableDocument:
    """Read the latest snapshot of one table; `now` is what the size is dated with.

    Raises `TableFaultError` and the errors of delta-rs, obstore and pyarrow.
    """
    path = local_path(entry.uri)
    table = DeltaTable(path) if path else DeltaTable(entry.uri, storage_options=delta_rs_options())
    store = open_store(entry.uri)
    segment = read_segment(store, table.version())
    metadata = table.metadata()
    table_id = str(metadata.id)
    protocol = table.protocol()
    configuration = dict(sorted(metadata.configuration.items()))
    partition_columns = list(metadata.partition_columns)
    features = table_features(
        protocol.min_reader_version,
        protocol.min_writer_version,
        [*(protocol.reader_features or ()), *(protocol.writer_features or ())],
    )
    fields = schema_fields(table.schema().to_json())
    keys = clustering_keys(store, segment, fields) if FEATURE in features else None
    columns: list[Column] = document_columns(fields, partition_columns)
    size_in_bytes, files = _active_files(table)
    created_at = _moment(metadata.created_time)
    last_modified = UNSET if segment.last_modified is None else rfc3339(segment.last_modified)
    in_commit = _in_commit_time(store, segment, configuration)
    comment = _text(metadata.description)
    location = entry.uri if path is None else path.as_uri()
    catalog_name, schema_name, name = entry.parts
    return TableDocument(
        full_name=entry.full_name,
        catalog_name=catalog_name,
        schema_name=schema_name,
        name=name,
        table_id=table_id,
        table_type=entry.declared.table_type,
        data_source_format=entry.declared.data_source_format,
        owner=entry.declared.owner,
        comment=comment,
        created_at=created_at,
        updated_at=last_modified if in_commit is UNSET else in_commit,
        storage_location=location,
        properties=_properties(configuration, keys),
        columns=columns,
        size=Size(
            bytes=size_in_bytes,
            files=files,
            origin="delta_log",
            as_of=rfc3339(now),
            exact=True,
        ),
        detail=Detail(
            format="delta",
            id=table_id,
            name=_text(metadata.name),
            description=comment,
            location=location,
            created_at=created_at,
            last_modified=last_modified,
            partition_columns=partition_columns,
            clustering_columns=[spark_name(key) for key in keys or ()],
            num_files=files,
            size_in_bytes=size_in_bytes,
            properties=configuration,
            min_reader_version=protocol.min_reader_version,
            min_writer_version=protocol.min_writer_version,
            table_features=features,
        ),
    )


def _active_files(table: DeltaTable) -> tuple[int, int]:
    """Return the bytes and the number of the files that the snapshot consists of."""
    sizes = pa.chunked_array(table.get_add_actions().column("size_bytes"))
    return pc.sum(sizes, min_count=0).as_py(), len(sizes)


def _properties(configuration: dict[str, str], keys: Keys | None) -> dict[str, str]:
    properties = {k: v for k, v in configuration.items() if k != CLUSTERING_PROPERTY}
    if keys is not None:
        properties[CLUSTERING_PROPERTY] = msgspec.json.encode(keys).decode()
    return properties


def _in_commit_time(
    store: ObjectStore, segment: LogSegment, configuration: dict[str, str]
) -> str | UnsetType:
    """Return the time that the last commit carries in itself, where the table has such times.

    Copying a table keeps it, unlike the file's time, which `DESCRIBE DETAIL` prints all the same.
    """
    if configuration.get(_IN_COMMIT_TIMESTAMPS, "").lower() != "true" or segment.newest is None:
        return UNSET
    return _moment(in_commit_timestamp(store, segment.newest.path))


def _moment(millis: int | None) -> str | UnsetType:
    if millis is None:
        return UNSET
    try:
        return rfc3339_of_millis(millis)
    except OverflowError:
        return UNSET


def _text(value: str | None) -> str | UnsetType:
    return UNSET if value is None else value
