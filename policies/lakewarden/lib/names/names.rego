# METADATA
# title: Names of columns
# description: >-
#   Converts between the parts of a name and the dotted text in which Spark prints them, where a
#   part with a dot in it stands in back-quotes.
# custom:
#   public: true
package lakewarden.lib.names

# METADATA
# description: The parts of a dotted name; none where the text is not such a name.
parts(text) := [part |
	regex.match(_dotted, text)
	some match in regex.find_all_string_submatch_n(_each, text, -1)
	part := concat("", [replace(match[1], "``", "`"), match[2]])
]

# METADATA
# description: The dotted text of a list of parts.
dotted(parts_of_name) := text if {
	text := concat(".", parts_of_name)
	count(split(text, ".")) == count(parts_of_name) # no part has a dot of its own
} else := concat(".", [_quoted(part) | some part in parts_of_name])

# METADATA
# description: >-
#   The same text for a statement, where a part with any other characters than letters, digits and
#   underscores stands in back-quotes.
in_sql(parts_of_name) := concat(".", [text |
	some part in parts_of_name
	text := _in_sql(part)
])

_in_sql(part) := part if {
	regex.match(`^[A-Za-z0-9_]+$`, part)
} else := _back_quoted(part)

_quoted(part) := _back_quoted(part) if {
	contains(part, ".")
} else := part

_back_quoted(part) := concat("", ["`", replace(part, "`", "``"), "`"])

# One part: text in back-quotes, where a doubled one stands for itself, or text without a dot.
_part := "(?:`((?:[^`]|``)+)`|([^.`][^.]*))"

_dotted := concat("", ["^", _part, "(?:\\.", _part, ")*$"])

_each := concat("", ["(?:^|\\.)", _part])
