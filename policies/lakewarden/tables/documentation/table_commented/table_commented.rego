# METADATA
# title: Tables have a comment
# description: >-
#   The table's comment has at least min_table_comment_length characters, without surrounding
#   blanks, and isn't a placeholder: one of comment_placeholders, or one of them and a colon first.
#   The policy applies to every type of table.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/comments
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     Anyone who finds the table in a search can't tell whether it's the right one, so they ask around
#     or build another. Assistants that write queries read the comment, too.
#   remediation: >-
#     Describe in a sentence what a row of the table is, where it comes from and who can rely on it,
#     with COMMENT ON TABLE … IS '…', or in the definition of a view, a pipeline's table or a planned
#     table.
#   examples:
#     before:
#       comment: "TODO: describe"
#     after:
#       comment: One row for each order of the web shop, from the checkout, every hour.
package lakewarden.tables.documentation.table_commented

import data.lakewarden.lib.declared
import data.lakewarden.lib.documentation
import data.lakewarden.lib.placeholder
import data.lakewarden.lib.statements
import data.lakewarden.lib.table_name
import data.lakewarden.lib.texts
import data.lakewarden_run.settings.documentation as settings

needs contains "comment" if not _known

pass contains sprintf("Its comment has %d characters.", [_length]) if documentation.commented

deny contains {"message": message, "expected": expected, "actual": _actual, "fixes": [_fix]} if {
	documentation.commented == false
	expected := sprintf("a comment of at least %d characters that isn't a placeholder", [settings.min_table_comment_length])
	message := sprintf("%s, so anyone who finds the table can't tell what it holds.", [_breach])
}

_fix := {"title": sprintf("Describe it %s", [_places[declared.how]]), "note": declared.note} if {
	declared.in_code
} else := {
	"title": "Describe what a row of it is, where it comes from and who can rely on it",
	"sql": [sprintf("COMMENT ON TABLE %s IS <'what a row is, where it comes from, who can rely on it'>", [table_name.in_sql])],
	"requires": ["MODIFY on the table"],
	"note": trim_space(concat(" ", [statements.metadata_only, declared.note])),
	"undo": [sprintf("COMMENT ON TABLE %s IS %s", [table_name.in_sql, _present])],
}

_places := {
	"terraform": sprintf("in the attribute comment of its %s", [declared.place]),
	"dbt": sprintf("in the description in its %s, with relation in persist_docs", [declared.place]),
	"definition": sprintf("with COMMENT in its %s", [declared.place]),
}

_present := "NULL" if input.comment == ""

else := statements.literal(input.comment)

_breach := sprintf("%s has no comment", [input.full_name]) if _length == 0

else := sprintf("The comment of %s is a placeholder", [input.full_name]) if {
	placeholder.is_placeholder(documentation.comment)
}

else := sprintf("The comment of %s is too short (%d characters)", [input.full_name, _length])

_actual := "no comment" if _length == 0

else := documentation.comment

_length := texts.length(documentation.comment)

_known if is_string(documentation.comment)
