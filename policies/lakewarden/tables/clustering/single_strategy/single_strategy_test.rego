package lakewarden.tables.clustering.single_strategy_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.single_strategy
import data.lakewarden.testing

_liquid := {"clusteringColumns": `[["id"]]`}

_auto_optimized := {
	"delta.autoOptimize.optimizeWrite": "true",
	"delta.autoOptimize.autoCompact": "true",
}

_only_liquid := {"pass": {"Its only strategy is liquid."}}

_proven(table, settings) := proven if {
	proven := testing.proven(single_strategy) with input as table with data.lakewarden_run as testing.run(settings)
}

test_one_strategy_passes if {
	every properties in [_liquid, object.union(_liquid, {"clusterByAuto": "true"})] {
		_proven(testing.table({"properties": properties}), {}) == _only_liquid
	}
	_proven(testing.table({"properties": _auto_optimized}), {}) == {"pass": {"Its only strategy is auto_optimize."}}
}

test_two_strategies_are_denied if {
	table := testing.table({"properties": object.union(_liquid, _auto_optimized)})
	_proven(table, {}) == {"deny": {{
		"message": "prod.sales.orders has liquid clustering and auto-optimise, which slows down writes and gains nothing.",
		"expected": "one strategy",
		"actual": {"liquid", "auto_optimize"},
	}}}
	_proven(table, {"accept_auto_optimize": false}) == _only_liquid
}

test_only_flags_that_are_on_are_to_go if {
	properties := object.union(_liquid, {"delta.autoOptimize.autoCompact": "true"})
	table := testing.table({"properties": properties})
	run := testing.run({"require_both_auto_optimize_flags": false})
	alternatives := testing.fixes(single_strategy) with input as table with data.lakewarden_run as run
	unset := fixes.unset(["delta.autoOptimize.autoCompact"]) with input as table
	alternatives == {"": [unset]}
	both := testing.table({"properties": object.union(_liquid, _auto_optimized)})
	more := testing.fixes(single_strategy) with input as both with data.lakewarden_run as testing.run({})
	unset_both := fixes.unset(["delta.autoOptimize.autoCompact", "delta.autoOptimize.optimizeWrite"]) with input as both
	more == {"": [unset_both]}
}

test_not_applicable_without_strategy if {
	_proven(testing.table({}), {}) == {"not_applicable": {"It has no clustering strategy."}}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	"A table of type VIEW can't be clustered." in _proven(testing.table({"table_type": "VIEW"}), {}).not_applicable
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		_proven(table, {}) == {"needs": {"properties"}}
	}
}
