package lakewarden.lib.table_name_test

import data.lakewarden.lib.table_name
import data.lakewarden.testing

test_parts_are_quoted_where_they_need_it if {
	table_name.in_sql == "prod.sales.orders" with input as testing.table({})
	odd := testing.table({"full_name": "prod.my sales.a.b", "schema_name": "my sales", "name": "a.b"})
	table_name.in_sql == "prod.`my sales`.`a.b`" with input as odd
}

test_what_a_document_calls_its_full_name_stands_in_no_statement if {
	every full_name in ["x.y.z w", "prod.sales.orders; DROP TABLE prod.sales.other; --"] {
		table_name.in_sql == "prod.sales.orders" with input as testing.table({"full_name": full_name})
	}
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
