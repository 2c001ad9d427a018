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
import data.lakewarden.lib.pattern as patterns
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

# METADATA
# description: >-
#   What could be different about the table, the likeliest first, for `lakewarden explain` to try: a
#   title and what it changes in the document.
changes := [{"title": title, "patch": patch} |
	some offers in _offers
	some [title, patch] in offers
]

_offers := [
	[[sprintf("describe it in at least %d characters", [least]), {"comment": _text(least)}] |
		commented == false
		least := settings.min_table_comment_length
	],
	[[title, _describing(places)] |
		some [title, places] in _some_places
		count(places) > 0
		places != _places
	],
	[["describe all of its columns", _describing(_places)] | count(_places) > 0],
	[[sprintf("make a group such as %s its owner", [_group]), {"owner": _group}] | not _has_group],
	[["remove its comment", {"comment": ""}] | commented],
	[["remove the comments of its columns", {"columns": bare}] |
		count(column_comments) > 0
		bare := [object.union(column, {"comment": ""}) | some column in columns]
	],
	[["make a person its owner", {"owner": "jo@example.com"}] | owner_kind != "person"],
]

# METADATA
# description: >-
#   The smallest number of columns that is the share or more; undefined where the columns are not
#   known. The share counts in billionths, as whole numbers: a fraction such as 0.8 isn't a number
#   that computers have, and 0.8 * 5 may be more than 4.
required_comments := ceil((round(settings.min_commented_column_share * _scale) * column_count) / _scale)

# METADATA
# description: The places of the columns without a comment, in their order.
uncommented := [place |
	some place, _ in columns
	not column_comments[place]
	not unknown_comments[place]
]

# METADATA
# description: The names of the columns that always need a comment.
critical contains column.name if {
	some column in columns
	some pattern in settings.critical_columns
	patterns.matches(pattern, column.name)
}

# Columns whose comments would be enough, and those that always need one.
_some_places := [
	[sprintf("describe %d more of its columns", [_missing]), {place | some n, place in uncommented; n < _missing}],
	["describe its critical columns", {place | some place in uncommented; critical[columns[place].name]}],
]

_missing := required_comments - count(column_comments)

_places := {place | some place in uncommented}

_describing(places) := {"columns": [_described(place, column, places) | some place, column in columns]}

_described(place, column, places) := object.union(column, {"comment": _sentence}) if {
	places[place]
} else := column

# A comment of so many characters or more.
_text(length) := concat(" ", [_sentence | some _ in numbers.range(1, ceil(length / count(_sentence)))])

_sentence := "It says what a row is."

# A name that the settings take for a group's.
_group := replace(replace(first, "*", ""), "?", "x") if {
	first := settings.group_owner_patterns[0]
} else := "data-team"

_has_group if owner_kind == "group"

_scale := 1000000000
