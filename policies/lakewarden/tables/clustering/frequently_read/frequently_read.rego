# METADATA
# title: Frequently read tables have liquid clustering
# description: >-
#   A table with at least as many reads as frequent_reads and at least as many bytes as
#   frequent_min_bytes has liquid clustering; auto-optimise isn't enough. The policy applies only if
#   require_liquid_for_frequent_reads is on, and only to tables that reach both limits.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     Each query of a table without liquid clustering reads files that hold nothing it needs. On a
#     frequently read table, you pay for that many times a day.
#   remediation: >-
#     Give the table liquid clustering with ALTER TABLE … CLUSTER BY, or in the definition of a
#     streaming table, materialized view or planned table; convert a partitioned table.
#   examples:
#     settings: {require_liquid_for_frequent_reads: true}
#     before: {access: {reads: 1000}}
#     after: {access: {reads: 1000}, properties: {clusteringColumns: '[["order_id"]]'}}
package lakewarden.tables.clustering.frequently_read

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.size
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if {
	_asked
	some evidence in clustering.unknown_liquid
}

needs contains "access" if {
	_asked
	not _reads_known
}

needs contains evidence if {
	_read_often
	some evidence in clustering.unknown_below(settings.frequent_min_bytes)
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "The settings don't require this of frequently read tables." if {
	not _asked
}

not_applicable contains reason if {
	_asked
	_reads < settings.frequent_reads
	reason := sprintf("It was read %d times, fewer than %d.", [_reads, settings.frequent_reads])
}

not_applicable contains reason if {
	_asked
	_below
	reason := sprintf("It %s.", [_little])
}

pass contains sprintf("It was read %d times and has liquid clustering.", [_reads]) if {
	_read_often
	_below == false
	clustering.liquid
}

deny contains {"message": message, "expected": "liquid clustering", "actual": _actual, "fixes": fixes.cluster} if {
	_read_often
	_below == false
	not clustering.liquid
	message := sprintf("%s %s, was read %d times (%d or more counts as frequent) and has no liquid clustering, so each query reads files it doesn't need.", [
		input.full_name,
		clustering.holds,
		_reads,
		settings.frequent_reads,
	])
}

_actual := "auto-optimise" if "auto_optimize" in clustering.strategies

else := "none"

_little := sprintf("holds %s, less than %s", [size.of_table, size.format(settings.frequent_min_bytes)]) if not clustering.assumed_size

else := clustering.counted

_asked if settings.require_liquid_for_frequent_reads

_reads := input.access.reads if is_number(input.access.reads)

_reads_known if is_number(_reads)

_read_often if {
	_asked
	_reads >= settings.frequent_reads
}

_below := clustering.below(settings.frequent_min_bytes)
