package lakewarden.lib.clustering_fixes_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.testing

_cluster(changes) := alternatives if {
	alternatives := fixes.cluster with input as testing.table(changes) with data.lakewarden_run as testing.run({})
}

_rekey(changes, proposal, accepted) := alternatives if {
	alternatives := fixes.rekey(proposal, accepted) with input as testing.table(changes)
		with data.lakewarden_run as testing.run({})
}

_uncluster(changes) := fix if {
	fix := fixes.uncluster with input as testing.table(changes) with data.lakewarden_run as testing.run({})
}

_rights := "Ownership of the table, or MANAGE on it"

_size := "5.0 GiB (5368709120 bytes)"

_metadata_only := "It changes metadata only; writes that run meanwhile may fail."

_effect := sprintf("%s New data is clustered by OPTIMIZE, and large batches as they're written. OPTIMIZE … FULL also clusters what is there, and rewrites %s.", [_metadata_only, _size])

_protocol := "It raises the table's protocol for good (writer version 7, maybe reader version 3), which older clients don't know."

_costs := "Databricks then maintains the table, on serverless compute that costs extra. Its VACUUM ends time travel to versions older than delta.deletedFileRetentionDuration, 7 days unless set."

_may_choose_none := "Databricks may choose no keys for a table that is small or rarely read."

_none := "ALTER TABLE prod.sales.orders CLUSTER BY NONE"

_auto := {
	"title": "Have Databricks choose the clustering keys",
	"sql": ["ALTER TABLE prod.sales.orders CLUSTER BY AUTO"],
	"requires": [
		"Databricks Runtime 15.4 LTS or newer, or a SQL warehouse",
		_rights,
		"Predictive optimization on for the table",
	],
	"note": concat(" ", [_effect, _protocol, _may_choose_none]),
	"undo": [_none],
}

_keys := {
	"title": "Cluster it by the columns that most queries filter by",
	"sql": ["ALTER TABLE prod.sales.orders CLUSTER BY (<key columns>)"],
	"requires": ["Databricks Runtime 15.2 or newer, or a SQL warehouse", _rights],
	"note": concat(" ", [_effect, _protocol]),
	"undo": [_none],
}

_enable := {
	"title": "Turn on predictive optimization, and have Databricks choose the clustering keys",
	"sql": [
		"ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION",
		"ALTER TABLE prod.sales.orders CLUSTER BY AUTO",
	],
	"requires": ["Databricks Runtime 15.4 LTS or newer, or a SQL warehouse", _rights],
	"note": concat(" ", [_effect, _protocol, _costs, _may_choose_none]),
	"undo": [_none, "ALTER TABLE prod.sales.orders DISABLE PREDICTIVE OPTIMIZATION"],
}

_off := {"predictive_optimization": {"enabled": false}}

_on := {"predictive_optimization": {"enabled": true}}

test_managed_tables_may_be_automatic if {
	_cluster({}) == [_auto, _keys]
	_cluster(_on) == [object.union(_auto, {"requires": array.slice(_auto.requires, 0, 2)}), _keys]
}

test_an_unknown_size_is_all_of_the_data if {
	alternatives := _cluster({"size": {"bytes": null}})
	count(alternatives) == 2
	every fix in alternatives {
		contains(fix.note, "and rewrites all of its data.")
	}
}

test_predictive_optimization_is_turned_on_first_where_it_is_off if {
	_cluster(_off) == [_keys, _enable]
	inherited := {"predictive_optimization": {"enabled": false, "inherited_from": "CATALOG prod"}}
	_cluster(inherited) == [_keys, object.union(_enable, {"undo": [_none, "ALTER TABLE prod.sales.orders INHERIT PREDICTIVE OPTIMIZATION"]})]
}

test_a_table_left_to_databricks_that_works_is_left_to_it if {
	[fix.title | some fix in _cluster({"properties": {"clusterByAuto": "true"}})] == [_auto.title, _keys.title]
}

test_a_table_left_to_databricks_needs_predictive_optimization_alone if {
	automatic := object.union(_off, {"properties": {"clusterByAuto": "true"}})
	[enable, keys] := _cluster(automatic)
	enable == object.union(_enable, {
		"sql": ["ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION"],
		"note": concat(" ", [_effect, _costs, _may_choose_none]),
		"undo": [
			"ALTER TABLE prod.sales.orders CLUSTER BY AUTO",
			"ALTER TABLE prod.sales.orders DISABLE PREDICTIVE OPTIMIZATION",
		],
	})
	keys == object.union(_keys, {
		"note": _effect,
		"undo": ["ALTER TABLE prod.sales.orders CLUSTER BY AUTO"],
	})
	[converted, _, _] := _cluster(object.union(automatic, _partitioned))
	converted.sql == [
		"ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION",
		"ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY AUTO",
	]
}

test_external_tables_need_keys if {
	external := "CLUSTER BY AUTO isn't available for external tables."
	note := concat(" ", [_effect, _protocol, external])
	_cluster({"table_type": "EXTERNAL"}) == [object.union(_keys, {"note": note})]
	automatic := _cluster({"table_type": "EXTERNAL", "properties": {"clusterByAuto": "true"}})
	automatic == [object.union(_keys, {
		"note": concat(" ", [_effect, external, "It can't be undone: Databricks wouldn't take what the table has now."]),
		"undo": [],
	})]
}

test_iceberg_tables_are_automatic_from_version_3_on if {
	_cluster({"data_source_format": "ICEBERG"}) == [object.union(_keys, {
		"requires": ["Databricks Runtime 16.4 LTS or newer, or a SQL warehouse", _rights, "Deletion vectors and row tracking off, for Iceberg version 2"],
		"note": concat(" ", [_effect, "CLUSTER BY AUTO requires Iceberg version 3."]),
	})]
}

test_names_are_quoted_where_statements_want_it if {
	[auto, _] := _cluster({"full_name": "prod.sales.order items", "name": "order items"})
	auto.sql == ["ALTER TABLE prod.sales.`order items` CLUSTER BY AUTO"]
	[other, _] := _cluster({"full_name": "prod.sales.other name"})
	other.sql == ["ALTER TABLE prod.sales.orders CLUSTER BY AUTO"]
}

# Partitions.
_partitioned := {"detail": {"partition_columns": ["day"]}}

_conversion := sprintf("It takes the partitions away, and may rewrite files to do so. OPTIMIZE then clusters what is there, and rewrites up to %s, the more the less the keys are like the partition columns. Streams that read the table stop, and need a new checkpoint and a starting version unless they track its schema; streams that write to it have to be restarted. %s Undoing also takes back what was written since, and works until VACUUM removes the old files. Databricks doesn't promise that it works: try it on a copy.", [_size, _protocol])

_clients := "Readers on Databricks Runtime 13.3 LTS or newer, writers on 15.4 LTS or newer, and no share that filters by partition"

_restore := "RESTORE TABLE prod.sales.orders TO VERSION AS OF <the version before>"

_reconvert := [
	"ALTER TABLE prod.sales.orders CLUSTER BY NONE",
	"ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES IF EXISTS ('delta.liquid.hierarchicalClusteringColumns')",
	_restore,
]

_convert_to_auto := {
	"title": "Instead of its partitions, have Databricks choose the clustering keys",
	"sql": ["ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY AUTO"],
	"requires": [
		"Databricks Runtime 18.1 or newer, or a SQL warehouse",
		_rights,
		_clients,
		"Predictive optimization on for the table",
	],
	"note": concat(" ", [_conversion, _may_choose_none]),
	"undo": _reconvert,
}

_convert_to_keys := {
	"title": "Instead of its partitions, cluster it by the columns that most queries filter by",
	"sql": ["ALTER TABLE prod.sales.orders REPLACE PARTITIONED BY WITH CLUSTER BY (<key columns>)"],
	"requires": ["Databricks Runtime 18.1 or newer, or a SQL warehouse", _rights, _clients],
	"note": _conversion,
	"undo": _reconvert,
}

_rewrite := {
	"title": "Rewrite it, clustered instead of partitioned",
	"sql": ["CREATE OR REPLACE TABLE prod.sales.orders USING DELTA CLUSTER BY (<key columns>) AS SELECT * FROM prod.sales.orders"],
	"requires": [
		"Databricks Runtime 15.2 or newer, or a SQL warehouse",
		_rights,
		"No row filter or column mask that hides anything from who runs it: what is hidden would be lost",
		"No writes to the table meanwhile",
	],
	"note": sprintf("It rewrites %s and replaces the table. Privileges and history stay; table properties, the comment, constraints, defaults and generated columns are lost unless the statement names them. Check row filters, column masks and tags afterwards. Streams that read the table fail, and need a new checkpoint. Undoing works until VACUUM removes the old files.", [_size]),
	"undo": [_restore],
}

test_partitioned_tables_are_converted if {
	_cluster(_partitioned) == [_convert_to_auto, _convert_to_keys, _rewrite]
	_cluster({"columns": [{"name": "id"}, {"name": "day", "partition_index": 0}]}) == [_convert_to_auto, _convert_to_keys, _rewrite]
	_cluster(object.union(_partitioned, _off))[0] == _convert_to_keys
	_cluster(object.union(_partitioned, _off))[1].undo == array.concat(_reconvert, ["ALTER TABLE prod.sales.orders DISABLE PREDICTIVE OPTIMIZATION"])
}

test_timestamps_are_converted_without_statistics if {
	statistics := "For a timestamp among the partition columns: SET spark.databricks.delta.liquidConversion.statsGeneration.enabled = false, and ANALYZE TABLE … COMPUTE DELTA STATISTICS afterwards"
	columns := [{"name": "id", "type_text": "timestamp"}, {"name": "day", "type_text": "TIMESTAMP", "partition_index": 0}]
	every changes in [{"columns": columns}, object.union(_partitioned, {"columns": columns})] {
		_cluster(changes)[0].requires == array.concat(array.slice(_convert_to_auto.requires, 0, 3), [statistics, "Predictive optimization on for the table"])
		_cluster(changes)[1].requires == array.concat(_convert_to_keys.requires, [statistics])
		_cluster(changes)[2] == _rewrite
	}
	every column in [{"type_text": "date"}, {"type_text": "timestamp_ntz"}, {"type_text": null}, {}] {
		others := [{"name": "id", "type_text": "timestamp"}, object.union({"name": "day", "partition_index": 0}, column)]
		_cluster({"columns": others})[1] == _convert_to_keys
	}
}

test_external_tables_are_rewritten_where_they_lie if {
	external := object.union(_partitioned, {"table_type": "EXTERNAL"})
	note := concat(" ", [_conversion, "CLUSTER BY AUTO isn't available for external tables."])
	_cluster(external) == [object.union(_convert_to_keys, {"note": note}), _rewrite]
	_cluster(object.union(external, {"storage_location": "s3://a/it's"}))[1].sql == [`CREATE OR REPLACE TABLE prod.sales.orders USING DELTA CLUSTER BY (<key columns>) LOCATION 's3://a/it\'s' AS SELECT * FROM prod.sales.orders`]
	_cluster(object.union(_partitioned, {"storage_location": "s3://a"}))[2] == _rewrite
}

test_a_partitioned_table_with_keys_is_clustered_by_them if {
	table := object.union(_partitioned, testing.clustered_by([["id"], ["a.b"], ["address", "Zip code"]]))
	[keys | some fix in _cluster(table); keys := regex.find_n(`\(.*\)`, fix.sql[0], 1)] == [
		[],
		["(id, `a.b`, address.`Zip code`)"],
		["(id, `a.b`, address.`Zip code`)"],
	]
	[fix.note | some fix in array.slice(_cluster(table), 0, 2)] == [_convert_to_auto.note, _conversion]
	_cluster(object.union(_partitioned, testing.clustered_by([["nowhere"]])))[1] == _convert_to_keys
}

test_iceberg_has_no_partitions_to_convert if {
	_cluster(object.union(_partitioned, {"data_source_format": "ICEBERG"})) == _cluster({"data_source_format": "ICEBERG"})
}

# Other keys.
_other := "Cluster it by other columns, those that most queries filter by"

test_other_keys_are_proposed_and_the_old_ones_given_back if {
	table := testing.clustered_by([["id"], ["address", "a b"]])
	back := ["ALTER TABLE prod.sales.orders CLUSTER BY (id, address.`a b`)"]
	chosen := object.union(_keys, {"title": _other, "note": _effect, "undo": back})
	_rekey(table, [], true) == [chosen]
	_rekey(table, [["id"], ["a.b"]], true) == [
		object.union(chosen, {
			"title": "Cluster it by id, `a.b`",
			"sql": ["ALTER TABLE prod.sales.orders CLUSTER BY (id, `a.b`)"],
		}),
		chosen,
	]
}

test_one_key_is_proposed_too if {
	[proposed, _] := _rekey({}, [["id"]], true)
	proposed.title == "Cluster it by id"
}

test_only_keys_are_not_taken_again if {
	every keys, back in {
		{}: _none,
		{"clusterByAuto": "true"}: "ALTER TABLE prod.sales.orders CLUSTER BY AUTO",
		{"clusterByAuto": "true", "clusteringColumns": `[["id"]]`}: "ALTER TABLE prod.sales.orders CLUSTER BY AUTO",
	} {
		[fix] := _rekey({"properties": keys}, [], false)
		fix.undo == [back]
		fix.note == _effect
	}
	[one] := _rekey(testing.clustered_by([["id"]]), [], false)
	one.undo == []
	one.note == concat(" ", [_effect, _final])
}

_final := "It can't be undone: Databricks wouldn't take what the table has now."

test_what_databricks_would_not_take_is_not_given_back if {
	many := testing.clustered_by([["id"], ["address", "a"], ["address", "b"], ["address", "c"], ["address", "d"]])
	four := testing.clustered_by([["id"], ["address", "a"], ["address", "b"], ["address", "c"]])
	gone := testing.clustered_by([["id"], ["nowhere"]])
	every case in [[many, true], [gone, true], [four, false]] {
		[table, accepted] := case
		[fix] := _rekey(table, [], accepted)
		fix.undo == []
		fix.note == concat(" ", [_effect, _final])
	}
	every table in [four, object.union(testing.clustered_by([["ID"]]), {"columns": [{"name": "Id"}]}), object.union(gone, {"columns": null})] {
		[fix] := _rekey(table, [], true)
		count(fix.undo) == 1
		fix.note == _effect
	}
}

test_keys_that_are_not_known_are_not_given_back if {
	[unreadable] := _rekey({"properties": {"clusteringColumns": "id"}}, [], true)
	unreadable.undo == []
	unreadable.note == concat(" ", [_effect, "It can't be undone, as the present keys can't be read."])
	[unknown] := fixes.rekey([], true) with input as testing.table_without("properties") with data.lakewarden_run as testing.run({})
	unknown.undo == []
	unknown.note == concat(" ", [_effect, "It can't be undone, as the present keys aren't known."])
}

test_clustering_is_turned_off_and_on_again if {
	fix := {
		"title": "Turn off liquid clustering",
		"sql": [_none],
		"requires": [_rights],
		"note": concat(" ", [_metadata_only, "What is clustered stays so, new data isn't."]),
		"undo": ["ALTER TABLE prod.sales.orders CLUSTER BY (id)"],
	}
	_uncluster(testing.clustered_by([["id"]])) == fix
	_uncluster({"properties": {"clusterByAuto": "true"}}).undo == ["ALTER TABLE prod.sales.orders CLUSTER BY AUTO"]
	_uncluster(testing.clustered_by([["nowhere"]])) == object.union(fix, {
		"note": concat(" ", [fix.note, _final]),
		"undo": [],
	})
}

# Properties.
test_properties_of_tables if {
	table := testing.table({"properties": {"a.b": "True", "c": "true"}})
	set := fixes.set_property("x", "yes") with input as table
	set == {
		"title": "Set x to yes",
		"sql": ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('x' = 'yes')"],
		"requires": ["MODIFY on the table"],
		"note": _metadata_only,
		"undo": ["ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('x')"],
	}
	unset := fixes.unset(["a.b", "c"]) with input as table
	unset == {
		"title": "Remove a.b and c",
		"sql": ["ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('a.b', 'c')"],
		"requires": ["MODIFY on the table"],
		"note": _metadata_only,
		"undo": ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a.b' = 'True', 'c' = 'true')"],
	}
}

# Predictive optimization, and who owns the files.
_terraform := {"tool": "terraform", "address": "databricks_sql_table.orders", "action": "create"}

_sql := {"tool": "sql", "address": "CREATE TABLE", "file": "V1__orders.sql", "line": 3}

_added := "Add it to the files (V1__orders.sql:3), or change the statement that makes the table where it hasn't run yet."

_of(changes) := {"enable": enable, "manage": manage} if {
	enable := fixes.enable with input as testing.table(changes)
	manage := fixes.manage with input as testing.table(changes)
}

test_predictive_optimization_is_turned_on if {
	fix := {
		"title": "Turn on predictive optimization for it",
		"sql": ["ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION"],
		"requires": ["MODIFY on the table"],
		"note": concat(" ", ["It changes metadata only.", _costs]),
		"undo": ["ALTER TABLE prod.sales.orders DISABLE PREDICTIVE OPTIMIZATION"],
	}
	_of({}).enable == [fix]
	_of({"definition": _sql}).enable == [object.union(fix, {"note": concat(" ", [fix.note, _added])})]
	every changes in [{"table_type": "EXTERNAL"}, {"table_type": "STREAMING_TABLE"}, {"definition": _terraform}] {
		_of(changes).enable == []
	}
}

test_external_tables_may_become_managed if {
	external := {"table_type": "EXTERNAL"}
	fix := {
		"title": "Make it a managed table, for which Databricks chooses keys",
		"sql": ["ALTER TABLE prod.sales.orders SET MANAGED"],
		"requires": [
			"Databricks Runtime 17.3 LTS or newer, or serverless compute",
			"Ownership of the table",
			"Readers and writers that use the table's name, not its path, and Databricks Runtime 15.4 LTS or newer",
			"No OPTIMIZE of the table meanwhile",
			"Predictive optimization on for its schema",
		],
		"note": sprintf("It copies %s to managed storage while the table is in use. Writes then pause for minutes, and streams that read or write the table have to be restarted. A table with Iceberg reads needs TRUNCATE UNIFORM HISTORY behind it. It can be undone for 14 days, and what was written since stays; after that, Databricks deletes the files at the old location.", [_size]),
		"undo": ["ALTER TABLE prod.sales.orders UNSET MANAGED"],
	}
	_of(external).manage == [fix]
	_of(object.union(external, {"definition": _sql})).manage == [object.union(fix, {"note": concat(" ", [fix.note, _added])})]
	every changes in [{}, object.union(external, {"data_source_format": "PARQUET"}), object.union(external, {"definition": _terraform})] {
		_of(changes).manage == []
	}
}
