# METADATA
# title: CLUSTER BY AUTO is used only where it works
# description: >-
#   Databricks chooses clustering keys only for managed tables, streaming tables and materialized
#   views, and only where predictive optimization is on. A table that already has keys passes. The
#   policy doesn't apply to tables without CLUSTER BY AUTO.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering#automatic-liquid-clustering
#   - ref: https://docs.databricks.com/optimizations/predictive-optimization
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     On an external table, or without predictive optimization, nothing ever chooses keys. The table
#     stays unclustered while everyone believes it's taken care of.
#   remediation: >-
#     Turn on predictive optimization for the table, its schema or its catalog; or name the keys with
#     ALTER TABLE … CLUSTER BY; or convert an external table to a managed one.
#   examples:
#     before: {table_type: EXTERNAL, properties: {clusterByAuto: "true"}}
#     after:
#       table_type: MANAGED
#       properties: {clusterByAuto: "true"}
#       predictive_optimization: {enabled: true}
package lakewarden.tables.clustering.auto_possible

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.predictive_optimization

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in clustering.unknown_automatic

needs contains "predictive_optimization" if {
	_left_to_databricks
	not predictive_optimization.known
}

needs contains evidence if {
	_left_to_databricks
	not predictive_optimization.enabled
	some evidence in keys.lacking
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It doesn't use CLUSTER BY AUTO." if {
	count(clustering.unknown_automatic) == 0
	not clustering.automatic
}

pass contains sprintf("Databricks can choose keys for a table of type %s.", [input.table_type]) if {
	clustering.automatic
	_possible
	predictive_optimization.enabled
}

pass contains "It already has clustering keys." if {
	clustering.automatic
	_possible
	count(keys.columns) > 0
}

deny contains {"message": message, "expected": expected, "actual": "off", "key": "predictive optimization", "fixes": fixes.cluster} if {
	_left_to_databricks
	keys.known
	predictive_optimization.off
	expected := "predictive optimization, or clustering keys"
	message := sprintf("%s has CLUSTER BY AUTO, but predictive optimization is off%s, so nothing chooses its keys and it stays unclustered.", [
		input.full_name,
		_origin,
	])
}

deny contains {"message": message, "expected": expected, "actual": input.table_type, "fixes": array.concat(fixes.cluster, fixes.manage)} if {
	clustering.automatic
	not _possible
	expected := sprintf("a table of type %s", [concat(", ", _types)])
	message := sprintf("%s has CLUSTER BY AUTO, but Databricks doesn't choose keys for a table of type %s, so it stays unclustered.", [
		input.full_name,
		input.table_type,
	])
}

# No key is known, so all hangs on whether Databricks chooses some.
_left_to_databricks if {
	clustering.automatic
	_possible
	count(keys.columns) == 0
}

_origin := sprintf(" (inherited from %s)", [input.predictive_optimization.inherited_from]) if {
	is_string(input.predictive_optimization.inherited_from)
} else := ""

_possible if input.table_type in _types

_types := {"MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"}
