package lakewarden.tables.clustering.single_strategy_test

import data.lakewarden.tables.clustering.single_strategy
import data.lakewarden.testing

_liquid := {"clusteringColumns": `[["id"]]`}

_auto_optimized := {
	"delta.autoOptimize.optimizeWrite": "true",
	"delta.autoOptimize.autoCompact": "true",
}

test_one_strategy_passes if {
	both_kinds_of_liquid := object.union(_liquid, {"clusterByAuto": "true"})
	cases := {
		"Its only strategy is liquid.": _liquid,
		"Its only strategy is auto_optimize.": _auto_optimized,
	}
	every reason, properties in cases {
		single_strategy.pass == {reason} with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
	}
	every properties in [_liquid, _auto_optimized, both_kinds_of_liquid] {
		count(single_strategy.pass) == 1 with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
		count(single_strategy.not_applicable) == 0 with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
		count(single_strategy.deny) == 0 with input as testing.table({"properties": properties})
			with data.lakewarden_run as testing.run({})
	}
}

test_two_strategies_are_denied if {
	table := testing.table({"properties": object.union(_liquid, _auto_optimized)})
	some violation in single_strategy.deny with input as table with data.lakewarden_run as testing.run({})
	violation == {
		"message": "prod.sales.orders has liquid clustering and auto-optimise, which slows down writes and gains nothing. To keep only liquid clustering, use ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('delta.autoOptimize.autoCompact', 'delta.autoOptimize.optimizeWrite').",
		"expected": "one strategy",
		"actual": {"liquid", "auto_optimize"},
	}
	count(single_strategy.pass) == 0 with input as table with data.lakewarden_run as testing.run({})
}

test_only_flags_that_are_on_are_to_go if {
	properties := object.union(_liquid, {"delta.autoOptimize.autoCompact": "true"})
	some violation in single_strategy.deny with input as testing.table({"properties": properties})
		with data.lakewarden_run as testing.run({"require_both_auto_optimize_flags": false})
	endswith(violation.message, "use ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('delta.autoOptimize.autoCompact').")
}

test_auto_optimize_counts_only_if_accepted if {
	table := testing.table({"properties": object.union(_liquid, _auto_optimized)})
	count(single_strategy.pass) == 1 with input as table
		with data.lakewarden_run as testing.run({"accept_auto_optimize": false})
}

test_not_applicable_without_strategy if {
	single_strategy.not_applicable == {"It has no clustering strategy."} with input as testing.table({})
		with data.lakewarden_run as testing.run({})
}

test_kind_of_table if {
	single_strategy.needs == {"table_type"} with input as testing.table_without("table_type")
	reasons := single_strategy.not_applicable with input as testing.table({"table_type": "VIEW"})
	"A table of type VIEW can't be clustered." in reasons
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		single_strategy.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		single_strategy.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}
