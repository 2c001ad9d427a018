package lakewarden.tables.clustering.key_limit_test

import data.lakewarden.tables.clustering.key_limit
import data.lakewarden.testing

_four := [["id"], ["Address"], ["a.b"], ["ts"]]

test_as_many_keys_as_allowed_pass if {
	key_limit.pass == {"It has 4 of at most 4 clustering keys."} with input as testing.table(testing.clustered_by(_four))
		with data.lakewarden_run as testing.run({})
	count(key_limit.not_applicable) == 0 with input as testing.table(testing.clustered_by(_four))
		with data.lakewarden_run as testing.run({})
	count(key_limit.deny) == 0 with input as testing.table(testing.clustered_by(_four))
		with data.lakewarden_run as testing.run({})
}

test_one_key_more_is_denied if {
	denied := key_limit.deny with input as testing.table(testing.clustered_by(_four))
		with data.lakewarden_run as testing.run({"max_clustering_columns": 3})
	denied == {{
		"message": "prod.sales.orders has 4 clustering keys, but at most 3 are allowed, because each additional key weakens the others. Choose other keys with ALTER TABLE prod.sales.orders CLUSTER BY.",
		"expected": "at most 3 clustering keys",
		"actual": 4,
	}}
	count(key_limit.pass) == 0 with input as testing.table(testing.clustered_by(_four))
		with data.lakewarden_run as testing.run({"max_clustering_columns": 3})
}

test_not_applicable_without_readable_keys if {
	every text in ["[]", "broken"] {
		key_limit.not_applicable == {"It has no readable clustering keys."} with input as testing.table({"properties": {"clusteringColumns": text}})
			with data.lakewarden_run as testing.run({})
	}
	count(key_limit.not_applicable) == 1 with input as testing.table({})
		with data.lakewarden_run as testing.run({})
}

test_kind_of_table if {
	key_limit.needs == {"table_type"} with input as testing.table_without("table_type")
	"A table of type VIEW can't be clustered." in key_limit.not_applicable with input as testing.table({"table_type": "VIEW"})
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		key_limit.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		key_limit.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
	known := testing.unread({"detail": {"clustering_columns": ["id"]}})
	every table in known {
		key_limit.needs == set() with input as table with data.lakewarden_run as testing.run({})
		count(key_limit.pass) == 1 with input as table with data.lakewarden_run as testing.run({})
	}
}
