package lakewarden.tables.clustering.auto_optimize_complete_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.auto_optimize_complete
import data.lakewarden.testing

_write := "delta.autoOptimize.optimizeWrite"

_compact := "delta.autoOptimize.autoCompact"

_proven(properties) := proven if {
	table := testing.table({"properties": properties})
	proven := testing.proven(auto_optimize_complete) with input as table
}

test_both_flags_pass_whatever_their_case if {
	_proven({_write: "true", _compact: "TRUE"}) == {"pass": {"Both settings of auto-optimise are on."}}
}

test_one_flag_is_denied if {
	every on, off in {_write: _compact, _compact: _write} {
		message := sprintf("prod.sales.orders has %s on but not %s, which is only half of auto-optimise.", [on, off])
		expected := {"deny": {{
			"message": message,
			"expected": "both settings of auto-optimise",
			"actual": on,
			"key": off,
		}}}
		_proven({on: "true"}) == expected
		_proven({on: "True", off: "false"}) == expected
	}
}

test_not_applicable_without_flags if {
	every properties in [{}, {_write: "false"}, {_write: "1", _compact: "no"}] {
		_proven(properties) == {"not_applicable": {"Both settings of auto-optimise are off."}}
	}
}

test_a_flag_that_could_not_be_read_is_needed if {
	every properties in [{}, {_write: "true"}] {
		table := testing.unread_property([_compact], {"properties": properties})
		auto_optimize_complete.needs == {sprintf("properties.%s", [_compact])} with input as table
		auto_optimize_complete.not_applicable == set() with input as table
	}
}

test_kind_of_table if {
	auto_optimize_complete.needs == {"table_type"} with input as testing.table_without("table_type")
	reasons := auto_optimize_complete.not_applicable with input as testing.table({"table_type": "VIEW"})
	"A table of type VIEW can't be clustered." in reasons
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		auto_optimize_complete.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		auto_optimize_complete.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}

test_only_delta_tables_are_auto_optimised if {
	table := testing.table({"data_source_format": "ICEBERG", "properties": {"delta.autoOptimize.autoCompact": "true"}})
	auto_optimize_complete.not_applicable == {"Auto-optimise only exists for Delta tables."} with input as table
	view := testing.table({"table_type": "VIEW", "data_source_format": "ICEBERG", "properties": {"delta.autoOptimize.autoCompact": "true"}})
	auto_optimize_complete.not_applicable == {"A table of type VIEW can't be clustered."} with input as view
}

test_the_other_flag_is_set_or_this_one_removed if {
	table := testing.table({"properties": {_write: "true", _compact: "false"}})
	alternatives := testing.fixes(auto_optimize_complete) with input as table
	set := fixes.set_property(_compact, "true") with input as table
	unset := fixes.unset([_write]) with input as table
	alternatives == {_compact: [set, unset]}
}
