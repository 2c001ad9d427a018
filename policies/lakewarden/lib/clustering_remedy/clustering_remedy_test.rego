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
