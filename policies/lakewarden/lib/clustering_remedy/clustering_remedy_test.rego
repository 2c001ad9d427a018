package lakewarden.lib.clustering_remedy_test

import data.lakewarden.lib.clustering_remedy as remedy
import data.lakewarden.testing

test_managed_tables_may_be_automatic if {
	contains(remedy.cluster, "ALTER TABLE prod.sales.orders CLUSTER BY AUTO") with input as testing.table({})
	contains(remedy.rekey, "ALTER TABLE prod.sales.orders CLUSTER BY") with input as testing.table({})
}

test_external_tables_need_keys if {
	advice := remedy.cluster with input as testing.table({"table_type": "EXTERNAL"})
	advice == "Use ALTER TABLE prod.sales.orders CLUSTER BY with its keys."
}

test_definitions_are_changed_where_there_is_one if {
	cases := {"STREAMING_TABLE": "this streaming table", "MATERIALIZED_VIEW": "this materialized view"}
	every type, word in cases {
		contains(remedy.cluster, word) with input as testing.table({"table_type": type})
		contains(remedy.rekey, word) with input as testing.table({"table_type": type})
	}
}

test_partitioned_tables_are_written_anew if {
	every change in [
		{"detail": {"partition_columns": ["id"]}},
		{"columns": [{"name": "id"}, {"name": "day", "partition_index": 0}]},
	] {
		contains(remedy.cluster, "CREATE OR REPLACE TABLE") with input as testing.table(change)
	}
}
