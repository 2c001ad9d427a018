package lakewarden.tables.layout.partitioning_pays_test

import data.lakewarden.tables.layout.partitioning_pays as policy

_table(size, columns) := {
	"full_name": "main.sales.orders",
	"size": size,
	"detail": {"partition_columns": columns},
}

test_a_table_without_partitions_passes_whatever_its_size if {
	count(policy.pass) == 1 with input as _table({}, [])
	count(policy.deny) == 0 with input as _table({}, [])
	count(policy.needs) == 0 with input as _table({}, [])
}

test_a_partitioned_table_passes_from_a_terabyte_on if {
	count(policy.pass) == 1 with input as _table({"bytes": 1000000000000}, ["day"])
	count(policy.deny) == 0 with input as _table({"bytes": 1000000000000}, ["day"])
}

test_a_smaller_one_is_denied if {
	count(policy.pass) == 0 with input as _table({"bytes": 999999999999}, ["day"])
	count(policy.deny) == 1 with input as _table({"bytes": 999999999999}, ["day"])
	count(policy.needs) == 0 with input as _table({"bytes": 999999999999}, ["day"])
}

test_a_size_that_is_absent_or_null_is_needed if {
	policy.needs == {"size"} with input as _table({}, ["day"])
	policy.needs == {"size"} with input as _table({"bytes": null}, ["day"])
}

test_partitions_that_are_not_known_are_needed if {
	policy.needs == {"detail"} with input as {"full_name": "main.sales.orders", "detail": {}}
}

test_views_are_left_alone if {
	count(policy.not_applicable) == 1 with input as {"table_type": "VIEW"}
}
