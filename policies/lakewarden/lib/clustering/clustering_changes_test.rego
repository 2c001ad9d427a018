package lakewarden.lib.clustering_test

import data.lakewarden.lib.clustering
import data.lakewarden.testing

_changes(table, settings) := changes if {
	changes := clustering.changes with input as table with data.lakewarden_run as testing.run(settings)
}

_titles(table, settings) := [change.title | some change in _changes(table, settings)]

# The patches under one title.
_patches(table, settings, title) := [change.patch |
	some change in _changes(table, settings)
	change.title == title
]

_changed(properties) := testing.table({"properties": properties})

# Limits of which no two are the same, and none is the table's size.
_limits := {
	"size_threshold_bytes": 1024,
	"partition_min_bytes": 2048,
	"frequent_min_bytes": 3072,
	"exclusion_review_bytes": 4096,
}

_larger := testing.table({"size": {"bytes": 5000, "exact": true}})

_smaller := testing.table({"size": {"bytes": 1023, "exact": true}})

_by_one := {"title": "cluster it by one column", "patch": {"properties": {"clusteringColumns": `[["id"]]`}}}

_by_auto := {
	"title": "let Databricks choose its clustering keys (CLUSTER BY AUTO)",
	"patch": {"properties": {"clusterByAuto": "true"}},
}

_optimized := {"title": "turn on predictive optimization", "patch": {"predictive_optimization": {"enabled": true}}}

_tuned := {"title": "turn on auto-optimise", "patch": {"properties": {
	"delta.autoOptimize.autoCompact": "true",
	"delta.autoOptimize.optimizeWrite": "true",
}}}

_left_out := {"title": "set the property skip", "patch": {"properties": {"skip": "true"}}}

_smaller_than(limit, text) := {
	"title": sprintf("hold less than %s", [text]),
	"patch": {"size": {"bytes": limit - 1, "exact": true}},
}

_as_large_as(limit, text) := {
	"title": sprintf("hold %s", [text]),
	"patch": {"size": {"bytes": limit, "exact": true}},
}

test_of_a_large_table_with_nothing if {
	_changes(_larger, object.union(_limits, {"exclusion_property": "skip"})) == [
		_by_one,
		_by_auto,
		_optimized,
		_tuned,
		_left_out,
		_smaller_than(1024, "1.0 KiB (1024 bytes)"),
		_smaller_than(2048, "2.0 KiB (2048 bytes)"),
		_smaller_than(3072, "3.0 KiB (3072 bytes)"),
		_smaller_than(4096, "4.0 KiB (4096 bytes)"),
	]
}

test_of_a_small_table_with_nothing if {
	_changes(_smaller, object.union(_limits, {"exclusion_property": "skip"})) == [
		_by_one,
		_by_auto,
		_optimized,
		_tuned,
		_left_out,
		_as_large_as(1024, "1.0 KiB (1024 bytes)"),
		_as_large_as(2048, "2.0 KiB (2048 bytes)"),
		_as_large_as(3072, "3.0 KiB (3072 bytes)"),
		_as_large_as(4096, "4.0 KiB (4096 bytes)"),
	]
}

test_a_size_at_a_limit_is_no_smaller if {
	table := testing.table({"size": {"bytes": 1024, "exact": true}})
	titles := _titles(table, _limits)
	"hold less than 1.0 KiB (1024 bytes)" in titles
	not "hold 1.0 KiB (1024 bytes)" in titles
}

test_an_unknown_size_could_be_either if {
	table := object.union(testing.table_without("size"), {"size": {}})
	titles := _titles(table, _limits)
	"hold less than 1.0 KiB (1024 bytes)" in titles
	"hold 1.0 KiB (1024 bytes)" in titles
}

test_nothing_is_smaller_than_nothing if {
	titles := _titles(_larger, object.union(_limits, {"size_threshold_bytes": 0}))
	not "hold less than 0 bytes" in titles
	"hold less than 1 bytes" in _titles(_larger, object.union(_limits, {"size_threshold_bytes": 1}))
}

test_of_tables_with_all_that_could_go if {
	full := testing.table({
		"table_type": "EXTERNAL",
		"properties": {
			"clusteringColumns": `[["gone"],["ID"],["a.b"]]`,
			"clusterByAuto": "true",
			"skip": "true",
			"delta.autoOptimize.optimizeWrite": "true",
			"delta.autoOptimize.autoCompact": "true",
		},
		"columns": [{"name": "id", "partition_index": 0}, {"name": "a.b"}],
		"tags": {"other": "x"},
		"size": {"bytes": 5000, "exact": true},
	})
	changed := _changes(full, object.union(_limits, {
		"exclusion_property": "skip",
		"max_clustering_columns": 2,
		"exclusion_approval_tag": "agreed",
	}))
	array.slice(changed, 0, 10) == [
		_by_one,
		{"title": "keep only its first 2 clustering keys", "patch": {"properties": {"clusteringColumns": `[["gone"],["ID"]]`}}},
		{"title": "cluster it only by keys that are columns", "patch": {"properties": {"clusteringColumns": `[["ID"],["a.b"]]`}}},
		{
			"title": "collect file statistics for its clustering keys",
			"patch": {"properties": {"delta.dataSkippingStatsColumns": "gone,ID,`a.b`"}},
		},
		{"title": "turn off auto-optimise", "patch": {"properties": {
			"delta.autoOptimize.autoCompact": null,
			"delta.autoOptimize.optimizeWrite": null,
		}}},
		{"title": "remove its partitions", "patch": {
			"detail": {"partition_columns": []},
			"columns": [{"name": "id"}, {"name": "a.b"}],
		}},
		{"title": "make it a managed table", "patch": {"table_type": "MANAGED"}},
		{"title": "set the tag agreed", "patch": {"tags": {"agreed": "approved"}}},
		{"title": "remove the property skip", "patch": {"properties": {"skip": null}}},
		{
			"title": "remove its clustering (CLUSTER BY NONE)",
			"patch": {"properties": {"clusteringColumns": "[]", "clusterByAuto": "false"}},
		},
	]
}

test_nothing_of_tables_that_cannot_be_clustered if {
	_changes(testing.table({"table_type": "VIEW"}), {}) == []
	_changes({"full_name": "a.b.c"}, {}) == []
}

test_no_property_is_set_where_none_was_read if {
	every table in testing.unread({}) {
		titles := _titles(table, {"exclusion_property": "skip"})
		count({"cluster it by one column", _by_auto.title, "turn on auto-optimise", "set the property skip", "remove its clustering (CLUSTER BY NONE)"} & {title | some title in titles}) == 0
		"turn on predictive optimization" in titles
	}
}

test_clustering_in_the_detail_alone_is_not_removed_from_properties_that_nobody_read if {
	detail := {"clustering_columns": ["id"], "cluster_by_auto": false}
	table := object.union(testing.table_without("properties"), {"detail": detail})
	not "remove its clustering (CLUSTER BY NONE)" in _titles(table, {})
	"remove its clustering (CLUSTER BY NONE)" in _titles(testing.table({"detail": detail}), {})
}

test_one_column_is_the_first_that_can_be_a_key if {
	title := "cluster it by one column"
	types := ["ARRAY<int>", "binary", "boolean", "interval day", "map<int,int>", "struct<a:int>", "variant"]
	columns := array.concat(
		[{"name": type, "type_text": type} | some type in types],
		[{"name": "day", "type_text": "date"}, {"name": "id"}],
	)
	_patches(testing.table({"columns": columns}), {}, title) == [{"properties": {"clusteringColumns": `[["day"]]`}}]
	plain := [{"name": "constructed", "type_text": "mystruct"}]
	_patches(testing.table({"columns": plain}), {}, title) == [{"properties": {"clusteringColumns": `[["constructed"]]`}}]
	_patches(testing.table({"columns": array.slice(columns, 0, 7)}), {}, title) == []
	_patches(testing.table_without("columns"), {}, title) == []
	_patches(_changed({"clusteringColumns": `[["id"]]`}), {}, title) == []
}

test_keys_are_cut_only_where_there_are_too_many if {
	table := _changed({"clusteringColumns": `[["id"],["Address"]]`})
	_patches(table, {"max_clustering_columns": 2}, "keep only its first 2 clustering keys") == []
	_patches(table, {"max_clustering_columns": 1}, "keep only its first 1 clustering keys") == [{"properties": {"clusteringColumns": `[["id"]]`}}]
}

test_keys_that_are_columns_are_kept_where_there_are_some_and_others if {
	title := "cluster it only by keys that are columns"
	_patches(_changed({"clusteringColumns": `[["gone"]]`}), {}, title) == []
	_patches(_changed({"clusteringColumns": `[["id"],["address","city"]]`}), {}, title) == []
	_patches(_changed({"clusteringColumns": `[["gone"],["ADDRESS","city"]]`}), {}, title) == [{"properties": {"clusteringColumns": `[["ADDRESS","city"]]`}}]
}

test_statistics_are_for_keys_that_have_none_named if {
	title := "collect file statistics for its clustering keys"
	keys := {"clusteringColumns": `[["id"]]`}
	_patches(_changed(keys), {}, title) == [{"properties": {"delta.dataSkippingStatsColumns": "id"}}]
	_patches(_changed(object.union(keys, {"delta.dataSkippingStatsColumns": "id"})), {}, title) == []
	_patches(_changed({}), {}, title) == []
	_patches(_changed({"delta.dataSkippingStatsColumns": "id"}), {}, title) == []
	_patches(_changed(object.union(keys, {"delta.dataSkippingStatsColumns": ""})), {}, title) == [{"properties": {"delta.dataSkippingStatsColumns": "id"}}]
}

test_predictive_optimization if {
	on := testing.table({"predictive_optimization": {"enabled": true}})
	_patches(on, {}, "turn off predictive optimization") == [{"predictive_optimization": {"enabled": false}}]
	_patches(on, {}, "turn on predictive optimization") == []
	off := testing.table({"predictive_optimization": {"enabled": false}})
	_patches(off, {}, "turn off predictive optimization") == []
	_patches(off, {}, "turn on predictive optimization") == [{"predictive_optimization": {"enabled": true}}]
	_patches(testing.table({"table_type": "EXTERNAL"}), {}, "turn on predictive optimization") == []
}

test_predictive_optimization_is_turned_off_before_the_size_changes if {
	on := testing.table({"predictive_optimization": {"enabled": true}, "properties": {"clusterByAuto": "true"}})
	titles := _titles(on, {})
	titles[3] == "remove its clustering (CLUSTER BY NONE)"
	titles[4] == "turn off predictive optimization"
	startswith(titles[5], "hold")
}

test_half_of_auto_optimise_is_made_whole_or_nothing if {
	table := _changed({"delta.autoOptimize.autoCompact": "true"})
	_patches(table, {}, "turn on auto-optimise") == [{"properties": {"delta.autoOptimize.optimizeWrite": "true"}}]
	_patches(table, {}, "turn off auto-optimise") == [{"properties": {"delta.autoOptimize.autoCompact": null}}]
	_patches(_changed({}), {}, "turn off auto-optimise") == []
	titles := _titles(table, {})
	[title | some title in titles; endswith(title, "auto-optimise")] == ["turn on auto-optimise", "turn off auto-optimise"]
}

test_partitions if {
	title := "remove its partitions"
	detail := {"detail": {"partition_columns": ["id"]}}
	unlisted := object.union(testing.table_without("columns"), detail)
	_patches(unlisted, {}, title) == [{"detail": {"partition_columns": []}}]
	_patches(testing.table({}), {}, title) == []
}

test_only_an_external_table_is_made_a_managed_one if {
	_patches(testing.table({"table_type": "STREAMING_TABLE"}), {}, "make it a managed table") == []
}

test_tag if {
	title := "set the tag agreed"
	settings := {"exclusion_approval_tag": "agreed"}
	_patches(testing.table({"tags": {}}), settings, title) == [{"tags": {"agreed": "approved"}}]
	_patches(testing.table({"tags": {"agreed": ""}}), settings, title) == []
	_patches(testing.table({}), settings, title) == []
	_patches(testing.table({"tags": {}}), {}, "set the tag ") == []
}

test_exclusion if {
	set := "set the property cluster_exclusion"
	remove := "remove the property cluster_exclusion"
	_patches(_changed({"cluster_exclusion": "true"}), {}, set) == []
	_patches(_changed({"cluster_exclusion": "true"}), {}, remove) == [{"properties": {"cluster_exclusion": null}}]
	_patches(_changed({"cluster_exclusion": "no"}), {}, remove) == []
	_patches(_changed({"cluster_exclusion": "no"}), {}, set) == [{"properties": {"cluster_exclusion": "true"}}]
}

test_no_clustering_is_removed_where_there_is_none if {
	not "remove its clustering (CLUSTER BY NONE)" in _titles(testing.table({}), {})
}
