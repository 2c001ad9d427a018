# METADATA
# title: Partitions
# description: >-
#   Whether a table is partitioned, as its detail or its columns say. Managed Iceberg tables keep
#   PARTITIONED BY as clustering keys, so this is about Delta tables.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/tables/partitions
# custom:
#   public: true
package lakewarden.lib.partitioning

# METADATA
# scope: document
# description: Holds if the table is known to be partitioned.
partitioned if {
	is_array(input.detail.partition_columns)
	count(input.detail.partition_columns) > 0
}

partitioned if {
	some column in input.columns
	is_number(column.partition_index)
}

# METADATA
# scope: document
# description: Holds if something tells whether the table is partitioned.
known if is_array(input.detail.partition_columns)

known if is_array(input.columns)

# METADATA
# description: The names of the partition columns, in their order.
columns := input.detail.partition_columns if {
	is_array(input.detail.partition_columns)
	count(input.detail.partition_columns) > 0
} else := [name | some [_, name] in sort(_indexed)]

# METADATA
# description: The same for people.
text := concat(", ", columns)

_indexed := [[column.partition_index, column.name] |
	some column in input.columns
	is_number(column.partition_index)
]
