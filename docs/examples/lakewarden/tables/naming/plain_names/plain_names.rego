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

import data.lakewarden.lib.declared
import data.lakewarden.lib.names
import data.lakewarden.lib.statements
import data.lakewarden.lib.table_name

needs contains "columns" if not _columns_known

pass contains "All of its names are plain." if {
	_columns_known
	count(_odd) == 0
}

deny contains {"message": message, "expected": "a name such as order_id", "actual": name, "key": name, "fixes": [_fix(name)]} if {
	some name in _odd
	message := sprintf("%s has the name %s, which has to be quoted wherever it is used. Rename it.", [
		input.full_name,
		name,
	])
}

_fix(name) := {
	"title": sprintf("Rename %s in its %s", [name, declared.place]),
	"note": declared.note,
} if {
	declared.in_code
} else := {
	"title": sprintf("Rename the column %s", [name]),
	"sql": [statements.alter(sprintf("RENAME COLUMN %s TO <its new name>", [names.in_sql([name])]))],
	"requires": ["Column mapping on the table", _rights],
	"note": sprintf("%s Queries that use the old name fail, and streams that read the table stop.", [statements.metadata_only]),
	"undo": [statements.alter(sprintf("RENAME COLUMN <its new name> TO %s", [names.in_sql([name])]))],
} if {
	name in _columns
} else := {
	"title": "Rename the table",
	"sql": [statements.alter("RENAME TO <its new full name>")],
	"requires": [_rights],
	"note": "Queries, views and jobs that use the old name fail.",
	"undo": [sprintf("ALTER TABLE <its new full name> RENAME TO %s", [table_name.in_sql])],
}

_rights := "Ownership of the table, or MANAGE on it"

_columns_known if is_array(input.columns)

_odd := _names - {name | some name in _names; regex.match("^[a-z][a-z0-9_]*$", name)}

_names := {input.name} | _columns

_columns := {column.name | some column in input.columns}
