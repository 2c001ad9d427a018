# METADATA
# title: Tables have no more clustering keys than allowed
# description: >-
#   Each additional key weakens the others, and Databricks doesn't allow more than four. The limit is
#   the setting max_clustering_columns. The policy doesn't apply to tables without readable keys.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering#choose-clustering-keys
# custom:
#   severity: medium
#   enforcement: mandatory
#   why: >-
#     Files are arranged by all keys together, so each additional key weakens the others. A query
#     that filters by one column then skips fewer files than it would with a single key.
#   remediation: >-
#     Keep the keys that most queries filter by. Name only those in ALTER TABLE … CLUSTER BY, or in
#     the definition of a streaming table, materialized view or planned table.
#   examples:
#     before: {properties: {clusteringColumns: '[["order_id"],["ordered_on"],["city"],["status"],["note"]]'}}
#     after: {properties: {clusteringColumns: '[["ordered_on"],["city"]]'}}
package lakewarden.tables.clustering.key_limit

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in keys.lacking

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It has no readable clustering keys." if {
	keys.known
	_count == 0
}

pass contains sprintf("It has %d of at most %d clustering keys.", [_count, _limit]) if {
	_count <= _limit
}

deny contains {"message": message, "expected": expected, "actual": _count, "fixes": alternatives} if {
	_count > _limit
	expected := sprintf("at most %d clustering keys", [_limit])
	message := sprintf("%s has %d clustering keys, but at most %d are allowed, because each additional key weakens the others.", [
		input.full_name,
		_count,
		_limit,
	])
	alternatives := fixes.rekey(array.slice(keys.columns, 0, _limit), true)
}

_count := count(keys.columns)

_limit := settings.max_clustering_columns
