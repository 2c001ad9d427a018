# The rule over the planned values, with a default for whatever a table may lack: the other usual
# form.
package main

deny contains message if {
	some resource in input.planned_values.root_module.resources
	resource.type == "databricks_sql_table"
	object.get(resource.values, "data_source_format", "DELTA") == "DELTA"
	count(object.get(resource.values, "cluster_keys", [])) == 0
	object.get(object.get(resource.values, "properties", {}), "cluster_exclusion", "false") != "true"
	message := sprintf("%s has no clustering keys", [resource.address])
}
