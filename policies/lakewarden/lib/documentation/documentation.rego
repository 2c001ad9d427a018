# METADATA
# title: Facts about documentation
# description: >-
#   What the documentation policies share: the comments that tell something, and who owns the
#   table. `facts` goes into the report.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# custom:
#   facts:
#     commented: Has a table comment
#     commented_columns: Columns with a comment
#     owner_kind:
#       label: Type of owner
#       values:
#         id: a number
#         none: no owner
#         service_principal: service principal
#         system: Databricks' system user
package lakewarden.lib.documentation

import data.lakewarden.lib.owner as owners
import data.lakewarden.lib.placeholder
import data.lakewarden.lib.texts
import data.lakewarden_run.settings.documentation as settings

# METADATA
# description: >-
#   The table's comment without blanks around it, empty where the table is known to have none;
#   undefined where the comment is not known.
comment := texts.plain(input.comment)

# METADATA
# description: >-
#   Whether the table's comment is long enough and no placeholder; undefined where it is not known.
commented if {
	texts.length(comment) >= settings.min_table_comment_length
	placeholder.is_placeholder(comment) == false
}

else := false if is_string(comment)

# METADATA
# description: The table's columns; undefined where they are not known.
columns := input.columns if is_array(input.columns)

# METADATA
# description: How many columns there are; undefined where they are not known.
column_count := count(columns)

# METADATA
# description: >-
#   The comments of columns, without blanks around them, that are neither empty nor a placeholder,
#   by the column's place in the list of columns.
column_comments := {place: text |
	some place, column in columns
	text := texts.plain(column.comment)
	text != ""
	placeholder.is_placeholder(text) == false
}

# METADATA
# description: The places of the columns of which nobody knows whether they have a comment.
unknown_comments contains place if {
	some place, _ in columns
	not _told[place]
}

# METADATA
# description: >-
#   The evidence that is lacking to know the comments of all columns: a path where the document says
#   why that of one is absent, else the columns.
lacking_comments contains evidence if {
	some place in unknown_comments
	evidence := _lacking(sprintf("columns.%s.comment", [columns[place].name]))
}

# METADATA
# description: >-
#   The table's owner without blanks around it, empty where it is known to have none; undefined where
#   the owner is not known.
owner := owners.name

# METADATA
# description: >-
#   `group` for an owner that the settings take for one; else `person` for an email address,
#   `service_principal` for an application id, `system` for Databricks' own user, `id` for a number
#   and `none` where nobody owns the table; undefined for an owner that is not known, or is none of
#   these.
owner_kind := "group" if owners.matches(settings.group_owner_patterns)

else := owners.type if owners.type != "other"

else := "group" if {
	count(settings.group_owner_patterns) == 0
	owner
}

# METADATA
# description: What the report tells and counts; a fact that is not known is absent.
facts := {name: value | some [name, value] in _facts}

_facts contains ["commented", commented]

_facts contains ["commented_columns", _commented_columns]

_facts contains ["owner_kind", owner_kind]

_commented_columns := "all" if {
	column_count > 0
	count(column_comments) == column_count
}

else := "some" if {
	count(column_comments) > 0
	count(column_comments) + count(unknown_comments) < column_count
}

else := "none" if {
	column_count > 0
	count(column_comments) == 0
	count(unknown_comments) == 0
}

_told contains place if {
	some place, column in columns
	is_string(column.comment)
}

_lacking(path) := path if input.evidence[path]

else := "columns"
