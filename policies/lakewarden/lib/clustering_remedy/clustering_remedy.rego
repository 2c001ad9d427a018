# METADATA
# title: How to change a table's clustering
# description: What the owner has to do, which depends on what kind of table it is.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
package lakewarden.lib.clustering_remedy

# METADATA
# description: How to give the table a clustering strategy.
cluster := sprintf("Add CLUSTER BY AUTO, or CLUSTER BY with its keys, to the definition of this %s.", [kind]) if {
	kind := _defined[input.table_type]
} else := sprintf("A partitioned table cannot be altered to liquid clustering: write it anew with CREATE OR REPLACE TABLE %s CLUSTER BY.", [input.full_name]) if {
	_partitioned
} else := sprintf("Use ALTER TABLE %s CLUSTER BY AUTO, or CLUSTER BY with its keys.", [input.full_name]) if {
	input.table_type == "MANAGED"
} else := sprintf("Use ALTER TABLE %s CLUSTER BY with its keys.", [input.full_name])

# METADATA
# description: How to choose other clustering keys.
rekey := sprintf("Change CLUSTER BY in the definition of this %s.", [kind]) if {
	kind := _defined[input.table_type]
} else := sprintf("Choose other keys with ALTER TABLE %s CLUSTER BY.", [input.full_name])

_defined := {
	"MATERIALIZED_VIEW": "materialized view",
	"STREAMING_TABLE": "streaming table",
}

_partitioned if count(input.detail.partition_columns) > 0

_partitioned if {
	some column in input.columns
	is_number(column.partition_index)
}
