package lakewarden.tables.clustering.no_exclusion_conflict_test

import data.lakewarden.tables.clustering.no_exclusion_conflict
import data.lakewarden.testing

_excluded(properties) := testing.table({"properties": object.union({"cluster_exclusion": "true"}, properties)})

test_excluded_and_liquid_is_denied if {
	every properties in [{"clusterByAuto": "true"}, {"clusteringColumns": `[["id"]]`}] {
		count(no_exclusion_conflict.deny) == 1 with input as _excluded(properties)
			with data.lakewarden_run as testing.run({"honor_exclusion_flag": false})
		count(no_exclusion_conflict.pass) == 0 with input as _excluded(properties)
			with data.lakewarden_run as testing.run({})
	}
}

test_message_tells_what_to_do_either_way if {
	denied := no_exclusion_conflict.deny with input as _excluded({"clusterByAuto": "true"})
		with data.lakewarden_run as testing.run({})
	denied == {{
		"message": "prod.sales.orders has the property cluster_exclusion, which excludes it from clustering, but also has liquid clustering. One of the two is a mistake. To cluster it, use ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('cluster_exclusion'); to exclude it, use ALTER TABLE prod.sales.orders CLUSTER BY NONE.",
		"expected": "one of the two",
		"actual": "both",
	}}
}

test_excluded_alone_or_auto_optimised_passes if {
	both := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
	every properties in [{}, both, {"clusteringColumns": "broken"}] {
		no_exclusion_conflict.pass == {"It is excluded from clustering and has no liquid clustering."} with input as _excluded(properties)
			with data.lakewarden_run as testing.run({})
		count(no_exclusion_conflict.deny) == 0 with input as _excluded(properties)
			with data.lakewarden_run as testing.run({})
	}
}

test_not_applicable_unless_excluded if {
	no_exclusion_conflict.not_applicable == {"Its owner didn't exclude it from clustering."} with input as testing.table({})
		with data.lakewarden_run as testing.run({})
	count(no_exclusion_conflict.not_applicable) == 1 with input as _excluded({})
		with data.lakewarden_run as testing.run({"exclusion_property": "another"})
	count(no_exclusion_conflict.not_applicable) == 0 with input as _excluded({})
		with data.lakewarden_run as testing.run({})
}

test_nothing_is_proven_unless_excluded if {
	every properties in [{}, {"clusterByAuto": "true"}] {
		count(no_exclusion_conflict.pass) == 0 with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
		count(no_exclusion_conflict.deny) == 0 with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
	}
}

test_kind_of_table if {
	no_exclusion_conflict.needs == {"table_type"} with input as testing.table_without("table_type")
	reasons := no_exclusion_conflict.not_applicable with input as testing.table({"table_type": "VIEW"})
	"A table of type VIEW can't be clustered." in reasons
}

test_each_property_that_tells_is_needed if {
	every name in ["cluster_exclusion", "clusteringColumns", "clusterByAuto"] {
		table := testing.unread_property([name], {})
		path := sprintf("properties.%s", [name])
		no_exclusion_conflict.needs == {path} with input as table with data.lakewarden_run as testing.run({})
	}
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		no_exclusion_conflict.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		no_exclusion_conflict.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}
