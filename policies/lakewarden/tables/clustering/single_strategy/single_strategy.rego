# METADATA
# title: Tables have one clustering strategy
# description: >-
#   Liquid clustering already arranges and compacts files, so auto-optimise on top of it slows down
#   writes and gains nothing. It counts only if the settings accept it as a strategy.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/tune-file-size
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     Each write does the same work twice. It takes longer and costs more, and queries don't get any
#     faster.
#   remediation: >-
#     Keep liquid clustering and turn off auto-optimise: ALTER TABLE … UNSET TBLPROPERTIES
#     ('delta.autoOptimize.optimizeWrite', 'delta.autoOptimize.autoCompact'), or remove both from the
#     definition of a streaming table, materialized view or planned table.
#   examples:
#     before:
#       properties:
#         clusterByAuto: "true"
#         delta.autoOptimize.optimizeWrite: "true"
#         delta.autoOptimize.autoCompact: "true"
#     after: {properties: {clusterByAuto: "true"}}
package lakewarden.tables.clustering.single_strategy

import data.lakewarden.lib.auto_optimize
import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in clustering.unknown_strategies

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It has no clustering strategy." if {
	count(clustering.unknown_strategies) == 0
	count(clustering.strategies) == 0
}

pass contains sprintf("Its only strategy is %s.", [strategy]) if {
	count(clustering.strategies) == 1
	some strategy in clustering.strategies
}

deny contains {"message": message, "expected": "one strategy", "actual": clustering.strategies, "fixes": [removal]} if {
	count(clustering.strategies) == 2
	message := sprintf("%s has liquid clustering and auto-optimise, which slows down writes and gains nothing.", [input.full_name])
	removal := fixes.unset(sort(auto_optimize.on))
}
