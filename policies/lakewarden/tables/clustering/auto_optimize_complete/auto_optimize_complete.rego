# METADATA
# title: Auto-optimise is switched on as a whole
# description: >-
#   Of the two flags of auto-optimise, delta.autoOptimize.optimizeWrite and
#   delta.autoOptimize.autoCompact, both are on or none. Tables without either are not concerned.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/tune-file-size
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     One flag does half of the work: larger writes leave the small files that are there, and
#     compaction without larger writes rewrites the same data again and again. By default one flag
#     alone does not count as a clustering strategy either.
#   remediation: >-
#     Set the flag that is missing to true in the table's properties, or remove the other one.
#   settings: []
#   examples:
#     before: {properties: {delta.autoOptimize.optimizeWrite: "true"}}
#     after: {properties: {delta.autoOptimize.optimizeWrite: "true", delta.autoOptimize.autoCompact: "true"}}
package lakewarden.tables.clustering.auto_optimize_complete

import data.lakewarden.lib.auto_optimize
import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_remedy as remedy
import data.lakewarden.lib.kind as kinds

needs contains kind if some kind in clustering.unknown_kind

needs contains kind if some kind in auto_optimize.lacking

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "Auto-optimise is a matter of Delta tables." if {
	clustering.clusterable
	not kinds.delta
}

not_applicable contains "Neither flag of auto-optimise is on." if {
	count(auto_optimize.lacking) == 0
	count(auto_optimize.on) == 0
}

pass contains "Both flags of auto-optimise are on." if auto_optimize.on == auto_optimize.flags

deny contains {"message": message, "expected": "both flags of auto-optimise", "actual": flag} if {
	some flag in auto_optimize.on
	some missing in (auto_optimize.flags - auto_optimize.on)
	message := sprintf("%s has %s on without %s, which is half of auto-optimise. To complete it, %s.", [
		input.full_name,
		flag,
		missing,
		remedy.set_property(missing, "true"),
	])
}
