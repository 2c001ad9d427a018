package lakewarden.lib.table_name_test

import data.lakewarden.lib.table_name
import data.lakewarden.testing

test_parts_are_quoted_where_they_need_it if {
	table_name.in_sql == "prod.sales.orders" with input as testing.table({})
	odd := testing.table({"full_name": "prod.my sales.a.b", "schema_name": "my sales", "name": "a.b"})
	table_name.in_sql == "prod.`my sales`.`a.b`" with input as odd
}

test_a_name_that_is_not_its_parts_stays_as_it_is if {
	table_name.in_sql == "x.y.z w" with input as testing.table({"full_name": "x.y.z w"})
}

test_definitions_by_type if {
	cases := {
		"MATERIALIZED_VIEW": "CREATE OR REPLACE MATERIALIZED VIEW prod.sales.orders",
		"METRIC_VIEW": "CREATE OR REPLACE VIEW prod.sales.orders",
		"STREAMING_TABLE": "CREATE OR REFRESH STREAMING TABLE prod.sales.orders",
		"VIEW": "CREATE OR REPLACE VIEW prod.sales.orders",
	}
	every type, definition in cases {
		table_name.definition == definition with input as testing.table({"table_type": type})
	}
}

test_other_tables_have_none if {
	every table in [testing.table({}), testing.table({"table_type": "EXTERNAL"}), testing.table_without("table_type")] {
		table_name.definition == "" with input as table
	}
}
