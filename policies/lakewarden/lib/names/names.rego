# METADATA
# title: Names of columns
# description: >-
#   Converts between the parts of a name and the dotted text in which Spark prints them, where a
#   part with a dot in it stands in back-quotes.
# related_resources:
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-reserved-words
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
#   The same text for a statement, where a part stands in back-quotes unless it consists of letters,
#   digits and underscores, doesn't begin with a digit and isn't a reserved word.
in_sql(parts_of_name) := concat(".", [text |
	some part in parts_of_name
	text := _in_sql(part)
])

_in_sql(part) := part if {
	regex.match(`^[A-Za-z_][A-Za-z0-9_]*$`, part)
	regex.match(_reserved, part) == false
} else := _back_quoted(part)

# What standard SQL reserves, and with it Databricks in its ANSI mode, and what it treats specially.
_reserved := concat("", [
	"(?i)^(?:all|and|anti|any|as|authorization|both|case|cast|check|collate|column|constraint|create|cross|",
	"current_date|current_time|current_timestamp|current_user|default|distinct|else|end|escape|except|",
	"false|fetch|filter|for|foreign|from|full|function|grant|group|having|in|inner|intersect|into|is|join|",
	"lateral|leading|left|minus|natural|not|null|offset|on|only|or|order|outer|overlaps|primary|references|",
	"right|select|semi|session_user|setminus|some|table|then|time|to|trailing|true|union|unique|unknown|",
	"user|using|when|where|with|within)$",
])

_quoted(part) := _back_quoted(part) if {
	contains(part, ".")
} else := part

_back_quoted(part) := concat("", ["`", replace(part, "`", "``"), "`"])

# One part: text in back-quotes, where a doubled one stands for itself, or text without a dot.
_part := "(?:`((?:[^`]|``)+)`|([^.`][^.]*))"

_dotted := concat("", ["^", _part, "(?:\\.", _part, ")*$"])

_each := concat("", ["(?:^|\\.)", _part])
