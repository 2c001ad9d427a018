package lakewarden.tables.clustering.no_exclusion_conflict_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.no_exclusion_conflict
import data.lakewarden.testing

_excluded(properties) := testing.table({"properties": object.union({"cluster_exclusion": "true"}, properties)})

_not_excluded := {"not_applicable": {"Its owner didn't exclude it from clustering."}}

_proven(table, settings) := proven if {
	proven := testing.proven(no_exclusion_conflict) with input as table
		with data.lakewarden_run as testing.run(settings)
}

test_excluded_and_liquid_is_denied_with_both_ways_out if {
	denied := {"deny": {{
		"message": "prod.sales.orders has the property cluster_exclusion, which excludes it from clustering, but also has liquid clustering. One of the two is a mistake.",
		"expected": "one of the two",
		"actual": "both",
	}}}
	every properties in [{"clusterByAuto": "true"}, {"clusteringColumns": `[["id"]]`}] {
		_proven(_excluded(properties), {}) == denied
		_proven(_excluded(properties), {"honor_exclusion_flag": false}) == denied
	}
}

test_excluded_alone_or_auto_optimised_passes if {
	both := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
	every properties in [{}, both, {"clusteringColumns": "broken"}] {
		_proven(_excluded(properties), {}) == {"pass": {"It is excluded from clustering and has no liquid clustering."}}
	}
}

test_not_applicable_unless_excluded if {
	every properties in [{}, {"clusterByAuto": "true"}] {
		_proven(testing.table({"properties": properties}), {}) == _not_excluded
	}
	_proven(_excluded({}), {"exclusion_property": "another"}) == _not_excluded
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	"A table of type VIEW can't be clustered." in _proven(testing.table({"table_type": "VIEW"}), {}).not_applicable
}

test_each_property_that_tells_is_needed if {
	every name in ["cluster_exclusion", "clusteringColumns", "clusterByAuto"] {
		_proven(testing.unread_property([name], {}), {}).needs == {sprintf("properties.%s", [name])}
	}
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		_proven(table, {}) == {"needs": {"properties"}}
	}
}

test_either_of_the_two_can_go if {
	table := _excluded({"clusteringColumns": `[["id"]]`})
	alternatives := testing.fixes(no_exclusion_conflict) with input as table with data.lakewarden_run as testing.run({})
	unset := fixes.unset(["cluster_exclusion"]) with input as table
	uncluster := fixes.uncluster with input as table
	alternatives == {"": [unset, uncluster]}
}
