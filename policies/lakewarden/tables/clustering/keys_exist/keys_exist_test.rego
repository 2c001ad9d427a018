package lakewarden.tables.clustering.keys_exist_test

import data.lakewarden.tables.clustering.keys_exist
import data.lakewarden.testing

test_keys_that_are_columns_pass_whatever_their_case if {
	table := testing.table(testing.clustered_by([["ID"], ["address", "city"], ["a.b"]]))
	keys_exist.pass == {"Each clustering key is a column."} with input as table
	count(keys_exist.deny) == 0 with input as table
	count(keys_exist.not_applicable) == 0 with input as table
	count(keys_exist.needs) == 0 with input as table
}

test_one_key_is_enough_to_pass if {
	count(keys_exist.pass) == 1 with input as testing.table(testing.clustered_by([["id"]]))
	count(keys_exist.pass) == 0 with input as testing.table({})
}

test_each_key_that_is_no_column_is_denied if {
	table := testing.table(testing.clustered_by([["id"], ["region", "name"], ["a", "b"]]))
	denied := keys_exist.deny with input as table
	denied == {
		{
			"message": "prod.sales.orders is clustered by region.name but has no column region, so this key has no effect. Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY.",
			"expected": "a column of the table",
			"actual": "region.name",
		},
		{
			"message": "prod.sales.orders is clustered by a.b but has no column a, so this key has no effect. Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY.",
			"expected": "a column of the table",
			"actual": "a.b",
		},
	}
	count(keys_exist.pass) == 0 with input as table
}

test_unreadable_keys_are_denied_and_named if {
	table := testing.table({"properties": {"clusteringColumns": "id"}})
	keys_exist.deny == {{
		"message": "The property clusteringColumns of prod.sales.orders can't be read, so it's unclear what the table is clustered by. Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY.",
		"expected": `JSON, a list of keys that are lists of name parts, such as [["id"],["address","city"]]`,
		"actual": "id",
	}} with input as table
	count(keys_exist.not_applicable) == 0 with input as table
	count(keys_exist.pass) == 0 with input as table
}

test_unreadable_keys_need_no_columns if {
	table := object.union(testing.table_without("columns"), {"properties": {"clusteringColumns": "id"}})
	count(keys_exist.needs) == 0 with input as table
}

test_columns_are_needed_where_there_are_keys if {
	table := object.union(testing.table_without("columns"), testing.clustered_by([["id"]]))
	keys_exist.needs == {"columns"} with input as table
	keys_exist.needs == {"columns"} with input as object.union(table, {"columns": null})
	count(keys_exist.needs) == 0 with input as testing.table_without("columns")
}

test_no_columns_at_all_is_known if {
	table := testing.table(object.union({"columns": []}, testing.clustered_by([["id"]])))
	count(keys_exist.deny) == 1 with input as table
	count(keys_exist.needs) == 0 with input as table
}

test_not_applicable_without_keys if {
	keys_exist.not_applicable == {"It has no clustering keys."} with input as testing.table({})
}

test_kind_of_table if {
	keys_exist.needs == {"table_type"} with input as testing.table_without("table_type")
	"A table of type VIEW can't be clustered." in keys_exist.not_applicable with input as testing.table({"table_type": "VIEW"})
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		keys_exist.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		keys_exist.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
	known := testing.unread({"detail": {"clustering_columns": ["id"]}})
	every table in known {
		keys_exist.needs == set() with input as table with data.lakewarden_run as testing.run({})
		count(keys_exist.pass) == 1 with input as table with data.lakewarden_run as testing.run({})
	}
}
