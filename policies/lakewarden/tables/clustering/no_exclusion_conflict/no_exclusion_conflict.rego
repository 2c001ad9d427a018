# METADATA
# title: No table is both excluded from clustering and clustered
# description: >-
#   The exclusion property says that the table shouldn't be clustered. If it has liquid clustering
#   too, one of the two is a mistake, and anyone who relies on it is misled.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: medium
#   enforcement: mandatory
#   why: >-
#     Anyone who trusts the property counts the table as unclustered, but its owner still pays for
#     clustering. One of the two isn't what the owner wants.
#   remediation: >-
#     Decide which one is intended. Remove the exclusion property with ALTER TABLE … UNSET
#     TBLPROPERTIES, or the clustering with ALTER TABLE … CLUSTER BY NONE. For a streaming table,
#     materialized view or planned table, change the definition.
#   examples:
#     before: {properties: {cluster_exclusion: "true", clusterByAuto: "true"}}
#     after: {properties: {cluster_exclusion: "true"}}
package lakewarden.tables.clustering.no_exclusion_conflict

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in clustering.unknown_exclusion

needs contains evidence if some evidence in clustering.unknown_declared_liquid

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "Its owner didn't exclude it from clustering." if {
	count(clustering.unknown_exclusion) == 0
	not clustering.excluded
}

pass contains "It is excluded from clustering and has no liquid clustering." if {
	clustering.excluded
	not clustering.declared_liquid
}

deny contains {"message": message, "expected": "one of the two", "actual": "both", "fixes": [removal, fixes.uncluster]} if {
	clustering.excluded
	clustering.declared_liquid
	message := sprintf("%s has the property %s, which excludes it from clustering, but also has liquid clustering. One of the two is a mistake.", [
		input.full_name,
		settings.exclusion_property,
	])
	removal := fixes.unset([settings.exclusion_property])
}
