# The rule as the examples in Conftest's documentation teach it: what should be there is negated.
package main

deny contains message if {
	some resource in input.resource_changes
	resource.type == "databricks_sql_table"
	"create" in resource.change.actions
	resource.change.after.data_source_format == "DELTA"
	not resource.change.after.cluster_keys
	not resource.change.after.properties.cluster_exclusion == "true"
	message := sprintf("%s has no clustering keys", [resource.address])
}
