# METADATA
# title: CLUSTER BY AUTO is used where it works
# description: >-
#   Databricks chooses clustering keys for managed tables, streaming tables and materialized views
#   only. Tables without CLUSTER BY AUTO are not concerned.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering#automatic-liquid-clustering
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     On an external table nothing ever chooses keys, so the table stays unclustered while
#     everybody believes that it is taken care of.
#   remediation: Name the keys in ALTER TABLE … CLUSTER BY, or make the table a managed one.
#   settings: []
#   examples:
#     before: {table_type: EXTERNAL, properties: {clusterByAuto: "true"}}
#     after: {table_type: MANAGED, properties: {clusterByAuto: "true"}}
package lakewarden.tables.clustering.auto_possible

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_remedy as remedy

needs contains kind if some kind in clustering.unknown_kind

needs contains kind if some kind in clustering.unknown_automatic

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It has no CLUSTER BY AUTO." if {
	count(clustering.unknown_automatic) == 0
	not clustering.automatic
}

pass contains sprintf("Databricks can choose the keys of a table of type %s.", [input.table_type]) if {
	clustering.automatic
	_possible
}

deny contains {"message": message, "expected": expected, "actual": input.table_type} if {
	clustering.automatic
	not _possible
	expected := sprintf("a table of type %s", [concat(", ", _types)])
	message := sprintf("%s has CLUSTER BY AUTO, but Databricks chooses no keys for a table of type %s, so this clusters nothing. %s", [
		input.full_name,
		input.table_type,
		remedy.cluster,
	])
}

_possible if input.table_type in _types

_types := {"MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"}
