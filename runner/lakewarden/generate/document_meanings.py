"""What each field of the table document means, in a sentence for anyone who writes a policy.

Keyed by the type's name in the JSON Schema, then by field. `document_page` refuses to generate
the page if a field is missing here or one stands here that no longer exists.
"""

from __future__ import annotations

from typing import Final

MEANINGS: Final[dict[str, dict[str, str]]] = {
    "TableDocument": {
        "full_name": "The table's identity: `catalog.schema.table`. A part that holds a dot, a "
        "blank or a back-quote stands between back-quotes. The parts joined with plain dots, as "
        "Unity Catalog returns them, are read too; anything else is refused. Names that differ in "
        "case alone are one table.",
        "catalog_name": "The first part of the name, without back-quotes.",
        "schema_name": "The second part.",
        "name": "The third part.",
        "table_id": "Unity Catalog's id; the delta source writes the id in the table's log.",
        "table_type": "`MANAGED`, `EXTERNAL`, `VIEW` and so on. Free text, so that a new kind of "
        "table is seen and not refused.",
        "data_source_format": "`DELTA`, `ICEBERG`, `PARQUET` and so on. Free text for the same "
        "reason.",
        "owner": "A user, a group or a service principal; empty where nobody owns the table.",
        "comment": "The table's comment; empty where it has none.",
        "created_at": "When the table was created.",
        "updated_at": "When the table was last changed.",
        "storage_location": "The URI of its files.",
        "properties": "The table properties as Databricks has them; `{}` where it has none. "
        "`clusteringColumns` holds the clustering keys as JSON text, a list of lists of name "
        'parts: `[["address","city"],["id"]]`.',
        "tags": "Unity Catalog's tags, name to value; `{}` where it has none.",
        "columns": "The columns in the table's order.",
        "size": "How much data the current version holds.",
        "detail": "What `DESCRIBE DETAIL` says.",
        "access": "How often the table is read.",
        "predictive_optimization": "Whether Databricks maintains the table by itself, and so "
        "chooses its statistics and, with CLUSTER BY AUTO, its clustering keys.",
        "definition": "Where the table is declared, in a document that was made from a plan; empty "
        "in every other.",
        "evidence": "Why a part is absent: `size`, `columns`, `detail` and so on, or a path in "
        "one, such as `properties.clusteringColumns` or `columns.id.comment`, to the reason. It "
        "never stands beside what it explains, but may stand beside a size that isn't exact.",
    },
    "Column": {
        "name": "The column's name.",
        "type_text": "Its type as SQL spells it: `bigint`, `struct<city:string>`.",
        "type_json": "Its type as JSON text, as Spark serialises it.",
        "nullable": "Whether it may hold nulls.",
        "comment": "The column's comment; empty where it has none.",
        "position": "Its place among the columns, from 0.",
        "partition_index": "Its place among the partition columns, from 0; absent on others.",
        "mask": "Unity Catalog's column mask: the function and the columns that it uses; absent on "
        "columns without one.",
    },
    "Size": {
        "bytes": "The sum over the files of the current version.",
        "files": "The number of these files.",
        "origin": "Who says so.",
        "as_of": "When it was so.",
        "exact": "True where the sum was taken over the files of the latest version. A size that "
        "is not exact decides only outside a guard band and while it is recent.",
    },
    "Detail": {
        "format": "`delta`, in small letters.",
        "id": "The table's id in its log.",
        "name": "The name that the engine knows the table by.",
        "description": "The table's comment.",
        "location": "The URI of its files.",
        "created_at": "When the table was created.",
        "last_modified": "When the latest version was written.",
        "partition_columns": "In their order; empty where the table is not partitioned.",
        "clustering_columns": "Dotted names, back-quoted where needed. Policies use them only "
        "where the property `clusteringColumns` is absent.",
        "cluster_by_auto": "Whether Databricks chooses the clustering keys. Policies use it only "
        "where the property `clusterByAuto` is absent.",
        "num_files": "Files of the current version.",
        "size_in_bytes": "Their bytes.",
        "properties": "The properties as `DESCRIBE DETAIL` lists them.",
        "min_reader_version": "The Delta protocol that a reader must know.",
        "min_writer_version": "The Delta protocol that a writer must know.",
        "table_features": "Features that the protocol lists, or that its version implies.",
        "statistics": "Figures that Databricks adds, such as `numDeletionVectors`, as text.",
    },
    "Access": {
        "reads": "Reads within the window.",
        "readers": "Different readers within the window.",
        "window_days": "The length of the window.",
        "last_read_at": "The latest read that is known.",
    },
    "PredictiveOptimization": {
        "enabled": "Whether it is on for this table: the effective flag, whatever sets it. False "
        "for an external table, which Databricks doesn't maintain.",
        "inherited_from": "The kind and name of the object that sets it, such as `CATALOG main`; "
        "absent where the table itself does.",
    },
    "Definition": {
        "tool": "What declares the table.",
        "address": "The tool's own name of the declaration: a resource's address, a dbt node's id, "
        "or the kind of statement.",
        "file": "The file that holds it, where that is known.",
        "line": "Its line in that file, from 1.",
        "action": "What applying the plan does to the table, where the tool says so. The document "
        "describes the table as it is afterwards.",
    },
    "Absence": {
        "status": "`not_requested`: nobody asked. `denied`: the right to see it is lacking. "
        "`failed`: asking failed. `unsupported`: this source can't have it, or this kind of "
        "table has none. `known_after_apply`: a plan will only know it once it is applied.",
        "reason": "The same for a person.",
    },
}
