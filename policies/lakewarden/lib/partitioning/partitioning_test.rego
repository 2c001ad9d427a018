package lakewarden.lib.partitioning_test

import data.lakewarden.lib.partitioning

_detail(columns) := {"detail": {"partition_columns": columns}}

_indexed := {"detail": {}, "columns": [
	{"name": "id"},
	{"name": "b", "partition_index": 1},
	{"name": "z", "partition_index": 0},
]}

test_partitioned_by_detail_or_by_columns if {
	partitioning.partitioned with input as _detail(["day"])
	partitioning.partitioned with input as _indexed
	partitioning.partitioned with input as object.union(_indexed, _detail([]))
}

test_unpartitioned if {
	every table in [
		{},
		{"detail": {}},
		{"detail": {"partition_columns": null}},
		_detail([]),
		{"columns": []},
		{"columns": [{"name": "id"}, {"name": "x", "partition_index": null}]},
	] {
		not partitioning.partitioned with input as table
		partitioning.text == "" with input as table
		partitioning.columns == [] with input as table
	}
}

test_known_from_either if {
	partitioning.known with input as _detail([])
	partitioning.known with input as {"columns": []}
	every table in [{}, {"detail": {}}, {"detail": {"partition_columns": null}, "columns": null}] {
		not partitioning.known with input as table
	}
}

test_text_is_in_the_order_of_the_partitions if {
	partitioning.text == "z, b" with input as _indexed
	partitioning.columns == ["z", "b"] with input as _indexed
	partitioning.text == "y, x" with input as object.union(_indexed, _detail(["y", "x"]))
	partitioning.text == "z, b" with input as object.union(_indexed, _detail([]))
}
