# METADATA
# title: Names need no back-quotes
# description: >-
#   The names of a table and of its columns are lower-case letters, digits and underscores, and begin
#   with a letter.
# schemas:
#   - input: schema.table
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     A name that has to be quoted is not quoted sooner or later, and the query or the tool breaks.
#   remediation: >-
#     Rename the table with ALTER TABLE … RENAME TO, and columns with RENAME COLUMN where the table
#     has column mapping.
#   examples:
#     before: {columns: [{name: Order Id}]}
#     after: {columns: [{name: order_id}]}
package lakewarden.tables.naming.plain_names

needs contains "columns" if not _columns_known

pass contains "All of its names are plain." if {
	_columns_known
	count(_odd) == 0
}

deny contains {"message": message, "expected": "a name such as order_id", "actual": name, "key": name} if {
	some name in _odd
	message := sprintf("%s has the name %s, which has to be quoted wherever it is used. Rename it.", [
		input.full_name,
		name,
	])
}

_columns_known if is_array(input.columns)

_odd := _names - {name | some name in _names; regex.match("^[a-z][a-z0-9_]*$", name)}

_names := {input.name} | {column.name | some column in input.columns}
