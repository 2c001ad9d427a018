# METADATA
# title: Only very large tables are partitioned
# description: >-
#   Below a terabyte, partitions cut a table into many small files, and a partitioned table cannot
#   have liquid clustering.
# schemas:
#   - input: schema.table
# custom:
#   severity: medium
#   enforcement: advisory
#   remediation: Write the table anew with CLUSTER BY instead of PARTITIONED BY.
package lakewarden.tables.layout.partitioning_pays

import data.lakewarden.lib.size

not_applicable contains "A view has no partitions." if input.table_type == "VIEW"

needs contains "detail" if not input.detail.partition_columns

needs contains "size" if {
	count(input.detail.partition_columns) > 0
	not _sized
}

pass contains "It is not partitioned." if input.detail.partition_columns == []

pass contains "It is large enough for partitions." if {
	count(input.detail.partition_columns) > 0
	_large
}

deny contains {"message": message, "expected": "no partitions", "actual": columns} if {
	columns := input.detail.partition_columns
	count(columns) > 0
	not _large
	message := sprintf("%s holds %s and is partitioned by %s. Write it anew with CLUSTER BY.", [
		input.full_name,
		size.of_table,
		concat(", ", columns),
	])
}

_sized if is_number(input.size.bytes)

_large if {
	_sized
	input.size.bytes >= 1000000000000
}
