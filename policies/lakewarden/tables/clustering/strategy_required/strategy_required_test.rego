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

test_large_without_strategy_is_denied if {
	_proven(testing.table({}), {}) == {"pass": 0, "deny": 1, "needs": set(), "exempt": set()}
}

test_message_tells_what_and_what_to_do if {
	some violation in strategy_required.deny with input as testing.table({})
		with data.lakewarden_run as testing.run({})
	contains(violation.message, "prod.sales.orders holds 5.0 GiB (5368709120 bytes)")
	contains(violation.message, "ALTER TABLE prod.sales.orders CLUSTER BY AUTO")
}

test_small_is_exempt if {
	small := testing.table({"size": {"bytes": 1073741823}})
	_proven(small, {}) == {"pass": 0, "deny": 1, "needs": set(), "exempt": {"rule"}}
	_proven(small, {"exempt_small_tables": false}).exempt == set()
}

test_exactly_at_the_threshold_is_not_small if {
	_proven(testing.table({"size": {"bytes": 1073741824}}), {}).exempt == set()
}

test_excluded_is_exempt_where_honoured if {
	_proven(testing.table(_excluded), {}).exempt == {"flag"}
	_proven(testing.table(_excluded), {"honor_exclusion_flag": false}).exempt == set()
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
	"A table of type VIEW cannot be clustered." in reasons
}
