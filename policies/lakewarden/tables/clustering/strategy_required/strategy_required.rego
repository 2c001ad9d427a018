# METADATA
# title: Large tables have a clustering strategy
# description: >-
#   A table at or above the size threshold has a clustering strategy: keys, CLUSTER BY AUTO or, if
#   the settings accept it, auto-optimise. Depending on the settings, small tables and tables that
#   their owner excluded are exempt.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: high
#   enforcement: mandatory
#   why: >-
#     Without a clustering strategy, every query reads files that hold nothing it needs. On a large
#     table, that is most of what the query costs, every time.
#   remediation: >-
#     Cluster the table with ALTER TABLE … CLUSTER BY AUTO or CLUSTER BY (keys), or change the
#     definition of a streaming table, materialized view or planned table; convert a partitioned table
#     with ALTER TABLE … REPLACE PARTITIONED BY WITH CLUSTER BY (Databricks Runtime 18.1 and newer),
#     or rewrite it. If it shouldn't be clustered, set the exclusion property or ask for a waiver.
#   exemptions:
#     - >-
#       Tables below the size threshold, if exempt_small_tables is on, and planned ones that count as
#       small (planned_tables_count_as).
#     - Tables that have the exclusion property, if honor_exclusion_flag is on.
#   what_if:
#     settings: [size_threshold_bytes, test_size_threshold_bytes]
#     factors: [0.25, 0.5, 2, 4]
#     lacking: tables without a clustering strategy
#   examples:
#     before: {properties: {}}
#     after: {properties: {clusteringColumns: '[["ordered_on"]]'}}
package lakewarden.tables.clustering.strategy_required

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.size
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if {
	count(clustering.strategies) == 0
	some evidence in _unread
}

needs contains evidence if {
	count(clustering.strategies) == 0
	count(_unread) == 0
	settings.exempt_small_tables
	not _excluded
	some evidence in clustering.unknown_below(clustering.threshold)
}

not_applicable contains reason if some reason in clustering.not_clusterable

exempt contains {"kind": "flag", "reason": reason} if {
	_excluded
	reason := sprintf("Its owner set the table property %s.", [settings.exclusion_property])
}

exempt contains {"kind": "rule", "reason": reason} if {
	count(clustering.strategies) == 0
	settings.exempt_small_tables
	clustering.below(clustering.threshold)
	reason := sprintf("It %s.", [_exemption])
}

pass contains reason if {
	some strategy in clustering.strategies
	reason := _reasons[strategy]
}

deny contains {"message": message, "expected": "a clustering strategy", "actual": "none", "fixes": fixes.cluster} if {
	count(clustering.strategies) == 0
	message := sprintf("%s %s and has no clustering strategy, so queries read files they don't need.", [
		input.full_name,
		clustering.holds,
	])
}

# What is lacking to tell whether the table has a strategy or has been excluded.
_unread contains evidence if some evidence in clustering.unknown_strategies

_unread contains evidence if {
	settings.honor_exclusion_flag
	some evidence in clustering.unknown_exclusion
}

_excluded if {
	count(clustering.strategies) == 0
	settings.honor_exclusion_flag
	clustering.excluded
}

_exemption := sprintf("holds %s, less than the threshold of %s", [size.of_table, size.format(clustering.threshold)]) if not clustering.assumed_size

else := clustering.counted

_reasons := {
	"liquid": "It has liquid clustering.",
	"auto_optimize": "It is auto-optimised.",
}
