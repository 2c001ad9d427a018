package lakewarden.tables.clustering.auto_possible_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.auto_possible
import data.lakewarden.testing

_automatic(type) := _with(type, {"clusterByAuto": "TRUE"}, {})

_with(type, properties, optimization) := testing.table({
	"table_type": type,
	"properties": properties,
	"predictive_optimization": optimization,
})

_keyed := {"clusterByAuto": "true", "clusteringColumns": `[["id"]]`}

_proven(table) := proven if {
	proven := testing.proven(auto_possible) with input as table
}

_types := ["MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"]

_unknown := [{}, {"enabled": null}, {"inherited_from": "CATALOG main"}]

test_passes_where_databricks_chooses_keys if {
	every type in _types {
		reason := sprintf("Databricks can choose keys for a table of type %s.", [type])
		every properties in [{"clusterByAuto": "TRUE"}, {"clusterByAuto": "true", "clusteringColumns": "[]"}] {
			_proven(_with(type, properties, {"enabled": true})) == {"pass": {reason}}
		}
	}
}

test_denied_where_predictive_optimization_is_off if {
	table := _with("MANAGED", {"clusterByAuto": "true", "clusteringColumns": "[]"}, {"enabled": false, "inherited_from": "CATALOG main"})
	_proven(table) == {"deny": {{
		"message": "prod.sales.orders has CLUSTER BY AUTO, but predictive optimization is off (inherited from CATALOG main), so nothing chooses its keys and it stays unclustered.",
		"expected": "predictive optimization, or clustering keys",
		"actual": "off",
		"key": "predictive optimization",
	}}}
	every type in _types {
		every properties in [{"clusterByAuto": "true"}, {"clusterByAuto": "true", "clusteringColumns": "broken"}] {
			proven := _proven(_with(type, properties, {"enabled": false}))
			{violation.actual | some violation in proven.deny} == {"off"}
			{contains(violation.message, "is off, so") | some violation in proven.deny} == {true}
			proven == {"deny": proven.deny}
		}
	}
}

test_keys_count_whether_or_not_databricks_chooses_more if {
	reason := "It already has clustering keys."
	every optimization in array.concat(_unknown, [{"enabled": false}]) {
		every type in _types {
			_proven(_with(type, _keyed, optimization)) == {"pass": {reason}}
		}
		detail := object.union(_with("MANAGED", {"clusterByAuto": "true"}, optimization), {"detail": {"clustering_columns": ["id"]}})
		_proven(detail) == {"pass": {reason}}
	}
	count(_proven(_with("MANAGED", _keyed, {"enabled": true})).pass) == 2
}

test_predictive_optimization_is_needed_where_all_hangs_on_it if {
	every optimization in _unknown {
		every type in _types {
			_proven(_with(type, {"clusterByAuto": "true"}, optimization)) == {"needs": {"predictive_optimization"}}
		}
		not _proven(_with("MANAGED", {}, optimization)).needs
		not _proven(_with("EXTERNAL", {"clusterByAuto": "true"}, optimization)).needs
	}
	without := object.remove(_automatic("MANAGED"), ["predictive_optimization"])
	_proven(without) == {"needs": {"predictive_optimization"}}
}

_unread(optimization) := testing.unread_property(["clusteringColumns"], {
	"properties": {"clusterByAuto": "true"},
	"predictive_optimization": optimization,
})

test_keys_that_could_not_be_read_are_needed_unless_databricks_chooses_some if {
	path := "properties.clusteringColumns"
	_proven(_unread({"enabled": false})) == {"needs": {path}}
	_proven(_unread({})) == {"needs": {path, "predictive_optimization"}}
	count(_proven(_unread({"enabled": true})).pass) == 1
	not _proven(_unread({"enabled": true})).needs
}

test_nothing_is_proven_or_needed_without_automatic_clustering if {
	every optimization in [{"enabled": true}, {"enabled": false}, {}] {
		keyed := _with("MANAGED", {"clusteringColumns": `[["id"]]`}, optimization)
		_proven(keyed) == {"not_applicable": {"It doesn't use CLUSTER BY AUTO."}}
		unread := testing.unread_property(["clusteringColumns"], {"predictive_optimization": optimization})
		_proven(unread) == {"not_applicable": {"It doesn't use CLUSTER BY AUTO."}}
	}
}

test_nothing_passes_where_databricks_chooses_no_keys if {
	every type in ["EXTERNAL", "VIEW"] {
		every properties in [{"clusterByAuto": "true"}, _keyed] {
			not _proven(_with(type, properties, {"enabled": true})).pass
			not _proven(_with(type, properties, {"enabled": false})).pass
		}
		path := testing.unread_property(["clusteringColumns"], {
			"table_type": type,
			"properties": {"clusterByAuto": "true"},
		})
		not _proven(path).needs
	}
}

test_an_origin_that_is_no_text_is_not_told if {
	every origin in [null, 1] {
		denied := _proven(_with("MANAGED", {"clusterByAuto": "true"}, {"enabled": false, "inherited_from": origin})).deny
		{contains(violation.message, "is off, so") | some violation in denied} == {true}
	}
}

test_the_detail_says_it_where_there_is_no_property if {
	by_detail := testing.table({"detail": {"cluster_by_auto": true}, "predictive_optimization": {"enabled": false}})
	count(_proven(by_detail).deny) == 1
	overruled := object.union(by_detail, {"properties": {"clusterByAuto": "false"}})
	_proven(overruled) == {"not_applicable": {"It doesn't use CLUSTER BY AUTO."}}
}

test_denied_on_external_tables if {
	denied := _proven(_automatic("EXTERNAL")).deny
	denied == {{
		"message": "prod.sales.orders has CLUSTER BY AUTO, but Databricks doesn't choose keys for a table of type EXTERNAL, so it stays unclustered.",
		"expected": "a table of type MANAGED, MATERIALIZED_VIEW, STREAMING_TABLE",
		"actual": "EXTERNAL",
	}}
	auto_possible.pass == set() with input as _automatic("EXTERNAL")
	auto_possible.not_applicable == set() with input as _automatic("EXTERNAL")
	auto_possible.needs == set() with input as _automatic("EXTERNAL")
}

test_not_applicable_unless_automatic if {
	every table in [
		testing.table({}),
		testing.table({"table_type": "EXTERNAL", "properties": {"clusterByAuto": "false"}}),
	] {
		auto_possible.not_applicable == {"It doesn't use CLUSTER BY AUTO."} with input as table
		auto_possible.pass == set() with input as table
		auto_possible.deny == set() with input as table
	}
}

test_kind_of_table if {
	auto_possible.needs == {"table_type"} with input as testing.table_without("table_type")
	"A table of type VIEW can't be clustered." in auto_possible.not_applicable with input as testing.table({"table_type": "VIEW"})
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		auto_possible.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		auto_possible.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}

test_fixes_are_those_for_the_kind_of_table if {
	off := _with("MANAGED", {"clusterByAuto": "true"}, {"enabled": false})
	cluster := fixes.cluster with input as off
	_fixes(off) == {"predictive optimization": cluster}
	cluster[0].sql == ["ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION"]

	external := _automatic("EXTERNAL")
	keys := fixes.cluster with input as external
	manage := fixes.manage with input as external
	count(manage) == 1
	_fixes(external) == {"": array.concat(keys, manage)}
}

_fixes(table) := alternatives if {
	alternatives := testing.fixes(auto_possible) with input as table
}
