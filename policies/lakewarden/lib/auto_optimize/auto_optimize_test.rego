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

test_none_is_on_without_properties if auto_optimize.on == set() with input as {}
