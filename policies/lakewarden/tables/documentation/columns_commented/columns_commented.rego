# METADATA
# title: Columns have comments
# description: >-
#   At least the share min_commented_column_share of the table's columns have a comment, and so does
#   every column whose name matches one of critical_columns. A placeholder, one of
#   comment_placeholders, doesn't count as a comment. Fields inside a struct aren't counted. The
#   policy applies to every type of table that has columns.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/comments
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     A name such as `amt` or `status` doesn't say the unit, the currency or what the values mean. Two
#     teams then read the same column in two ways, and both publish a number.
#   remediation: >-
#     Describe each column with ALTER TABLE … ALTER COLUMN … COMMENT '…', or in the definition of a
#     view, a pipeline's table or a planned table.
#   examples:
#     before:
#       columns:
#         - name: order_id
#           type_text: bigint
#           comment: The order's number, as the customer sees it.
#         - name: total
#           type_text: decimal(18,2)
#           comment: TBD
#     after:
#       columns:
#         - name: order_id
#           type_text: bigint
#           comment: The order's number, as the customer sees it.
#         - name: total
#           type_text: decimal(18,2)
#           comment: What the customer paid, in euros, with tax.
package lakewarden.tables.documentation.columns_commented

import data.lakewarden.lib.declared
import data.lakewarden.lib.documentation
import data.lakewarden.lib.names
import data.lakewarden.lib.statements

needs contains "columns" if not _known

needs contains evidence if {
	not _met
	not _broken
	some evidence in documentation.lacking_comments
}

not_applicable contains "It has no columns." if documentation.column_count == 0

pass contains sprintf("%d of %d columns have a comment.", [_commented, documentation.column_count]) if {
	_met
}

deny contains {"message": message, "expected": expected, "actual": actual, "fixes": [_fix(some_places)]} if {
	_short
	some_places := [place | some n, place in documentation.uncommented; n < _most_columns]
	expected := sprintf("a comment on at least %d of %d columns", [documentation.required_comments, documentation.column_count])
	actual := sprintf("%d of %d columns", [_commented, documentation.column_count])
	message := sprintf("%s has comments on %s, but %d need one; readers have to guess what the others hold, such as %s.", [
		input.full_name,
		actual,
		documentation.required_comments,
		concat(", ", [documentation.columns[place].name | some place in some_places]),
	])
}

deny contains {"message": message, "expected": "a comment on this critical column", "actual": name, "key": key, "fixes": [_fix([place])]} if {
	some place in _critical_without
	name := documentation.columns[place].name
	key := names.in_sql([name])
	message := sprintf("The critical column %s of %s has no comment, so readers have to guess what it holds.", [
		name,
		input.full_name,
	])
}

# How to describe the columns in some places of the list of columns.
_fix(places) := {
	"title": sprintf("Describe %s %s", [_column(places), _ways[declared.how]]),
	"note": declared.note,
} if {
	declared.in_code
} else := {
	"title": sprintf("Describe %s", [_column(places)]),
	"sql": [_comment(place, "<'what it holds'>") | some place in places],
	"requires": ["MODIFY on the table"],
	"note": concat(" ", [text | some text in [statements.metadata_only, _further(places), declared.note]; text != ""]),
	"undo": [_comment(place, statements.literal(documentation.columns[place].comment)) | some place in places],
}

_comment(place, text) := statements.alter(sprintf("ALTER COLUMN %s COMMENT %s", [
	names.in_sql([documentation.columns[place].name]),
	text,
]))

_column(places) := names.in_sql([documentation.columns[places[0]].name]) if {
	count(places) == 1
} else := "its columns"

# What is said where there are more columns than statements.
_further(places) := sprintf("%s no comment.", [_more]) if {
	count(places) == _most_columns
	count(documentation.uncommented) > _most_columns
} else := ""

_more := "One more column has" if count(documentation.uncommented) == _most_columns + 1

else := sprintf("%d more columns have", [count(documentation.uncommented) - _most_columns])

_ways := {
	"terraform": sprintf("in the attribute comment of the column in its %s", [declared.place]),
	"dbt": sprintf("in the column's description in its %s, with columns in persist_docs", [declared.place]),
	"definition": sprintf("with COMMENT after the column's name in its %s", [declared.place]),
}

_known if is_number(documentation.column_count)

_commented := count(documentation.column_comments)

_critical_without contains place if {
	some place in documentation.uncommented
	documentation.critical[documentation.columns[place].name]
}

# Whatever the comments are that nobody knows: it meets the policy, or breaks it.
_met if {
	_commented >= documentation.required_comments
	count(_critical_without) == 0
	count(_critical_unknown) == 0
}

_broken if _short

_broken if count(_critical_without) > 0

_short if _commented + count(documentation.unknown_comments) < documentation.required_comments

_critical_unknown contains place if {
	some place in documentation.unknown_comments
	documentation.critical[documentation.columns[place].name]
}

_most_columns := 5
