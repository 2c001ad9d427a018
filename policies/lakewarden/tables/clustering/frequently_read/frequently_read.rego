# METADATA
# title: Tables that are read often have liquid clustering
# description: >-
#   A table with at least as many reads as frequent_reads and at least as many bytes as
#   frequent_min_bytes has liquid clustering; auto-optimise is not enough. It is asked only where
#   require_liquid_for_frequent_reads says so, and not of tables below either limit.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     Each read of a table without liquid clustering looks at files that hold nothing it asks for.
#     On a table that is read often this is paid for many times a day.
#   remediation: >-
#     Give the table liquid clustering with ALTER TABLE … CLUSTER BY, or in the definition of a
#     streaming table or materialized view; convert a partitioned table.
#   settings:
#     - require_liquid_for_frequent_reads
#     - frequent_reads
#     - frequent_min_bytes
#     - accept_auto_optimize
#     - require_both_auto_optimize_flags
#     - inexact_size_guard
#     - max_size_age_days
#   examples:
#     settings: {require_liquid_for_frequent_reads: true}
#     before: {access: {reads: 1000}}
#     after: {access: {reads: 1000}, properties: {clusteringColumns: '[["order_id"]]'}}
package lakewarden.tables.clustering.frequently_read

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_remedy as remedy
import data.lakewarden.lib.size
import data.lakewarden_run.settings.clustering as settings

needs contains kind if some kind in clustering.unknown_kind

needs contains kind if {
	_asked
	some kind in clustering.unknown_liquid
}

needs contains "access" if {
	_asked
	not _reads_known
}

needs contains "size" if {
	_read_often
	not _sized
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "The settings do not ask it of tables that are read often." if {
	not _asked
}

not_applicable contains reason if {
	_asked
	_reads < settings.frequent_reads
	reason := sprintf("It was read %d times, less often than %d times.", [_reads, settings.frequent_reads])
}

not_applicable contains reason if {
	_asked
	_small
	reason := sprintf("It holds %s, less than %s.", [size.of_table, size.text(settings.frequent_min_bytes)])
}

pass contains sprintf("It was read %d times and has liquid clustering.", [_reads]) if {
	_read_often
	_small == false
	clustering.liquid
}

deny contains {"message": message, "expected": "liquid clustering", "actual": _actual} if {
	_read_often
	_small == false
	not clustering.liquid
	message := sprintf("%s holds %s, was read %d times, at least %d, and has no liquid clustering, so each read looks at files that it does not need. %s", [
		input.full_name,
		size.of_table,
		_reads,
		settings.frequent_reads,
		remedy.cluster,
	])
}

_actual := "auto-optimise" if "auto_optimize" in clustering.strategies

else := "none"

_asked if settings.require_liquid_for_frequent_reads

_reads := input.access.reads if is_number(input.access.reads)

_reads_known if is_number(_reads)

_read_often if {
	_asked
	_reads >= settings.frequent_reads
}

_small := size.below(settings.frequent_min_bytes, settings.inexact_size_guard, settings.max_size_age_days)

_sized if is_boolean(_small)
