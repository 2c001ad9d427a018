# METADATA
# title: Where the table is declared
# description: >-
#   What has to be changed so that the table changes and stays so. What is changed on a table itself
#   that code declares, the next apply undoes; a streaming table or a view of any kind is changed by
#   its definition.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/sql_table
#   - ref: https://docs.getdbt.com/reference/resource-configs/databricks-configs
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-streaming-table
# custom:
#   public: true
package lakewarden.lib.declared

import data.lakewarden.lib.table_name

# METADATA
# description: >-
#   How the table is changed: `terraform` and `dbt` by code, `definition` by the statement that defines
#   it, `files` by a statement that is added to SQL files, `statement` by one that somebody runs.
how := input.definition.tool if {
	input.definition.tool in {"terraform", "dbt"}
} else := "definition" if {
	table_name.definition != ""
} else := "files" if {
	input.definition.tool == "sql"
} else := "statement"

# METADATA
# description: Holds if no statement changes the table, but what declares it.
in_code if how in {"terraform", "dbt", "definition"}

# METADATA
# description: >-
#   What has to be changed, for people: the resource, the configuration or the definition, and where
#   it stands as far as that is known; undefined where a statement changes the table.
place := sprintf("resource%s", [at]) if {
	how == "terraform"
} else := sprintf("dbt configuration%s", [at]) if {
	how == "dbt"
} else := sprintf("definition, %s …%s", [table_name.definition, at]) if {
	how == "definition"
}

# METADATA
# description: Where it stands, in parentheses after a blank; empty where that isn't known.
at := sprintf(" (%s)", [concat(", ", _known)]) if count(_known) > 0

else := ""

# METADATA
# description: >-
#   What to know about a change of code, or of a statement in files; empty where somebody runs a
#   statement.
note := "It takes effect with the next apply; to undo it, take the change back and apply again." if {
	how == "terraform"
} else := "It takes effect with the next run of dbt; to undo it, take the change back and run dbt again." if {
	how == "dbt"
} else := "It takes effect when the definition runs again; to undo it, take the change back and run it again." if {
	how == "definition"
} else := sprintf("Add it to the files%s, or change the statement that makes the table where it hasn't run yet.", [at]) if {
	how == "files"
} else := ""

_known := [text |
	some text in [_address, _file]
	text != ""
]

_address := input.definition.address if {
	input.definition.tool != "sql"
} else := ""

_file := sprintf("%s:%d", [input.definition.file, input.definition.line]) if {
	is_number(input.definition.line)
} else := input.definition.file if {
	is_string(input.definition.file)
} else := ""
