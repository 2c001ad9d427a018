package lakewarden.lib.auto_optimize_test

import data.lakewarden.lib.auto_optimize

_both := {"delta.autoOptimize.optimizeWrite", "delta.autoOptimize.autoCompact"}

test_flags if auto_optimize.flags == _both

test_each_flag_is_on_by_itself if {
	every flag in _both {
		auto_optimize.on == {flag} with input as {"properties": {flag: "TRUE", "other": "true"}}
		auto_optimize.on == set() with input as {"properties": {flag: "false"}}
	}
	auto_optimize.on == _both with input as {"properties": {flag: "true" | some flag in _both}}
}

test_none_is_on_and_each_may_be_without_properties if {
	auto_optimize.on == set() with input as {}
	auto_optimize.unknown == _both with input as {}
	auto_optimize.lacking == {"properties"} with input as {}
}

test_a_flag_that_could_not_be_read_may_be_on if {
	path := "properties.delta.autoOptimize.autoCompact"
	table := {"properties": {"delta.autoOptimize.optimizeWrite": "true"}, "evidence": {path: {"status": "failed"}}}
	auto_optimize.unknown == {"delta.autoOptimize.autoCompact"} with input as table
	auto_optimize.lacking == {path} with input as table
	auto_optimize.lacking == set() with input as {"properties": {}}
}
