package lakewarden.tables.clustering.strategy_required_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.strategy_required
import data.lakewarden.testing

_excluded := {"properties": {"cluster_exclusion": "true"}}

_both := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}

_liquid := {"pass": {"It has liquid clustering."}}

_violation(held) := {
	"message": sprintf("prod.sales.orders holds %s and has no clustering strategy, so queries read files they don't need.", [held]),
	"expected": "a clustering strategy",
	"actual": "none",
}

_proven(table, settings) := proven if {
	proven := testing.proven(strategy_required) with input as table with data.lakewarden_run as testing.run(settings)
}

test_any_strategy_passes if {
	every properties, reasons in {
		{"clusteringColumns": `[["id"]]`}: {"It has liquid clustering."},
		{"clusterByAuto": "true"}: {"It has liquid clustering."},
		_both: {"It is auto-optimised."},
		object.union(_both, {"clusterByAuto": "true"}): {"It has liquid clustering.", "It is auto-optimised."},
	} {
		_proven(testing.table({"properties": properties}), {}) == {"pass": reasons}
	}
}

test_large_without_strategy_is_denied if {
	_proven(testing.table({}), {}) == {"deny": {_violation("5.0 GiB (5368709120 bytes)")}}
	at_the_threshold := testing.table({"size": {"bytes": 1073741824}})
	_proven(at_the_threshold, {}) == {"deny": {_violation("1.0 GiB (1073741824 bytes)")}}
}

test_small_is_exempt if {
	small := testing.table({"size": {"bytes": 1073741823}})
	denied := {"deny": {_violation("1023.9 MiB (1073741823 bytes)")}}
	_proven(small, {"exempt_small_tables": false}) == denied
	_proven(small, {}) == object.union(denied, {"exempt": {{
		"kind": "rule",
		"reason": "It holds 1023.9 MiB (1073741823 bytes), less than the threshold of 1.0 GiB (1073741824 bytes).",
	}}})
}

test_small_and_clustered_is_not_exempt if {
	_proven(testing.table(object.union({"size": {"bytes": 1}}, testing.clustered_by([["id"]]))), {}) == _liquid
}

test_excluded_is_exempt_where_honoured if {
	denied := {"deny": {_violation("5.0 GiB (5368709120 bytes)")}}
	_proven(testing.table(_excluded), {"honor_exclusion_flag": false}) == denied
	_proven(testing.table(_excluded), {}) == object.union(denied, {"exempt": {{
		"kind": "flag",
		"reason": "Its owner set the table property cluster_exclusion.",
	}}})
}

test_excluded_and_clustered_is_not_exempt if {
	properties := {"cluster_exclusion": "true", "clusteringColumns": `[["id"]]`}
	_proven(testing.table({"properties": properties}), {}) == _liquid
}

test_size_is_needed_only_where_it_matters if {
	unsized := object.union(testing.table_without("size"), {"size": {}})
	null_size := testing.table({"size": {"bytes": null}})
	inexact := testing.table({"size": {"bytes": 1073741823, "exact": false}})
	every table in [unsized, null_size, inexact] {
		proven := _proven(table, {})
		proven.needs == {"size"}
		not proven.exempt
		not _proven(table, {"exempt_small_tables": false}).needs
		not _proven(object.union(table, _excluded), {}).needs
		_proven(object.union(table, testing.clustered_by([["id"]])), {}) == _liquid
	}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	"A table of type VIEW can't be clustered." in _proven(testing.table({"table_type": "VIEW"}), {}).not_applicable
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		proven := _proven(table, {})
		proven.needs == {"properties"}
		not proven.not_applicable
	}
	every table in testing.unread({"size": null}) {
		_proven(table, {}).needs == {"properties"}
	}
	every table in testing.unread({"detail": {"clustering_columns": ["id"]}}) {
		_proven(table, {}) == _liquid
	}
}

test_each_property_that_tells_is_needed if {
	_proven(testing.unread_property(["clusteringColumns"], {}), {}).needs == {"properties.clusteringColumns"}
	exclusion := testing.unread_property(["cluster_exclusion"], {"size": null})
	_proven(exclusion, {}).needs == {"properties.cluster_exclusion"}
	_proven(exclusion, {"honor_exclusion_flag": false}).needs == {"size"}
}

_planned := testing.planned("known_after_apply", {})

_counts_as(size) := sprintf("counts as %s while it's only planned (planned_tables_count_as)", [size])

test_planned_without_strategy_is_denied_and_says_why if {
	some violation in _proven(_planned, {}).deny
	startswith(violation.message, sprintf("prod.sales.orders %s and has no clustering strategy, so", [_counts_as("large")]))
	object.keys(_proven(_planned, {})) == {"deny"}
}

test_planned_is_exempt_where_it_counts_as_small if {
	settings := {"planned_tables_count_as": "small"}
	exemption := {"kind": "rule", "reason": sprintf("It %s.", [_counts_as("small")])}
	_proven(_planned, settings).exempt == {exemption}
	not "needs" in object.keys(_proven(_planned, settings))
	object.keys(_proven(_planned, object.union(settings, {"exempt_small_tables": false}))) == {"deny"}
}

test_planned_needs_a_size_where_it_counts_as_nothing if {
	_proven(_planned, {"planned_tables_count_as": "unknown"}).needs == {"size"}
}

test_liquid_clustering_fixes_it if {
	table := testing.table({})
	alternatives := testing.fixes(strategy_required) with input as table with data.lakewarden_run as testing.run({})
	cluster := fixes.cluster with input as table
	alternatives == {"": cluster}
}
