# The same rule by somebody who knows the format of a plan: null, empty and unknown values are told
# apart, every action but delete counts, and what is known only after apply is a warning.
package main

deny contains message if {
	some table in _tables
	_clustered(table) == "no"
	_excluded(table) == "no"
	message := sprintf("%s has no clustering keys", [table.address])
}

warn contains message if {
	some table in _tables
	states := {_clustered(table), _excluded(table)}
	"unknown" in states
	not "yes" in states
	message := sprintf("%s may have no clustering keys: that is known only after apply", [table.address])
}

_tables contains resource if {
	some resource in input.resource_changes
	resource.mode == "managed"
	resource.type == "databricks_sql_table"
	resource.change.after != null
	not resource.change.after.table_type == "VIEW"
	_delta(resource.change.after)
}

_delta(after) if object.get(after, "data_source_format", null) == null

_delta(after) if lower(after.data_source_format) == "delta"

_clustered(table) := "unknown" if {
	_after_apply(table, "cluster_keys")
} else := "yes" if {
	count(table.change.after.cluster_keys) > 0
	table.change.after.cluster_keys != ["NONE"]
} else := "no"

_excluded(table) := "unknown" if {
	_after_apply(table, "properties")
} else := "yes" if {
	table.change.after.properties.cluster_exclusion == "true"
} else := "no"

# True for a value of which any part is known only after apply.
_after_apply(table, attribute) if {
	some path, value
	walk(table.change.after_unknown[attribute], [path, value])
	value == true
}
