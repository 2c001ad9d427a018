package lakewarden.tables.clustering.strategy_required_test

import data.lakewarden.tables.clustering.strategy_required
import data.lakewarden.testing

_excluded := {"properties": {"cluster_exclusion": "true"}}

_proven(table, settings) := {"pass": count(pass), "deny": count(deny), "needs": needs, "exempt": {e.kind | some e in exempt}} if {
	run := testing.run(settings)
	pass := strategy_required.pass with input as table with data.lakewarden_run as run
	deny := strategy_required.deny with input as table with data.lakewarden_run as run
	needs := strategy_required.needs with input as table with data.lakewarden_run as run
	exempt := strategy_required.exempt with input as table with data.lakewarden_run as run
}

test_any_strategy_passes if {
	every properties in [
		{"clusteringColumns": `[["id"]]`},
		{"clusterByAuto": "true"},
		{"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"},
	] {
		_proven(testing.table({"properties": properties}), {}) == {"pass": 1, "deny": 0, "needs": set(), "exempt": set()}
	}
}

test_strategies_are_told if {
	both := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
	properties := object.union(both, {"clusterByAuto": "true"})
	reasons := strategy_required.pass with input as testing.table({"properties": properties})
		with data.lakewarden_run as testing.run({})
	reasons == {"It has liquid clustering.", "It is auto-optimised."}
}

test_large_without_strategy_is_denied if {
	_proven(testing.table({}), {}) == {"pass": 0, "deny": 1, "needs": set(), "exempt": set()}
}

test_message_tells_what_and_what_to_do if {
	denied := strategy_required.deny with input as testing.table({})
		with data.lakewarden_run as testing.run({})
	denied == {{
		"message": "prod.sales.orders holds 5.0 GiB (5368709120 bytes) and has no clustering strategy, so queries read files they don't need. Use ALTER TABLE prod.sales.orders CLUSTER BY AUTO, or CLUSTER BY with its keys.",
		"expected": "a clustering strategy",
		"actual": "none",
	}}
}

test_small_is_exempt if {
	small := testing.table({"size": {"bytes": 1073741823}})
	_proven(small, {}) == {"pass": 0, "deny": 1, "needs": set(), "exempt": {"rule"}}
	_proven(small, {"exempt_small_tables": false}).exempt == set()
	exempt := strategy_required.exempt with input as small with data.lakewarden_run as testing.run({})
	exempt == {{
		"kind": "rule",
		"reason": "It holds 1023.9 MiB (1073741823 bytes), less than the threshold of 1.0 GiB (1073741824 bytes).",
	}}
}

test_small_and_clustered_is_not_exempt if {
	small := testing.table(object.union({"size": {"bytes": 1}}, testing.clustered_by([["id"]])))
	_proven(small, {}) == {"pass": 1, "deny": 0, "needs": set(), "exempt": set()}
}

test_exactly_at_the_threshold_is_not_small if {
	_proven(testing.table({"size": {"bytes": 1073741824}}), {}).exempt == set()
}

test_excluded_is_exempt_where_honoured if {
	_proven(testing.table(_excluded), {}).exempt == {"flag"}
	_proven(testing.table(_excluded), {"honor_exclusion_flag": false}).exempt == set()
	exempt := strategy_required.exempt with input as testing.table(_excluded)
		with data.lakewarden_run as testing.run({})
	exempt == {{"kind": "flag", "reason": "Its owner set the table property cluster_exclusion."}}
}

test_excluded_and_clustered_is_not_exempt if {
	properties := {"cluster_exclusion": "true", "clusteringColumns": `[["id"]]`}
	_proven(testing.table({"properties": properties}), {}).exempt == set()
}

test_size_is_needed_only_where_it_matters if {
	unsized := object.union(testing.table_without("size"), {"size": {}})
	null_size := testing.table({"size": {"bytes": null}})
	inexact := testing.table({"size": {"bytes": 1073741823, "exact": false}})
	every table in [unsized, null_size, inexact] {
		_proven(table, {}).needs == {"size"}
		_proven(table, {}).exempt == set()
		_proven(table, {"exempt_small_tables": false}).needs == set()
		_proven(object.union(table, _excluded), {}).needs == set()
		_proven(object.union(table, testing.clustered_by([["id"]])), {}).needs == set()
	}
}

test_kind_of_table if {
	strategy_required.needs == {"table_type"} with input as testing.table_without("table_type")
		with data.lakewarden_run as testing.run({})
	reasons := strategy_required.not_applicable with input as testing.table({"table_type": "VIEW"})
	"A table of type VIEW can't be clustered." in reasons
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		strategy_required.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		strategy_required.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
	known := testing.unread({"detail": {"clustering_columns": ["id"]}})
	every table in known {
		strategy_required.needs == set() with input as table with data.lakewarden_run as testing.run({})
		count(strategy_required.pass) == 1 with input as table with data.lakewarden_run as testing.run({})
	}
}

test_each_property_that_tells_is_needed if {
	keys := testing.unread_property(["clusteringColumns"], {})
	_needs(keys, {}) == {"properties.clusteringColumns"}
	exclusion := testing.unread_property(["cluster_exclusion"], {"size": null})
	_needs(exclusion, {}) == {"properties.cluster_exclusion"}
	_needs(exclusion, {"honor_exclusion_flag": false}) == {"size"}
}

_needs(table, settings) := kinds if {
	kinds := strategy_required.needs with input as table with data.lakewarden_run as testing.run(settings)
}

test_without_its_properties_the_size_is_not_asked_for if {
	every table in testing.unread({"size": null}) {
		strategy_required.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
	}
}
