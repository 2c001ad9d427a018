# METADATA
# title: Facts about documentation
# description: >-
#   What the documentation policies share: the comments that tell something, and who owns the
#   table. `facts` goes into the report.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
package lakewarden.lib.documentation

import data.lakewarden.lib.pattern as patterns
import data.lakewarden.lib.placeholder
import data.lakewarden_run.settings.documentation as settings

# METADATA
# description: >-
#   The table's comment without blanks around it, empty where the table is known to have none;
#   undefined where the comment is not known.
comment := trim_space(input.comment) if is_string(input.comment)

else := "" if not _uncollected

# METADATA
# description: >-
#   Whether the table's comment is long enough and no placeholder; undefined where it is not known.
commented if {
	count(comment) >= settings.min_table_comment_length
	placeholder.written(comment) == false
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
	is_string(column.comment)
	text := trim_space(column.comment)
	text != ""
	placeholder.written(text) == false
}

# METADATA
# description: The table's owner without blanks around it; undefined where it is not known.
owner := name if {
	is_string(input.owner)
	name := trim_space(input.owner)
	name != ""
}

# METADATA
# description: >-
#   `group` for an owner that the settings take for one; else `person` for a mail address,
#   `service_principal` for an application id, `system` for Databricks' own user and `id` for a
#   number; undefined for an owner that is not known, and for one that is none of these.
owner_kind := "group" if {
	some pattern in settings.group_owner_patterns
	patterns.matches(pattern, owner)
}

else := "person" if regex.match(_mail_address, owner)

else := "service_principal" if regex.match(_application_id, owner)

else := "system" if regex.match(_system_user, owner)

else := "id" if regex.match("^[0-9]+$", owner)

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

else := "some" if count(column_comments) > 0

else := "none" if column_count > 0

_uncollected if input.evidence.comment

# Something, one @, and something with a dot in it.
_mail_address := `^[^@]+@[^@]+[.][^@]+$`

# A UUID, by which Unity Catalog names a service principal.
_application_id := `(?i)^[{]?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[}]?$`

# Who owns what Databricks itself made: `System user`.
_system_user := `(?i)^system[\s_-]*user$`
