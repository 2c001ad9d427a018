# METADATA
# title: Statistics of files
# description: >-
#   For which leaves of the schema Delta keeps the smallest and the largest value in each file: for
#   those that the property delta.dataSkippingStatsColumns names, else for the first so many, which
#   delta.dataSkippingNumIndexedCols says. Where neither is set, predictive optimization chooses
#   them, wherever they stand; without it, they are the first 32.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/data-skipping
package lakewarden.lib.file_statistics

import data.lakewarden.lib.names
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.property
import data.lakewarden.lib.schema_leaves as schema

# METADATA
# scope: document
# description: The evidence that is lacking to tell which leaves have statistics.
lacking contains property.unknown(_list_property)

lacking contains evidence if {
	not _listed
	evidence := property.unknown(_count_property)
}

# METADATA
# description: Holds if the number of a leaf decides whether it has statistics.
counted if {
	not _listed
	not _everywhere
	not chosen
}

# METADATA
# description: Holds if Databricks chooses the leaves with statistics, wherever they stand.
chosen if {
	not _listed
	not _own_number
	predictive_optimization.enabled
}

# METADATA
# description: >-
#   Holds if the number of a leaf decides as long as nobody knows whether predictive optimization is
#   on.
undecided if {
	count(lacking) == 0
	not _listed
	not _own_number
	not predictive_optimization.known
}

# METADATA
# description: How many of the first leaves have statistics, where their number decides.
limit := to_number(digits) if {
	counted
	some [_, digits] in regex.find_all_string_submatch_n(`^0*(0|[1-9][0-9]*)$`, _number, 1)
} else := 0 if counted

# METADATA
# scope: document
# description: Holds if a leaf has statistics whatever its number; `leaf` has the parts of its name.
named(_) if _everywhere

# assumes predictive-optimization-chooses-statistics
named(_) if chosen

named(leaf) if {
	_listed
	some parts in _names
	parts == array.slice(leaf, 0, count(parts))
}

# METADATA
# description: >-
#   The number of a leaf in the schema, from 1, where leaves are counted and can be. `at` is the place
#   of its column, `index` its own among the leaves of the column.
number(at, index) := (sum(_sizes(at)) + index) + 1

# METADATA
# description: >-
#   Holds if leaves are counted, but nobody can count those before a column, since the type of one of
#   them is not known.
uncountable(at) if {
	some size in _sizes(at)
	size < 0
}

# METADATA
# description: For what Delta keeps statistics, for people.
scope := sprintf("the columns that %s names", [_list_property]) if {
	_listed
} else := "all columns" if {
	_everywhere
} else := sprintf("the first %d leaves of the schema", [limit])

# METADATA
# description: The property that says which leaves have statistics, or would, were it set.
property_name := _list_property if _listed

else := _count_property

# METADATA
# description: Holds if the table itself says which leaves have statistics.
# scope: document
chosen_by_owner if _listed

chosen_by_owner if _own_number

# METADATA
# description: >-
#   The value of that property with which more leaves have statistics: those that it names now, as far as
#   that can be read, and these, as SQL writes them; or as many as to include the leaf of this number.
extended(more, last) := concat(",", array.concat(
	[input.properties[_list_property] | count(_names) > 0],
	more,
)) if {
	_listed
} else := sprintf("%d", [last])

# The number of leaves of each column before this one, where leaves are counted.
_sizes(at) := [schema.size(place) | some place in array.slice(numbers.range(0, at), 0, at)] if counted

_listed if is_string(input.properties[_list_property])

_everywhere if {
	not _listed
	_number == "-1"
}

_list_property := "delta.dataSkippingStatsColumns"

_count_property := "delta.dataSkippingNumIndexedCols"

_number := _own_number if _own_number

else := "32"

_own_number := input.properties[_count_property] if is_string(input.properties[_count_property])

# Nothing is named by a list of which a part cannot be read.
_names := [names.parts(lower(name)) | some name in _entries] if {
	every name in _entries {
		count(names.parts(name)) > 0
	}
}

_entries := [trim(entry[1], _blanks) |
	text := input.properties[_list_property]
	regex.match(_list, text)
	some entry in regex.find_all_string_submatch_n(_each, text, -1)
]

# One name in the list: parts in back-quotes, in which a comma is part of the name, or without.
_entry := concat("", [
	"[ \t\r\n]*(?:",
	_quoted,
	"|[^.`, \t\r\n][^.,]*)(?:\\.(?:",
	_quoted,
	"|[^.`,][^.,]*))*[ \t\r\n]*",
])

_quoted := "`(?:[^`]|``)+`"

_blanks := " \t\r\n"

_list := concat("", ["^", _entry, "(?:,", _entry, ")*$"])

_each := concat("", ["(?:^|,)(", _entry, ")"])
