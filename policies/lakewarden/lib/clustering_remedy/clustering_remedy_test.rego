package lakewarden.lib.clustering_remedy_test

import data.lakewarden.lib.clustering_remedy as remedy
import data.lakewarden.testing

_partitioned := {"detail": {"partition_columns": ["day"]}}

_by_definition := {
	"STREAMING_TABLE": "CREATE OR REFRESH STREAMING TABLE prod.sales.orders",
	"MATERIALIZED_VIEW": "CREATE OR REPLACE MATERIALIZED VIEW prod.sales.orders",
}

_cluster(changes) := text if {
	text := remedy.cluster with input as testing.table(changes)
}

test_managed_tables_may_be_automatic if {
	_cluster({}) == "Use ALTER TABLE prod.sales.orders CLUSTER BY AUTO, or CLUSTER BY with its keys."
	rekey := remedy.rekey with input as testing.table({})
	rekey == "Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY."
	uncluster := remedy.uncluster with input as testing.table({})
	uncluster == "use ALTER TABLE prod.sales.orders CLUSTER BY NONE"
}

test_automatic_clustering_is_offered_only_with_predictive_optimization if {
	off := {"predictive_optimization": {"enabled": false}}
	_cluster(off) == "Use ALTER TABLE prod.sales.orders CLUSTER BY with its keys, or turn on predictive optimization for CLUSTER BY AUTO."
	partitioned := _cluster(object.union(_partitioned, off))
	startswith(partitioned, "Convert it with ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY with its keys (Databricks")
	every type, definition in _by_definition {
		text := concat("", ["Change its definition to ", definition, " … CLUSTER BY with its keys, or turn on predictive optimization for CLUSTER BY AUTO."])
		_cluster(object.union(off, {"table_type": type})) == text
	}
	_cluster({"predictive_optimization": {"enabled": true}}) == _cluster({})
}

test_external_tables_need_keys if {
	expected := "Use ALTER TABLE prod.sales.orders CLUSTER BY with its keys; CLUSTER BY AUTO isn't available for external tables."
	_cluster({"table_type": "EXTERNAL"}) == expected
}

test_iceberg_tables_are_automatic_from_version_3_on if {
	expected := "Use ALTER TABLE prod.sales.orders CLUSTER BY with its keys; CLUSTER BY AUTO requires Iceberg version 3."
	_cluster({"data_source_format": "ICEBERG"}) == expected
}

test_definitions_are_changed_where_there_is_one if {
	every type, definition in _by_definition {
		text := concat("", ["Change its definition to ", definition, " … CLUSTER BY AUTO, or CLUSTER BY with its keys."])
		_cluster({"table_type": type}) == text
		_cluster(object.union(_partitioned, {"table_type": type})) == text

		table := testing.table({"table_type": type})
		rekey := remedy.rekey with input as table
		rekey == concat("", ["Change its definition to ", definition, " … CLUSTER BY with other keys."])
		uncluster := remedy.uncluster with input as table
		uncluster == concat("", ["remove CLUSTER BY from its definition, ", definition])
		set_property := remedy.set_property("a.b", "true") with input as table
		set_property == concat("", ["set a.b to true in the TBLPROPERTIES of its definition, ", definition])
		unset := remedy.unset(["a.b", "c"]) with input as table
		unset == concat("", ["remove a.b and c from the TBLPROPERTIES of its definition, ", definition])
	}
}

test_partitioned_tables_are_converted if {
	managed := "Convert it with ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY AUTO, or CLUSTER BY with its keys (Databricks Runtime 18.1 and newer), or rewrite it with CREATE OR REPLACE TABLE and CLUSTER BY."
	_cluster(_partitioned) == managed
	_cluster({"columns": [{"name": "id"}, {"name": "day", "partition_index": 0}]}) == managed
	external := "Convert it with ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY with its keys (Databricks Runtime 18.1 and newer), or rewrite it with CREATE OR REPLACE TABLE and CLUSTER BY."
	_cluster(object.union(_partitioned, {"table_type": "EXTERNAL"})) == external
}

test_iceberg_has_no_partitions_to_convert if {
	startswith(_cluster(object.union(_partitioned, {"data_source_format": "ICEBERG"})), "Use ALTER TABLE")
}

test_properties_of_tables if {
	set_property := remedy.set_property("a.b", "true") with input as testing.table({})
	set_property == "use ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a.b' = 'true')"
	unset := remedy.unset(["a.b", "c"]) with input as testing.table({})
	unset == "use ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('a.b', 'c')"
}

test_names_are_quoted_where_statements_want_it if {
	strange := {"full_name": "prod.sales.order items", "name": "order items"}
	contains(_cluster(strange), "ALTER TABLE prod.sales.`order items` CLUSTER BY AUTO")
	contains(_cluster({"full_name": "prod.sales.other name"}), "ALTER TABLE prod.sales.orders CLUSTER BY AUTO")
}

_of(definition, changes) := remedies if {
	remedies := {
		"cluster": remedy.cluster,
		"rekey": remedy.rekey,
		"uncluster": remedy.uncluster,
		"set": remedy.set_property("a.b", "true"),
		"unset": remedy.unset(["a.b", "c"]),
	} with input as testing.table(object.union({"definition": definition}, changes))
}

_terraform := {"tool": "terraform", "address": "databricks_sql_table.orders", "action": "create"}

_dbt := {"tool": "dbt", "address": "model.shop.orders"}

_sql := {"tool": "sql", "address": "CREATE TABLE", "file": "V1__orders.sql", "line": 3}

test_resources_are_changed_in_terraform if {
	every changes in [{}, {"table_type": "MATERIALIZED_VIEW"}] {
		_of(_terraform, changes) == {
			"cluster": `In its resource, name its keys in cluster_keys, or write cluster_keys = ["AUTO"].`,
			"rekey": "Choose other keys in cluster_keys of its resource.",
			"uncluster": `set cluster_keys to ["NONE"] in its resource`,
			"set": "set a.b to true in properties of its resource",
			"unset": "remove a.b and c from properties of its resource (if the table exists, set it to false there instead)",
		}
	}
}

test_models_are_changed_in_dbt if {
	every changes in [{}, {"table_type": "STREAMING_TABLE"}] {
		_of(_dbt, changes) == {
			"cluster": "In its dbt configuration, name its keys in liquid_clustered_by, or write auto_liquid_cluster: true.",
			"rekey": "Choose other keys in liquid_clustered_by of its dbt configuration.",
			"uncluster": "remove liquid_clustered_by and auto_liquid_cluster from its dbt configuration",
			"set": "set a.b to true in tblproperties of its dbt configuration",
			"unset": "remove a.b and c from tblproperties of its dbt configuration (if the table exists, set it to false there instead)",
		}
	}
}

test_planned_tables_that_databricks_chooses_no_keys_for_need_keys if {
	every definition, begin in {_terraform: "In its resource, name its keys in cluster_keys", _dbt: "In its dbt configuration, name its keys in liquid_clustered_by"} {
		_of(definition, {"table_type": "EXTERNAL"}).cluster == concat("", [begin, "; CLUSTER BY AUTO isn't available for external tables."])
		_of(definition, {"data_source_format": "ICEBERG"}).cluster == concat("", [begin, "; CLUSTER BY AUTO requires Iceberg version 3."])
	}
	off := {"predictive_optimization": {"enabled": false}}
	_of(_terraform, off).cluster == `In its resource, name its keys in cluster_keys, or turn on predictive optimization for cluster_keys = ["AUTO"].`
}

test_planned_partitions_give_way_to_keys if {
	text := `In its resource, remove partitions and name its keys in cluster_keys, or write cluster_keys = ["AUTO"].`
	_of(_terraform, _partitioned).cluster == text
	every action in [{"action": "update"}, {"action": "no-op"}] {
		_of(object.union(_terraform, action), _partitioned).cluster == concat("", [text, " Terraform then replaces the table: save its data first."])
		not contains(_of(object.union(_terraform, action), {}).cluster, "replaces")
	}
	_of(_dbt, _partitioned).cluster == "In its dbt configuration, remove partition_by and name its keys in liquid_clustered_by, or write auto_liquid_cluster: true. If the table exists, run dbt with --full-refresh."
}

test_a_seed_is_clustered_by_nobody if {
	seed := "dbt can't cluster a seed: cluster a model that selects from it, or let such tables count as small in an override (planned_tables_count_as)."
	_of({"tool": "dbt", "address": "seed.shop.countries"}, {}).cluster == seed
	not contains(_of({"tool": "terraform", "address": "seed.shop.countries"}, {}).cluster, "dbt")
}

test_statements_are_added_to_the_files if {
	added := " Add this to the files, or change the statement that makes the table where it hasn't run yet."
	_of(_sql, {}) == {
		"cluster": concat("", ["Use ALTER TABLE prod.sales.orders CLUSTER BY AUTO, or CLUSTER BY with its keys.", added]),
		"rekey": concat("", ["Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY.", added]),
		"uncluster": "use ALTER TABLE prod.sales.orders CLUSTER BY NONE in the files",
		"set": "use ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a.b' = 'true') in the files",
		"unset": "use ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('a.b', 'c') in the files",
	}
	every changes in [_partitioned, {"table_type": "EXTERNAL"}, {"data_source_format": "ICEBERG"}] {
		_of(_sql, changes).cluster == concat("", [_cluster(changes), added])
	}
	every type, _ in _by_definition {
		_of(_sql, {"table_type": type}) == _of({}, {"table_type": type})
	}
}
