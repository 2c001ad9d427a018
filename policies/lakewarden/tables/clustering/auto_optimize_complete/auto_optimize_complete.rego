# METADATA
# title: Auto-optimise has both settings on
# description: >-
#   Auto-optimise has two settings, delta.autoOptimize.optimizeWrite and
#   delta.autoOptimize.autoCompact. A table has both on or neither. The policy doesn't apply to
#   tables that have neither.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/tune-file-size
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     Each setting alone does half of the work: larger writes leave existing small files in place,
#     and compaction without larger writes rewrites the same data again and again. By default, one
#     setting alone doesn't count as a clustering strategy either.
#   remediation: >-
#     Set the missing table property to true, or remove the other one.
#   examples:
#     before: {properties: {delta.autoOptimize.optimizeWrite: "true"}}
#     after: {properties: {delta.autoOptimize.optimizeWrite: "true", delta.autoOptimize.autoCompact: "true"}}
package lakewarden.tables.clustering.auto_optimize_complete

import data.lakewarden.lib.auto_optimize
import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.table_type

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in auto_optimize.lacking

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "Auto-optimise only exists for Delta tables." if {
	clustering.clusterable
	not table_type.delta
}

not_applicable contains "Both settings of auto-optimise are off." if {
	count(auto_optimize.lacking) == 0
	count(auto_optimize.on) == 0
}

pass contains "Both settings of auto-optimise are on." if auto_optimize.on == auto_optimize.flags

deny contains {"message": message, "expected": "both settings of auto-optimise", "actual": flag, "key": missing, "fixes": alternatives} if {
	some flag in auto_optimize.on
	some missing in (auto_optimize.flags - auto_optimize.on)
	message := sprintf("%s has %s on but not %s, which is only half of auto-optimise.", [
		input.full_name,
		flag,
		missing,
	])
	alternatives := [fixes.set_property(missing, "true"), fixes.unset([flag])]
}
