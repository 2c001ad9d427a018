package lakewarden.lib.clustering_test

import data.lakewarden.lib.clustering
import data.lakewarden.testing

_facts(table, settings) := facts if {
	facts := clustering.facts with input as table with data.lakewarden_run as testing.run(settings)
}

_strategy(properties, settings) := _facts(testing.table({"properties": properties}), settings).strategy

_kind(type, format) := {"table_type": type, "data_source_format": format}

_both := {
	"delta.autoOptimize.optimizeWrite": "true",
	"delta.autoOptimize.autoCompact": "TRUE",
}

test_kinds_that_can_be_clustered if {
	every type in ["MANAGED", "EXTERNAL", "STREAMING_TABLE", "MATERIALIZED_VIEW"] {
		every format in ["DELTA", "DELTA_UNIFORM_ICEBERG", "DELTA_UNIFORM_HUDI"] {
			clustering.clusterable with input as _kind(type, format)
			count(clustering.not_clusterable) == 0 with input as _kind(type, format)
			count(clustering.unknown_type) == 0 with input as _kind(type, format)
		}
	}
	clustering.clusterable with input as _kind("MANAGED", "ICEBERG")
}

test_kinds_that_cannot if {
	every kind in [
		_kind("VIEW", "UNKNOWN_DATA_SOURCE_FORMAT"),
		{"table_type": "FOREIGN"},
		_kind("MANAGED_SHALLOW_CLONE", "DELTA"),
		_kind("EXTERNAL", "ICEBERG"),
		_kind("MANAGED", "PARQUET"),
	] {
		not clustering.clusterable with input as kind
		count(clustering.not_clusterable) == 1 with input as kind
		count(clustering.unknown_type) == 0 with input as kind
	}
}

test_what_cannot_be_clustered_is_told if {
	reasons := {
		"A table of type FOREIGN can't be clustered.": {"table_type": "FOREIGN"},
		"A table of type MANAGED in the format PARQUET can't be clustered.": _kind("MANAGED", "PARQUET"),
	}
	every reason, kind in reasons {
		clustering.not_clusterable == {reason} with input as kind
	}
}

test_kinds_that_nobody_knows if {
	cases := [
		[{}, "table_type"],
		[{"data_source_format": "DELTA"}, "table_type"],
		[_kind("managed", "DELTA"), "table_type"],
		[_kind("TEMPORARY", "DELTA"), "table_type"],
		[{"table_type": "MANAGED"}, "data_source_format"],
		[_kind("MANAGED", "delta"), "data_source_format"],
		[_kind("EXTERNAL", "UNKNOWN_DATA_SOURCE_FORMAT"), "data_source_format"],
	]
	every case in cases {
		not clustering.clusterable with input as case[0]
		count(clustering.not_clusterable) == 0 with input as case[0]
		clustering.unknown_type == {case[1]} with input as case[0]
		_facts(case[0], {}) == {}
	}
}

test_strategies if {
	keys := {"clusteringColumns": `[["id"]]`}
	auto := {"clusterByAuto": "true"}
	_strategy({}, {}) == "none"
	_strategy(keys, {}) == "liquid"
	_strategy(auto, {}) == "auto"
	_strategy(object.union(keys, auto), {}) == "auto"
	_strategy(_both, {}) == "auto_optimize"
	_strategy(object.union(keys, _both), {}) == "liquid+auto_optimize"
	_strategy(object.union(auto, _both), {}) == "auto+auto_optimize"
	_strategy({"clusteringColumns": "broken"}, {}) == "none"
}

test_auto_optimize_counts_where_it_is_accepted if {
	_strategy(_both, {"accept_auto_optimize": false}) == "none"
}

test_auto_optimize_needs_both_flags_or_either if {
	every flag in object.keys(_both) {
		_strategy({flag: "true"}, {}) == "none"
		_strategy({flag: "true"}, {"require_both_auto_optimize_flags": false}) == "auto_optimize"
	}
	_strategy({}, {"require_both_auto_optimize_flags": false}) == "none"
}

test_threshold_of_test_schemas if {
	every pattern in ["pytest_test_data", "PYTEST_*", "pytest?test?data"] {
		table := testing.table({"schema_name": "PyTest_Test_Data"})
		_facts(table, {"test_schemas": ["none", pattern]}).threshold_bytes == 1048576
	}
	_facts(testing.table({}), {}).threshold_bytes == 1073741824
	_facts(testing.table({}), {"test_schemas": []}).threshold_bytes == 1073741824
}

test_small_is_a_fact_only_where_a_size_decides if {
	_facts(testing.table({}), {}).small == false
	_facts(testing.table({"size": {"bytes": 1}}), {}).small == true
	unsized := _facts(object.union(testing.table_without("size"), {"size": {}}), {})
	not "small" in object.keys(unsized)
	null_size := _facts(testing.table({"size": {"bytes": null}}), {})
	not "small" in object.keys(null_size)
}

test_facts if {
	_facts(testing.table({"properties": {"clusteringColumns": `[["id"],["a.b","c"]]`}}), {}) == {
		"clusterable": true,
		"strategy": "liquid",
		"keys": ["id", "`a.b`.c"],
		"excluded": false,
		"small": false,
		"threshold_bytes": 1073741824,
	}
	_facts(testing.table({"size": {"bytes": null}}), {}) == {
		"clusterable": true,
		"strategy": "none",
		"keys": [],
		"excluded": false,
		"threshold_bytes": 1073741824,
	}
	_facts(testing.table({"properties": {"cluster_exclusion": "true"}}), {}).excluded == true
	_facts(testing.table({"table_type": "VIEW"}), {}) == {"clusterable": false}
}

test_what_stands_in_unread_properties_is_no_fact if {
	every table in testing.unread({}) {
		_facts(table, {}) == {"clusterable": true, "small": false, "threshold_bytes": 1073741824}
	}
	every table in testing.unread({"detail": {"clustering_columns": ["id"]}}) {
		_facts(table, {}) == {"clusterable": true, "small": false, "threshold_bytes": 1073741824, "keys": ["id"]}
	}
	facts := _facts(testing.unread_property(["cluster_exclusion"], {}), {})
	facts == {"clusterable": true, "small": false, "threshold_bytes": 1073741824, "keys": [], "strategy": "none"}
}

_unknown(table, settings) := found if {
	found := {
		"liquid": clustering.unknown_liquid,
		"automatic": clustering.unknown_automatic,
		"strategies": clustering.unknown_strategies,
		"exclusion": clustering.unknown_exclusion,
	} with input as table with data.lakewarden_run as testing.run(settings)
}

_known := {"liquid": set(), "automatic": set(), "strategies": set(), "exclusion": set()}

test_nothing_is_unknown_where_the_properties_are_there if _unknown(testing.table({}), {}) == _known

test_everything_is_unknown_where_they_are_not if {
	every table in testing.unread({}) {
		_unknown(table, {}) == {
			"liquid": {"properties"},
			"automatic": {"properties"},
			"strategies": {"properties"},
			"exclusion": {"properties"},
		}
	}
}

test_keys_of_the_detail_are_liquid_clustering if {
	every table in testing.unread({"detail": {"clustering_columns": ["id"]}}) {
		_unknown(table, {}).liquid == set()
		_unknown(table, {}).strategies == {"properties"}
		_unknown(table, {"accept_auto_optimize": false}).strategies == set()
	}
	every table in testing.unread({"detail": {"clustering_columns": []}}) {
		_unknown(table, {}).liquid == {"properties"} # it may have AUTO
	}
}

test_each_property_is_lacking_by_itself if {
	path := "properties.clusteringColumns"
	table := testing.unread_property(["clusteringColumns"], {})
	_unknown(table, {}) == object.union(_known, {"liquid": {path}, "strategies": {path}})
	auto := testing.unread_property(["clusteringColumns"], {"properties": {"clusterByAuto": "true"}})
	_unknown(auto, {}) == _known
	exclusion := testing.unread_property(["cluster_exclusion"], {})
	_unknown(exclusion, {}) == object.union(_known, {"exclusion": {"properties.cluster_exclusion"}})
	_unknown(exclusion, {"exclusion_property": "other"}) == _known
	by_auto := testing.unread_property(["clusterByAuto"], {})
	only := {"properties.clusterByAuto"}
	_unknown(by_auto, {}) == object.union(_known, {"liquid": only, "automatic": only, "strategies": only})
}

test_a_flag_is_lacking_only_where_it_could_decide if {
	[write, compact] := ["delta.autoOptimize.optimizeWrite", "delta.autoOptimize.autoCompact"]
	lacking := {concat(".", ["properties", compact])}
	either := {"require_both_auto_optimize_flags": false}
	_unknown(testing.unread_property([compact], {"properties": {write: "true"}}), {}).strategies == lacking
	_unknown(testing.unread_property([compact], {"properties": {write: "true"}}), either).strategies == set()
	_unknown(testing.unread_property([compact], {}), {}).strategies == set()
	_unknown(testing.unread_property([compact], {}), either).strategies == lacking
	_unknown(testing.unread_property([compact], {}), object.union(either, {"accept_auto_optimize": false})).strategies == set()
	count(_unknown(testing.unread_property([compact, write], {}), {}).strategies) == 2
}

_with(properties, optimization) := testing.table({"properties": properties, "predictive_optimization": optimization})

_auto := {"clusterByAuto": "true"}

_liquid(table) := {"liquid": liquid, "declared": declared, "strategies": strategies, "strategy": _facts(table, {}).strategy} if {
	liquid := count([1 | clustering.liquid]) with input as table
	declared := count([1 | clustering.declared_liquid]) with input as table
	strategies := clustering.strategies with input as table with data.lakewarden_run as testing.run({})
}

test_automatic_clustering_without_keys_needs_predictive_optimization if {
	on := {"liquid": 1, "declared": 1, "strategies": {"liquid"}, "strategy": "auto"}
	every said in [{"enabled": true}, {}, {"enabled": null}] {
		_liquid(_with(_auto, said)) == on
	}
	off := {"liquid": 0, "declared": 1, "strategies": set(), "strategy": "none"}
	_liquid(_with(_auto, {"enabled": false})) == off
	_liquid(object.union(_with(_auto, {"enabled": true}), {"table_type": "EXTERNAL"})) == off
}

test_keys_count_without_predictive_optimization if {
	keyed := object.union(_auto, {"clusteringColumns": `[["id"]]`})
	_liquid(_with(keyed, {"enabled": false})) == {"liquid": 1, "declared": 1, "strategies": {"liquid"}, "strategy": "auto"}
	only_keys := {"clusteringColumns": `[["id"]]`}
	_liquid(_with(only_keys, {"enabled": false})) == {"liquid": 1, "declared": 1, "strategies": {"liquid"}, "strategy": "liquid"}
	_liquid(_with({}, {"enabled": true})) == {"liquid": 0, "declared": 0, "strategies": set(), "strategy": "none"}
}

test_auto_optimise_counts_where_automatic_clustering_does_not if {
	flags := {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
	off := _liquid(_with(object.union(_auto, flags), {"enabled": false}))
	off == {"liquid": 0, "declared": 1, "strategies": {"auto_optimize"}, "strategy": "auto_optimize"}
	on := _liquid(_with(object.union(_auto, flags), {"enabled": true}))
	on.strategy == "auto+auto_optimize"
}

_by_detail(detail, properties) := found if {
	found := count([1 | clustering.automatic]) with input as testing.table({"detail": detail, "properties": properties})
}

test_the_detail_tells_of_automatic_clustering_where_no_property_does if {
	_by_detail({"cluster_by_auto": true}, {}) == 1
	_by_detail({"cluster_by_auto": false}, {}) == 0
	_by_detail({"cluster_by_auto": null}, {}) == 0
	_by_detail({}, {}) == 0
	_by_detail({"cluster_by_auto": false}, _auto) == 1
	every value in ["false", "", "yes", null] {
		_by_detail({"cluster_by_auto": true}, {"clusterByAuto": value}) == 0
	}
}

test_the_detail_spares_the_property_that_could_not_be_read if {
	every automatic in [true, false] {
		detail := {"cluster_by_auto": automatic, "clustering_columns": []}
		every table in testing.unread({"detail": detail}) {
			_unknown(table, {}).automatic == set()
			_unknown(table, {}).liquid == set()
		}
		unread := testing.unread_property(["clusterByAuto"], {"detail": detail})
		_unknown(unread, {}) == _known
	}
	every table in testing.unread({"detail": {"cluster_by_auto": null}}) {
		_unknown(table, {}).automatic == {"properties"}
	}
	_unknown(testing.table({"properties": {"clusterByAuto": null}, "detail": {"cluster_by_auto": true}}), {}).automatic == {"properties"}
}

_auto_unread(optimization) := testing.unread_property(["clusteringColumns"], {"properties": _auto, "predictive_optimization": optimization})

test_what_was_asked_for_is_unknown_only_while_nothing_tells if {
	clustering.unknown_declared_liquid == set() with input as _auto_unread({"enabled": false})
	clustering.unknown_liquid == {"properties.clusteringColumns"} with input as _auto_unread({"enabled": false})
	clustering.unknown_liquid == set() with input as _auto_unread({})
	every table in testing.unread({}) {
		clustering.unknown_declared_liquid == {"properties"} with input as table
	}
	clustering.unknown_declared_liquid == set() with input as testing.table({})
}

test_what_a_pipeline_keeps_without_a_format_can_be_clustered if {
	every format in ["UNKNOWN_DATA_SOURCE_FORMAT", null] {
		table := testing.table({"table_type": "STREAMING_TABLE", "data_source_format": format})
		clustering.clusterable with input as table
		clustering.unknown_type == set() with input as table
		clustering.not_clusterable == set() with input as table
	}
	managed := testing.table({"data_source_format": "UNKNOWN_DATA_SOURCE_FORMAT"})
	clustering.unknown_type == {"data_source_format"} with input as managed
}

_planned := testing.planned("known_after_apply", {})

_below(table, settings, limit) := [is_below |
	is_below := clustering.below(limit) with input as table with data.lakewarden_run as testing.run(settings)
]

_needed(table, settings, limit) := needed if {
	needed := clustering.unknown_below(limit) with input as table with data.lakewarden_run as testing.run(settings)
}

_threshold := 1073741824

test_planned_tables_count_as_large if {
	every settings in [{}, {"planned_tables_count_as": "large"}] {
		every limit in [0, 1, _threshold - 1, _threshold] {
			_below(_planned, settings, limit) == [false]
			_needed(_planned, settings, limit) == set()
		}
		_below(_planned, settings, _threshold + 1) == []
		_needed(_planned, settings, _threshold + 1) == {"size"}
	}
}

test_planned_tables_count_as_small_where_the_settings_say_so if {
	settings := {"planned_tables_count_as": "small"}
	every limit in [_threshold, _threshold + 1] {
		_below(_planned, settings, limit) == [true]
		_needed(_planned, settings, limit) == set()
	}
	_below(_planned, settings, _threshold - 1) == []
	_needed(_planned, settings, _threshold - 1) == {"size"}
}

test_planned_tables_count_as_nothing_where_the_settings_say_so if {
	every limit in [0, _threshold, _threshold + 1] {
		_below(_planned, {"planned_tables_count_as": "unknown"}, limit) == []
		_needed(_planned, {"planned_tables_count_as": "unknown"}, limit) == {"size"}
	}
}

test_what_planned_tables_count_as_is_measured_by_the_threshold_of_their_schema if {
	table := object.union(_planned, {"schema_name": "pytest_test_data"})
	_below(table, {}, 1048576) == [false]
	_below(table, {}, 1048577) == []
}

test_a_size_decides_about_planned_tables_whatever_they_count_as if {
	every counts_as in ["large", "small", "unknown"] {
		settings := {"planned_tables_count_as": counts_as}
		_below(object.union(_planned, {"size": {"bytes": 1, "exact": true}}), settings, _threshold) == [true]
		_below(object.union(_planned, {"size": {"bytes": _threshold, "exact": true}}), settings, _threshold) == [false]
		_below(object.union(_planned, {"size": {"bytes": 1}}), settings, _threshold) == []
	}
	_below(object.union(_planned, {"size": {"bytes": null}}), {}, _threshold) == [false]
}

test_only_planned_tables_count_as_anything if {
	every definition in [{}, null, {"tool": null}, {"file": "main.tf"}] {
		table := object.union(testing.table_without("size"), {"size": {}, "definition": definition})
		_below(table, {}, _threshold) == []
		not "assumed_size" in object.keys(_facts(table, {}))
	}
}

test_an_assumption_is_a_fact_of_its_own if {
	every counts_as in ["large", "small"] {
		facts := _facts(_planned, {"planned_tables_count_as": counts_as})
		facts.assumed_size == counts_as
		not "small" in object.keys(facts)
	}
	unknown := object.keys(_facts(_planned, {"planned_tables_count_as": "unknown"}))
	count(unknown & {"assumed_size", "small"}) == 0
	sized := _facts(object.union(_planned, {"size": {"bytes": 1, "exact": true}}), {})
	sized.small == true
	not "assumed_size" in object.keys(sized)
}

_holds(table, settings) := holds if {
	holds := clustering.holds with input as table with data.lakewarden_run as testing.run(settings)
}

test_what_is_assumed_is_said if {
	_holds(_planned, {}) == "counts as large while it's only planned (planned_tables_count_as)"
	_holds(object.remove(_planned, ["evidence"]), {}) == "counts as large while it's only planned (planned_tables_count_as)"
	existing := testing.planned("not_requested", {})
	_holds(existing, {"planned_tables_count_as": "small"}) == "counts as small while its size isn't given (planned_tables_count_as; --with can give it)"
	every status in ["denied", "failed", "unsupported"] {
		_holds(testing.planned(status, {}), {}) == "counts as large while its size isn't known (planned_tables_count_as)"
	}
	every table in [_planned, existing] {
		_holds(table, {"planned_tables_count_as": "unknown"}) == "holds an unknown number of bytes"
	}
	_holds(testing.table({}), {}) == "holds 5.0 GiB (5368709120 bytes)"
}
