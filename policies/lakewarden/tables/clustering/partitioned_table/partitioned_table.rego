# METADATA
# title: Only very large tables are partitioned
# description: >-
#   A partitioned Delta table smaller than partition_min_bytes should move to liquid clustering, and
#   no table has both partitions and liquid clustering. The policy doesn't apply to tables without
#   partitions, or to managed Iceberg tables, whose partitions are clustering keys.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/tables/partitions
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     Partitions cut a table of this size into many small files, and queries that filter by other
#     columns read them all. With liquid clustering you can change the keys later, but a partitioned
#     table can't have it.
#   remediation: >-
#     Convert the table with ALTER TABLE … REPLACE PARTITIONED BY WITH CLUSTER BY (Databricks Runtime
#     18.1 and newer), or rewrite it with CLUSTER BY. Change the definition of a streaming table,
#     materialized view or planned table.
#   examples:
#     before:
#       columns: [{name: order_id, comment: ""}, {name: ordered_on, comment: "", partition_index: 0}]
#       detail: {partition_columns: [ordered_on]}
#     after:
#       columns: [{name: order_id, comment: ""}, {name: ordered_on, comment: "", partition_index: 0}]
#       detail: {partition_columns: [ordered_on]}
#       size: {bytes: 1099511627776, exact: true}
package lakewarden.tables.clustering.partitioned_table

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.partitioning
import data.lakewarden.lib.size
import data.lakewarden.lib.table_type
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains "columns" if not partitioning.known

needs contains evidence if {
	not _unpartitioned
	some evidence in clustering.unknown_declared_liquid
}

needs contains evidence if {
	partitioning.partitioned
	not clustering.declared_liquid
	count(clustering.unknown_declared_liquid) == 0
	some evidence in clustering.unknown_below(settings.partition_min_bytes)
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It isn't partitioned." if _unpartitioned

not_applicable contains reason if {
	clustering.clusterable
	not table_type.delta
	reason := sprintf("The partitions of a table in the format %s are its clustering keys.", [input.data_source_format])
}

pass contains reason if {
	partitioning.partitioned
	not clustering.declared_liquid
	_below == false
	reason := sprintf("It is partitioned and %s.", [_enough])
}

deny contains {"message": message, "expected": expected, "actual": _actual, "fixes": fixes.cluster} if {
	partitioning.partitioned
	not clustering.declared_liquid
	_below
	expected := sprintf("at least %s in a partitioned table", [_limit])
	message := sprintf("%s is partitioned by %s but %s; below %s, liquid clustering works better.", [
		input.full_name,
		partitioning.text,
		_little,
		_limit,
	])
}

deny contains {"message": message, "expected": "partitions or liquid clustering", "actual": "both", "key": "liquid clustering", "fixes": fixes.cluster} if {
	partitioning.partitioned
	clustering.declared_liquid
	message := sprintf("%s is partitioned by %s and has liquid clustering, but a table can't have both, so one of the two must be wrong.", [
		input.full_name,
		partitioning.text,
	])
}

_unpartitioned if {
	partitioning.known
	not partitioning.partitioned
}

_enough := sprintf("holds %s, at least %s", [size.of_table, _limit]) if not clustering.assumed_size

else := clustering.counted

_little := sprintf("holds only %s", [size.of_table]) if not clustering.assumed_size

else := clustering.counted

_actual := size.of_table if not clustering.assumed_size

else := sprintf("counts as %s", [clustering.assumed_size])

_below := clustering.below(settings.partition_min_bytes)

_limit := size.format(settings.partition_min_bytes)
