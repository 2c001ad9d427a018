package lakewarden.lib.clustering_fixes_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.testing

_dbt := {"tool": "dbt", "address": "model.shop.orders"}

_declared(changes) := alternatives if {
	alternatives := {
		"cluster": fixes.cluster,
		"rekey": fixes.rekey([["id"]], true),
		"uncluster": fixes.uncluster,
		"set": fixes.set_property("a.b", "true"),
		"unset": fixes.unset(["a.b", "c"]),
		"enable": fixes.enable,
		"manage": fixes.manage,
	} with input as testing.table(changes) with data.lakewarden_run as testing.run({})
}

_apply := "It takes effect with the next apply; to undo it, take the change back and apply again."

_run := "It takes effect with the next run of dbt; to undo it, take the change back and run dbt again."

_again := "It takes effect when the definition runs again; to undo it, take the change back and run it again."

_stays := "If the table exists, set it to false there instead: what is only taken out stays on the table."

test_resources_are_changed_in_terraform if {
	every changes in [{}, {"table_type": "MATERIALIZED_VIEW"}] {
		_declared(object.union(changes, {"definition": _terraform})) == {
			"cluster": [
				{"title": `Write cluster_keys = ["AUTO"] in its resource (databricks_sql_table.orders)`, "note": concat(" ", [_may_choose_none, _apply])},
				{"title": "Name its keys in cluster_keys of its resource (databricks_sql_table.orders)", "note": _apply},
			],
			"rekey": [{"title": "Choose other keys for cluster_keys in its resource (databricks_sql_table.orders)", "note": _apply}],
			"uncluster": {"title": `Set cluster_keys to ["NONE"] in its resource (databricks_sql_table.orders)`, "note": _apply},
			"set": {"title": "Set a.b to true in properties of its resource (databricks_sql_table.orders)", "note": _apply},
			"unset": {"title": "Remove a.b and c from properties of its resource (databricks_sql_table.orders)", "note": concat(" ", [_stays, _apply])},
			"enable": [],
			"manage": [],
		}
	}
}

test_models_are_changed_in_dbt if {
	every changes in [{}, {"table_type": "STREAMING_TABLE"}] {
		_declared(object.union(changes, {"definition": _dbt})) == {
			"cluster": [
				{"title": "Write auto_liquid_cluster: true in its dbt configuration (model.shop.orders)", "note": concat(" ", [_may_choose_none, _run])},
				{"title": "Name its keys in liquid_clustered_by of its dbt configuration (model.shop.orders)", "note": _run},
			],
			"rekey": [{"title": "Choose other keys for liquid_clustered_by in its dbt configuration (model.shop.orders)", "note": _run}],
			"uncluster": {"title": "Remove liquid_clustered_by and auto_liquid_cluster from its dbt configuration (model.shop.orders)", "note": _run},
			"set": {"title": "Set a.b to true in tblproperties of its dbt configuration (model.shop.orders)", "note": _run},
			"unset": {"title": "Remove a.b and c from tblproperties of its dbt configuration (model.shop.orders)", "note": concat(" ", [_stays, _run])},
			"enable": [],
			"manage": [],
		}
	}
}

test_definitions_are_changed_where_there_is_one if {
	every type, begin in {
		"STREAMING_TABLE": "CREATE OR REFRESH STREAMING TABLE prod.sales.orders …",
		"MATERIALIZED_VIEW": "CREATE OR REPLACE MATERIALIZED VIEW prod.sales.orders …",
	} {
		expected := {
			"cluster": [
				{"title": concat(" ", ["Write CLUSTER BY AUTO in its definition,", begin]), "note": concat(" ", [_may_choose_none, _again])},
				{"title": concat(" ", ["Name its keys in CLUSTER BY of its definition,", begin]), "note": _again},
			],
			"rekey": [{"title": concat(" ", ["Choose other keys for CLUSTER BY in its definition,", begin]), "note": _again}],
			"uncluster": {"title": concat(" ", ["Remove CLUSTER BY from its definition,", begin]), "note": _again},
			"set": {"title": concat(" ", ["Set a.b to true in TBLPROPERTIES of its definition,", begin]), "note": _again},
			"unset": {"title": concat(" ", ["Remove a.b and c from TBLPROPERTIES of its definition,", begin]), "note": _again},
			"enable": [],
			"manage": [],
		}
		_declared({"table_type": type}) == expected
		[partitioned, _] := _cluster(object.union(_partitioned, {"table_type": type}))
		partitioned.title == concat(" ", ["Remove PARTITIONED BY, and write CLUSTER BY AUTO in its definition,", begin])
		partitioned.note == concat(" ", [_may_choose_none, _again])
	}
}

test_planned_tables_that_databricks_chooses_no_keys_for_need_keys if {
	every definition, title in {
		_terraform: "Name its keys in cluster_keys of its resource (databricks_sql_table.orders)",
		_dbt: "Name its keys in liquid_clustered_by of its dbt configuration (model.shop.orders)",
	} {
		every changes, reason in {
			{"table_type": "EXTERNAL"}: "CLUSTER BY AUTO isn't available for external tables.",
			{"data_source_format": "ICEBERG"}: "CLUSTER BY AUTO requires Iceberg version 3.",
		} {
			[fix] := _cluster(object.union(changes, {"definition": definition}))
			fix.title == title
			startswith(fix.note, concat("", [reason, " It takes effect"]))
		}
	}
	[keys, enable] := _cluster(object.union(_off, {"definition": _terraform}))
	keys == {"title": "Name its keys in cluster_keys of its resource (databricks_sql_table.orders)", "note": _apply}
	enable == {
		"title": `Turn on predictive optimization for its schema, and write cluster_keys = ["AUTO"] in its resource (databricks_sql_table.orders)`,
		"note": concat(" ", [_costs, _may_choose_none, _apply]),
	}
}

test_planned_partitions_give_way_to_keys if {
	[created, _] := _cluster(object.union(_partitioned, {"definition": _terraform}))
	created == {
		"title": `Remove partitions, and write cluster_keys = ["AUTO"] in its resource (databricks_sql_table.orders)`,
		"note": concat(" ", [_may_choose_none, _apply]),
	}
	every action in [{"action": "update"}, {"action": "no-op"}] {
		definition := {"definition": object.union(_terraform, action)}
		[updated, _] := _cluster(object.union(_partitioned, definition))
		updated.note == concat(" ", ["Terraform then replaces the table: save its data first.", _may_choose_none, _apply])
		not contains(_cluster(definition)[0].note, "replaces")
	}
	[_, model] := _cluster(object.union(_partitioned, {"definition": _dbt}))
	model == {
		"title": "Remove partition_by, and name its keys in liquid_clustered_by of its dbt configuration (model.shop.orders)",
		"note": concat(" ", ["If the table exists, run dbt with --full-refresh.", _run]),
	}
}

test_a_seed_is_clustered_by_nobody if {
	_cluster({"definition": {"tool": "dbt", "address": "seed.shop.countries"}}) == [
		{
			"title": "Cluster a model that selects from this seed: dbt can't cluster the seed itself",
			"note": _run,
		},
		{
			"title": "Let such tables count as small in an override (planned_tables_count_as)",
			"note": "It changes the settings alone.",
		},
	]
	[resource, _] := _cluster({"definition": {"tool": "terraform", "address": "seed.shop.countries"}})
	startswith(resource.title, "Write cluster_keys")
}

test_statements_are_added_to_the_files if {
	every changes in [{}, _off, _partitioned, {"table_type": "EXTERNAL"}, testing.clustered_by([["id"]])] {
		plain := _declared(changes)
		filed := _declared(object.union(changes, {"definition": _sql}))
		every name in ["cluster", "rekey"] {
			filed[name] == [object.union(fix, {"note": concat(" ", [fix.note, _added])}) | some fix in plain[name]]
		}
		every name in ["uncluster", "set", "unset"] {
			filed[name] == object.union(plain[name], {"note": concat(" ", [plain[name].note, _added])})
		}
	}
}
