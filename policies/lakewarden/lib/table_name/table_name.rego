# METADATA
# title: The table's name in statements
# description: >-
#   What a statement about the table calls it, and the statement that defines it where ALTER TABLE
#   does not change it.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-identifiers
# custom:
#   public: true
package lakewarden.lib.table_name

import data.lakewarden.lib.names

# METADATA
# description: >-
#   The parts of the name, in back-quotes where they need them. It is never what a document calls its
#   full name: that could be any text, and stand in a statement.
in_sql := names.in_sql(_parts)

# METADATA
# description: >-
#   How the definition of a streaming table or a view of any kind begins; empty for a table that
#   ALTER TABLE changes.
definition := sprintf("%s %s", [statement, in_sql]) if {
	statement := _statements[input.table_type]
} else := ""

_statements := {
	"MATERIALIZED_VIEW": "CREATE OR REPLACE MATERIALIZED VIEW",
	"METRIC_VIEW": "CREATE OR REPLACE VIEW",
	"STREAMING_TABLE": "CREATE OR REFRESH STREAMING TABLE",
	"VIEW": "CREATE OR REPLACE VIEW",
}

_parts := [input.catalog_name, input.schema_name, input.name]
