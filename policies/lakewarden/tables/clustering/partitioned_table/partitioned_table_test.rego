package lakewarden.tables.clustering.partitioned_table_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.partitioned_table
import data.lakewarden.testing

_by_day := {"detail": {"partition_columns": ["day"]}}

_liquid := testing.clustered_by([["id"]])

_proven(table) := proven if {
	run := testing.run({"partition_min_bytes": 2048})
	proven := testing.proven(partitioned_table) with input as table with data.lakewarden_run as run
}

_sized(size) := object.union(object.union(testing.table_without("size"), _by_day), {"size": size})

test_one_byte_under_the_limit_is_denied if {
	_proven(_sized({"bytes": 2047, "exact": true})) == {"deny": {{
		"message": "prod.sales.orders is partitioned by day but holds only 1.9 KiB (2047 bytes); below 2.0 KiB (2048 bytes), liquid clustering works better.",
		"expected": "at least 2.0 KiB (2048 bytes) in a partitioned table",
		"actual": "1.9 KiB (2047 bytes)",
	}}}
}

test_at_the_limit_passes if {
	reason := "It is partitioned and holds 2.0 KiB (2048 bytes), at least 2.0 KiB (2048 bytes)."
	_proven(_sized({"bytes": 2048, "exact": true})) == {"pass": {reason}}
}

test_size_is_needed_where_none_may_decide if {
	undecided := [
		{},
		{"exact": true},
		{"bytes": null, "exact": true},
		{"bytes": 1},
		{"bytes": 1024, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 4096, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 1, "as_of": "2026-11-01T00:00:00Z"},
	]
	every size in undecided {
		_proven(_sized(size)) == {"needs": {"size"}}
	}
}

test_inexact_size_decides_outside_the_guard_band if {
	count(_proven(_sized({"bytes": 1023, "as_of": "2026-11-22T00:00:00Z"})).deny) == 1
	count(_proven(_sized({"bytes": 4097, "as_of": "2026-11-22T00:00:00Z"})).pass) == 1
}

test_partitioned_and_liquid_is_denied_whatever_its_size if {
	violation := {
		"message": "prod.sales.orders is partitioned by day and has liquid clustering, but a table can't have both, so one of the two must be wrong.",
		"expected": "partitions or liquid clustering",
		"actual": "both",
		"key": "liquid clustering",
	}
	every size in [{}, {"bytes": 2047, "exact": true}, {"bytes": 2048, "exact": true}] {
		every liquid in [_liquid, {"properties": {"clusterByAuto": "true"}}] {
			_proven(object.union(_sized(size), liquid)) == {"deny": {violation}}
		}
	}
}

test_columns_tell_partitions_too if {
	columns := {"columns": [{"name": "id"}, {"name": "day", "partition_index": 0}]}
	denied := _proven(testing.table(object.union(columns, _liquid))).deny
	{contains(violation.message, "is partitioned by day and") | some violation in denied} == {true}
}

test_unpartitioned_is_not_applicable if {
	unpartitioned := {"not_applicable": {"It isn't partitioned."}}
	_proven(testing.table({})) == unpartitioned
	_proven(testing.table(_liquid)) == unpartitioned
	_proven(testing.table({"size": {"bytes": null}})) == unpartitioned
	_proven(testing.table({"size": {"bytes": 1}})) == unpartitioned
	_proven(object.union(testing.table_without("columns"), {"detail": {"partition_columns": []}})) == unpartitioned
}

test_columns_are_needed_where_nothing_tells_partitions if {
	_proven(testing.table_without("columns")) == {"needs": {"columns"}}
	_proven(testing.table({"columns": null, "detail": {"partition_columns": null}})) == {"needs": {"columns"}}
}

test_partitions_of_iceberg_are_its_keys if {
	table := testing.table(object.union(_by_day, {"data_source_format": "ICEBERG"}))
	_proven(table).not_applicable == {"The partitions of a table in the format ICEBERG are its clustering keys."}
	uniform := testing.table(object.union(_by_day, {"data_source_format": "DELTA_UNIFORM_ICEBERG"}))
	not _proven(uniform).not_applicable
}

test_kind_of_table if {
	_proven(testing.table_without("table_type")).needs == {"table_type"}
	_proven(testing.table_without("table_type")).not_applicable == {"It isn't partitioned."}
	view := _proven(testing.table(object.union(_by_day, {"table_type": "VIEW"})))
	view.not_applicable == {"A table of type VIEW can't be clustered."}
	not _proven(testing.table(object.union(_by_day, {"data_source_format": "SOMETHING"}))).not_applicable
}

test_properties_that_could_not_be_read_are_needed_of_partitioned_tables if {
	every table in testing.unread(_by_day) {
		_proven(table).needs == {"properties"}
		_proven(object.union(table, {"size": null})).needs == {"properties"}
	}
	every table in testing.unread({"columns": null}) {
		_proven(table).needs == {"properties", "columns"}
	}
	every table in testing.unread({"detail": {"partition_columns": []}}) {
		_proven(table) == {"not_applicable": {"It isn't partitioned."}}
	}
	every table in testing.unread({"detail": {"partition_columns": ["day"], "clustering_columns": ["id"]}}) {
		proven := _proven(table)
		not proven.needs
		{violation.actual | some violation in proven.deny} == {"both"}
	}
}

_planned(limit, counts_as) := proven if {
	run := testing.run({"partition_min_bytes": limit, "planned_tables_count_as": counts_as})
	table := testing.planned("known_after_apply", _by_day)
	proven := testing.proven(partitioned_table) with input as table with data.lakewarden_run as run
}

test_planned_is_decided_as_what_it_counts_as if {
	counts_as := "counts as %s while it's only planned (planned_tables_count_as)"
	_planned(1073741824, "large") == {"pass": {sprintf("It is partitioned and %s.", [sprintf(counts_as, ["large"])])}}
	_planned(1073741825, "large") == {"needs": {"size"}}
	_planned(1073741824, "unknown") == {"needs": {"size"}}
	[violation] := [violation | some violation in _planned(1073741824, "small").deny]
	violation.actual == "counts as small"
	startswith(violation.message, sprintf("prod.sales.orders is partitioned by day but %s; below 1.0 GiB", [sprintf(counts_as, ["small"])]))
}

test_liquid_clustering_takes_the_place_of_partitions if {
	every key, changes in {"": {}, "liquid clustering": _liquid} {
		table := object.union(_sized({"bytes": 2047, "exact": true}), changes)
		run := testing.run({"partition_min_bytes": 2048})
		alternatives := testing.fixes(partitioned_table) with input as table with data.lakewarden_run as run
		cluster := fixes.cluster with input as table
		alternatives == {key: cluster}
	}
}
