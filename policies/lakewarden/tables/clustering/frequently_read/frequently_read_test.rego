package lakewarden.tables.clustering.frequently_read_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.frequently_read
import data.lakewarden.testing

_asked := {"require_liquid_for_frequent_reads": true, "frequent_reads": 100, "frequent_min_bytes": 2048}

_often := {"access": {"reads": 100}}

_liquid := testing.clustered_by([["id"]])

_proven(table, settings) := proven if {
	run := testing.run(settings)
	proven := testing.proven(frequently_read) with input as table with data.lakewarden_run as run
}

_sized(size) := object.union(object.union(testing.table_without("size"), _often), {"size": size})

test_read_often_without_liquid_clustering_is_denied if {
	message := "prod.sales.orders holds 2.0 KiB (2048 bytes), was read 100 times (100 or more counts as frequent) and has no liquid clustering, so each query reads files it doesn't need."
	expected := {"deny": {{"message": message, "expected": "liquid clustering", "actual": "none"}}}
	table := _sized({"bytes": 2048, "exact": true})
	_proven(table, _asked) == expected
	auto_optimized := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
	half := {"deny": {{"message": message, "expected": "liquid clustering", "actual": "auto-optimise"}}}
	_proven(object.union(table, {"properties": auto_optimized}), _asked) == half
}

test_liquid_clustering_passes if {
	every liquid in [_liquid, {"properties": {"clusterByAuto": "true"}}] {
		table := object.union(testing.table({"access": {"reads": 101}}), liquid)
		_proven(table, _asked) == {"pass": {"It was read 101 times and has liquid clustering."}}
	}
}

test_not_applicable_unless_the_settings_ask if {
	off := {"not_applicable": {"The settings don't require this of frequently read tables."}}
	every table in [testing.table(_often), testing.table({"access": {"reads": 99}}), testing.table({"size": {"bytes": 1}})] {
		_proven(table, {}) == off
		_proven(table, object.union(_asked, {"require_liquid_for_frequent_reads": false})) == off
	}
}

test_one_read_less_is_not_often if {
	reason := "It was read 99 times, fewer than 100."
	_proven(testing.table({"access": {"reads": 99}}), _asked) == {"not_applicable": {reason}}
	unsized := object.union(_sized({}), {"access": {"reads": 99}})
	_proven(unsized, _asked) == {"not_applicable": {reason}}
}

test_nothing_is_proven_of_a_liquid_table_that_is_not_read_often if {
	seldom := object.union(testing.table({"access": {"reads": 99}}), _liquid)
	reason := "It was read 99 times, fewer than 100."
	_proven(seldom, _asked) == {"not_applicable": {reason}}
}

test_one_byte_less_is_small if {
	reason := "It holds 1.9 KiB (2047 bytes), less than 2.0 KiB (2048 bytes)."
	small := _sized({"bytes": 2047, "exact": true})
	_proven(small, _asked) == {"not_applicable": {reason}}
	_proven(object.remove(small, ["access"]), _asked).not_applicable == {reason}
}

test_reads_are_needed if {
	every access in [{}, {"window_days": 30}, {"reads": null}] {
		_proven(testing.table({"access": access}), _asked) == {"needs": {"access"}}
		_proven(object.union(_sized({}), {"access": {"reads": null}}), _asked) == {"needs": {"access"}}
	}
	_proven(testing.table_without("access"), _asked) == {"needs": {"access"}}
}

test_size_is_needed_where_reads_suffice if {
	undecided := [
		{},
		{"bytes": null, "exact": true},
		{"bytes": 1024, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 4096, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 1, "as_of": "2026-11-01T00:00:00Z"},
		{"bytes": 1},
	]
	every size in undecided {
		_proven(_sized(size), _asked) == {"needs": {"size"}}
		_proven(object.union(_sized(size), _liquid), _asked) == {"needs": {"size"}}
		not _proven(_sized(size), {}).needs
	}
}

test_inexact_size_decides_outside_the_guard_band if {
	count(_proven(_sized({"bytes": 1023, "as_of": "2026-11-22T00:00:00Z"}), _asked).not_applicable) == 1
	count(_proven(_sized({"bytes": 4097, "as_of": "2026-11-22T00:00:00Z"}), _asked).deny) == 1
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	view := _proven(testing.table(object.union(_often, {"table_type": "VIEW"})), _asked)
	view.not_applicable == {"A table of type VIEW can't be clustered."}
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread(_often) {
		_proven(table, _asked).needs == {"properties"}
		not _proven(table, {}).needs
	}
	every table in testing.unread(object.union(_often, {"detail": {"clustering_columns": ["id"]}})) {
		_proven(table, _asked) == {"pass": {"It was read 100 times and has liquid clustering."}}
	}
}

test_planned_is_decided_as_what_it_counts_as if {
	table := testing.planned("not_requested", _often)
	counts_as := "counts as %s while its size isn't given (planned_tables_count_as; --with can give it)"
	[violation] := [violation | some violation in _proven(table, _asked).deny]
	startswith(violation.message, sprintf("prod.sales.orders %s, was read 100 times (", [sprintf(counts_as, ["large"])]))
	small := object.union(_asked, {"planned_tables_count_as": "small", "frequent_min_bytes": 1073741824})
	_proven(table, small) == {"not_applicable": {sprintf("It %s.", [sprintf(counts_as, ["small"])])}}
	_proven(table, object.union(_asked, {"planned_tables_count_as": "unknown"})) == {"needs": {"size"}}
}

test_liquid_clustering_fixes_it if {
	table := _sized({"bytes": 2048, "exact": true})
	alternatives := testing.fixes(frequently_read) with input as table with data.lakewarden_run as testing.run(_asked)
	cluster := fixes.cluster with input as table
	alternatives == {"": cluster}
}
