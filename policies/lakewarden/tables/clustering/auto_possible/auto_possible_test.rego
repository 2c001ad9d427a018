package lakewarden.tables.clustering.auto_possible_test

import data.lakewarden.tables.clustering.auto_possible
import data.lakewarden.testing

_automatic(type) := testing.table({"table_type": type, "properties": {"clusterByAuto": "TRUE"}})

test_passes_where_databricks_chooses_keys if {
	every type in ["MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"] {
		pass := auto_possible.pass with input as _automatic(type)
		pass == {sprintf("Databricks can choose the keys of a table of type %s.", [type])}
		auto_possible.deny == set() with input as _automatic(type)
		auto_possible.not_applicable == set() with input as _automatic(type)
		auto_possible.needs == set() with input as _automatic(type)
	}
}

test_denied_on_external_tables if {
	denied := auto_possible.deny with input as _automatic("EXTERNAL")
	denied == {{
		"message": "prod.sales.orders has CLUSTER BY AUTO, but Databricks chooses no keys for a table of type EXTERNAL, so this clusters nothing. Use ALTER TABLE prod.sales.orders CLUSTER BY with its keys; CLUSTER BY AUTO is not available to external tables.",
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
		auto_possible.not_applicable == {"It has no CLUSTER BY AUTO."} with input as table
		auto_possible.pass == set() with input as table
		auto_possible.deny == set() with input as table
	}
}

test_kind_of_table if {
	auto_possible.needs == {"table_type"} with input as testing.table_without("table_type")
	"A table of type VIEW cannot be clustered." in auto_possible.not_applicable with input as testing.table({"table_type": "VIEW"})
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		auto_possible.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		auto_possible.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}
