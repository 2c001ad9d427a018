# METADATA
# title: Clustering keys are columns of the table
# description: >-
#   The first part of each clustering key names a column, in any case, and the property
#   clusteringColumns can be read. A key that isn't a column has no effect.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: high
#   enforcement: mandatory
#   why: >-
#     The table looks clustered but isn't: queries that filter by the intended columns read every
#     file, and nobody looks for the reason here.
#   remediation: >-
#     Name columns that exist in ALTER TABLE … CLUSTER BY, or in the definition of a streaming table,
#     materialized view or planned table. Don't set the property clusteringColumns by hand.
#   examples:
#     before: {properties: {clusteringColumns: '[["region"]]'}}
#     after: {properties: {clusteringColumns: '[["city"]]'}}
package lakewarden.tables.clustering.keys_exist

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.names

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in keys.lacking

needs contains "columns" if {
	count(keys.columns) > 0
	not _known
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It has no clustering keys." if {
	keys.known
	count(keys.columns) == 0
	not keys.unreadable
}

pass contains "Each clustering key is a column." if {
	count(keys.columns) > 0
	every key in keys.columns {
		_columns[lower(key[0])]
	}
}

deny contains {"message": message, "expected": "a column of the table", "actual": name, "key": names.in_sql(key), "fixes": _fixes} if {
	some key in keys.columns
	column := lower(key[0])
	not _columns[column]
	name := names.dotted(key)
	message := sprintf("%s is clustered by %s but has no column %s, so this key has no effect.", [
		input.full_name,
		name,
		key[0],
	])
}

deny contains {"message": message, "expected": _form, "actual": keys.unreadable.text, "fixes": _fixes} if {
	message := sprintf("The %s of %s can't be read, so it's unclear what the table is clustered by.", [
		keys.unreadable.place,
		input.full_name,
	])
}

_fixes := fixes.rekey([key | some key in keys.columns; _columns[lower(key[0])]], true)

_known if is_array(input.columns)

_columns := {lower(column.name) | some column in input.columns}

_form := `JSON, a list of keys that are lists of name parts, such as [["id"],["address","city"]]`
