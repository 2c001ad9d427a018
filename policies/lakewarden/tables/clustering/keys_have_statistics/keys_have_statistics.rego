# METADATA
# title: Clustering keys have file statistics
# description: >-
#   Each clustering key names a column, or a field of a struct, of a type that can be a key: dates,
#   timestamps, strings and numbers. And Delta keeps statistics for it: it is among the leaves of the
#   schema that delta.dataSkippingStatsColumns names, or among the first
#   delta.dataSkippingNumIndexedCols. If neither is set, predictive optimization chooses the columns,
#   wherever they are; without it, they are the first 32 leaves. The policy doesn't apply to tables
#   without readable keys.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering#choose-clustering-keys
#   - ref: https://docs.databricks.com/delta/data-skipping
#   - ref: https://docs.databricks.com/optimizations/predictive-optimization
# custom:
#   severity: high
#   enforcement: mandatory
#   why: >-
#     Clustering pays off because queries skip files by the smallest and largest values in them. For a
#     key without these statistics, no query can skip a file, so clustering by it is wasted work.
#   remediation: >-
#     Cluster by other columns; or name the key in delta.dataSkippingStatsColumns, then compute the
#     statistics with ANALYZE TABLE … COMPUTE DELTA STATISTICS; or turn on predictive optimization.
#   examples:
#     before:
#       properties: {clusteringColumns: '[["city"]]', delta.dataSkippingStatsColumns: "order_id,status"}
#     after:
#       properties: {clusteringColumns: '[["city"]]', delta.dataSkippingStatsColumns: "order_id,city"}
package lakewarden.tables.clustering.keys_have_statistics

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.file_statistics as statistics
import data.lakewarden.lib.names
import data.lakewarden.lib.schema_leaves as schema
import data.lakewarden.lib.statistics_fixes
import data.lakewarden.lib.table_type

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in keys.lacking

needs contains evidence if {
	count(keys.columns) > 0
	some evidence in statistics.lacking
}

needs contains "columns" if {
	count(keys.columns) > 0
	not schema.columns
}

needs contains "columns" if {
	count(statistics.lacking) == 0
	count(_undecided) > 0
}

needs contains "predictive_optimization" if {
	statistics.undecided
	some [_, leaf, at, index] in _leaves
	_eligible[leaf.type]
	statistics.number(at, index) > statistics.limit
}

needs contains "predictive_optimization" if {
	statistics.undecided
	count(_uncounted) > 0
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "Which columns have file statistics is known only for Delta tables." if {
	clustering.clusterable
	not table_type.delta
}

not_applicable contains "It has no readable clustering keys." if {
	keys.known
	count(keys.columns) == 0
}

pass contains _reason if {
	count(keys.columns) > 0
	every key in keys.columns {
		_covered[key]
	}
}

deny contains {"message": message, "expected": "a column or a field of a struct", "actual": name, "key": names.in_sql(key), "fixes": _rekey} if {
	some key in _decided
	not _named[key]
	not _struct_key[key]
	name := names.dotted(key)
	message := sprintf("%s is clustered by %s, which is neither one of its columns nor a field of a struct, so there are no statistics for it.", [
		input.full_name,
		name,
	])
}

deny contains {"message": message, "expected": "a field of the struct", "actual": name, "key": names.in_sql(key), "fixes": _rekey} if {
	some key in _decided
	_struct_key[key]
	name := names.dotted(key)
	message := sprintf("%s is clustered by %s, which is a whole struct, so there are no statistics for it: name one of its fields.", [
		input.full_name,
		name,
	])
}

deny contains {"message": message, "expected": expected, "actual": type, "key": names.in_sql(key), "fixes": _rekey} if {
	some [key, leaf, _, _] in _leaves
	type := leaf.type
	not _eligible[type]
	expected := "a date, timestamp, string or number"
	message := sprintf("%s is clustered by %s of type %s, but only %s can be a key.", [
		input.full_name,
		names.dotted(key),
		type,
		expected,
	])
}

deny contains {"message": message, "expected": expected, "actual": actual, "key": names.in_sql(key), "fixes": array.concat(_collect, _rekey)} if {
	not statistics.undecided
	some [key, at, index] in _uncovered
	expected := sprintf("a key among %s", [statistics.scope])
	actual := concat("", [names.dotted(key), _counted_as(at, index)])
	message := sprintf("%s is clustered by %s, which has no statistics, so queries can't use it to skip files: Delta keeps statistics for %s.", [
		input.full_name,
		actual,
		statistics.scope,
	])
}

# The keys that could have statistics, and have none.
_uncovered contains [key, at, index] if {
	some [key, leaf, at, index] in _leaves
	_eligible[leaf.type]
	not _covered[key]
}

_collect := statistics_fixes.collect(
	[key | some [key, _, _] in _uncovered],
	max({1} | {statistics.number(at, index) | some [_, at, index] in _uncovered}),
)

# Databricks doesn't take keys without statistics again.
_rekey := fixes.rekey([key | some key in keys.columns; _covered[key]], false)

_reason := "Databricks chooses the columns with statistics (predictive optimization)." if {
	statistics.chosen
} else := "Each clustering key has file statistics."

_counted_as(at, index) := sprintf(" (leaf %d)", [statistics.number(at, index)]) if {
	statistics.counted
} else := ""

_covered contains key if {
	some [key, leaf, _, _] in _leaves
	_eligible[leaf.type]
	statistics.named(leaf.name)
}

_covered contains key if {
	some [key, leaf, at, index] in _leaves
	_eligible[leaf.type]
	statistics.number(at, index) <= statistics.limit
}

_named contains key if some [key, _, _, _] in _leaves

# The leaf that a key names, with its index among the leaves of its column.
_leaves contains [key, leaf, at, index] if {
	some [key, at] in _places
	not _undecided[key]
	name := [lower(part) | some part in key]
	leaves := schema.leaves(at)
	index := min([i | some i, one in leaves; one.name == name])
	leaf := leaves[index]
}

# A key that names a struct, and none of the fields in it.
_struct_key contains key if {
	some [key, at] in _places
	not _named[key]
	name := [lower(part) | some part in key]
	some leaf in schema.leaves(at)
	name == array.slice(leaf.name, 0, count(name))
}

# A key that nobody can tell about: the type of its column is not known, or, where leaves are
# counted, that of a column before it.
_undecided contains key if {
	some [key, at] in _places
	schema.size(at) < 0
}

_undecided contains key if some key in _uncounted

_uncounted contains key if {
	some [key, at] in _places
	statistics.uncountable(at)
}

_decided contains key if {
	schema.columns
	some key in keys.columns
	not _undecided[key]
}

_places contains [key, at] if {
	some key in keys.columns
	at := schema.place(key[0])
}

_eligible := {
	"bigint",
	"byte",
	"char",
	"date",
	"decimal",
	"double",
	"float",
	"int",
	"integer",
	"long",
	"short",
	"smallint",
	"string",
	"timestamp",
	"timestamp_ntz",
	"tinyint",
	"varchar",
}
