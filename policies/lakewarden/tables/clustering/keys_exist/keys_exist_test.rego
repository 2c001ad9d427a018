package lakewarden.tables.clustering.keys_exist_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.keys_exist
import data.lakewarden.testing

_good := {"pass": {"Each clustering key is a column."}}

_proven(table) := proven if {
	proven := testing.proven(keys_exist) with input as table with data.lakewarden_run as testing.run({})
}

_clustered_by(keys) := testing.table(testing.clustered_by(keys))

test_keys_that_are_columns_pass_whatever_their_case if {
	_proven(_clustered_by([["ID"], ["address", "city"], ["a.b"]])) == _good
	_proven(_clustered_by([["id"]])) == _good
}

test_each_key_that_is_no_column_is_denied if {
	_proven(_clustered_by([["id"], ["region", "name"], ["a", "b"]])) == {"deny": {
		{
			"message": "prod.sales.orders is clustered by region.name but has no column region, so this key has no effect.",
			"expected": "a column of the table",
			"actual": "region.name",
			"key": "region.name",
		},
		{
			"message": "prod.sales.orders is clustered by a.b but has no column a, so this key has no effect.",
			"expected": "a column of the table",
			"actual": "a.b",
			"key": "a.b",
		},
	}}
}

test_unreadable_keys_are_denied_and_named_without_columns_too if {
	unreadable := {"properties": {"clusteringColumns": "id"}}
	every table in [testing.table(unreadable), object.union(testing.table_without("columns"), unreadable)] {
		_proven(table) == {"deny": {{
			"message": "The property clusteringColumns of prod.sales.orders can't be read, so it's unclear what the table is clustered by.",
			"expected": `JSON, a list of keys that are lists of name parts, such as [["id"],["address","city"]]`,
			"actual": "id",
		}}}
	}
}

test_columns_are_needed_where_there_are_keys if {
	table := object.union(testing.table_without("columns"), testing.clustered_by([["id"]]))
	_proven(table).needs == {"columns"}
	_proven(object.union(table, {"columns": null})).needs == {"columns"}
	not _proven(testing.table_without("columns")).needs
}

test_no_columns_at_all_is_known if {
	proven := _proven(object.union(_clustered_by([["id"]]), {"columns": []}))
	{violation.actual | some violation in proven.deny} == {"id"}
	not proven.needs
}

test_not_applicable_without_keys if {
	_proven(testing.table({})) == {"not_applicable": {"It has no clustering keys."}}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type")).needs == {"table_type"}
	"A table of type VIEW can't be clustered." in _proven(testing.table({"table_type": "VIEW"})).not_applicable
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		_proven(table) == {"needs": {"properties"}}
	}
	every table in testing.unread({"detail": {"clustering_columns": ["id"]}}) {
		_proven(table) == _good
	}
}

test_the_keys_that_exist_are_kept_or_others_chosen if {
	table := _clustered_by([["ID"], ["region name"], ["a.b"]])
	rekey := fixes.rekey([["ID"], ["a.b"]], true) with input as table
	alternatives := testing.fixes(keys_exist) with input as table
	alternatives == {"`region name`": rekey}

	unreadable := testing.table({"properties": {"clusteringColumns": "id"}})
	choose := fixes.rekey([], true) with input as unreadable
	chosen := testing.fixes(keys_exist) with input as unreadable
	chosen == {"": choose}
}
