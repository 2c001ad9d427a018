# METADATA
# title: Statements about the table
# description: >-
#   Parts of a fix: statements that change the table and those that change it back, with the names and
#   values in them quoted. A text is written with backslashes, which every version of Spark and
#   Databricks reads the same way; two quotes in a row aren't.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-alter-table
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-tblproperties
#   - ref: https://docs.databricks.com/sql/language-manual/data-types/string-type
# custom:
#   public: true
package lakewarden.lib.statements

import data.lakewarden.lib.table_name

# METADATA
# description: A text as a statement writes it, in quotes.
literal(text) := written if {
	escaped := replace(replace(text, "\\", `\\`), "'", `\'`)
	on_one_line := replace(replace(replace(escaped, "\n", `\n`), "\r", `\r`), "\t", `\t`)
	written := concat("", ["'", replace(on_one_line, "${", `$\{`), "'"]) # a variable to Spark, even here
}

# METADATA
# description: What a note says of a statement that alters the table and rewrites no data.
metadata_only := "It changes metadata only; writes that run meanwhile may fail."

# METADATA
# description: The statement that alters the table as the clause says.
alter(clause) := sprintf("ALTER TABLE %s %s", [_name, clause])

# METADATA
# description: The statement that gives table properties values, both as an object.
set_properties(values) := alter(sprintf("SET TBLPROPERTIES (%s)", [concat(", ", [pair |
	some name, value in values
	pair := sprintf("%s = %s", [literal(name), literal(value)])
])]))

# METADATA
# description: The statement that removes table properties, given as a list or a set.
unset_properties(properties) := alter(sprintf("UNSET TBLPROPERTIES (%s)", [concat(", ", [literal(name) | some name in properties])]))

# METADATA
# description: >-
#   The statements that give table properties, a list or a set, back what they have now: their values,
#   or none.
restore_properties(properties) := array.concat(
	[set_properties(_present(properties)) | count(_present(properties)) > 0],
	[unset_properties(_absent(properties)) | count(_absent(properties)) > 0],
)

_present(properties) := {name: input.properties[name] |
	some name in properties
}

_absent(properties) := [name |
	some name in properties
	not input.properties[name]
]

_name := table_name.in_sql
