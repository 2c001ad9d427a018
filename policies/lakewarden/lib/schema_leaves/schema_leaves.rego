# METADATA
# title: Leaves of the schema
# description: >-
#   The columns in the order of the schema, and the leaves of each: the column itself, or, where it
#   is a struct, the leaves of its fields, depth first. An array or a map is one leaf, and nothing
#   in it is counted. A column is given by its place in the schema, from 0.
# schemas:
#   - input: schema.table
package lakewarden.lib.schema_leaves

# METADATA
# description: >-
#   The columns in the order of the schema: by position where every column has one, else as they
#   are listed.
columns := [input.columns[i] | some [_, i] in sort(_positioned)] if {
	count(_positions) == count(input.columns)
	_positions != numbers.range(0, count(_positions) - 1) # already in order: nothing to sort
} else := input.columns if is_array(input.columns)

_positions := [column.position | some column in input.columns]

_positioned := [[position, i] | some i, position in _positions]

# METADATA
# description: The place of the column of this name, whatever its case; undefined if there is none.
place(name) := min(places) if {
	wanted := lower(name)
	places := [i | some i, known in _names; known == wanted]
}

_names := [lower(column.name) | some column in columns]

# METADATA
# description: The number of leaves of a column; -1 where its type is not known.
size(at) := 1 if {
	regex.match(_plain, columns[at].type_json)
} else := count(leaves(at)) if {
	leaves(at)
} else := -1

# METADATA
# description: >-
#   The leaves of a column in their order, each with its `name`, a list of parts in lower case, and
#   its `type`, without parameters; undefined where the type of the column is not known.
leaves(at) := _fields(_names[at], type) if {
	type := _type(at)
	_base(type) == "struct"
} else := [{"name": [_names[at]], "type": _base(_type(at))}]

# What begins so is one leaf. Most columns do, and need not be parsed to be counted.
_plain := `^\{"name":"[^"\\]*","type":"[a-z][^"\\]*"[,}]`

# As Delta stores the type, text or an object, or else as SQL writes it. The text of a struct is
# not taken apart: it tells nothing.
_type(at) := type if {
	text := columns[at].type_json
	json.is_valid(text)
	type := _unwrapped(json.unmarshal(text))
} else := text if {
	text := columns[at].type_text
	substring(_base(text), 0, 6) != "struct"
}

# The type, which may stand alone or within the field that has it.
_unwrapped(stored) := stored.type if {
	stored.name
	_base(stored.type)
} else := stored if _base(stored)

# What kind of type it is: the first word of the text, or what the object says.
_base(type) := word if {
	is_string(type)
	some word in regex.find_n(`[a-z0-9_]+`, lower(type), 1)
} else := type.type if is_string(type.type)

# The leaves of a struct. Rego has no recursion, so every value in it is visited, and those that
# are reached through fields of structs alone are sorted by the numbers of these fields.
_fields(column, struct) := [leaf |
	some [_, path] in sort(_paths(struct))
	fields := [lower(name) |
		some end in numbers.range_step(2, count(path), 3)
		name := object.get(struct, array.concat(array.slice(path, 0, end), ["name"]), "")
	]
	leaf := {"name": array.concat([column], fields), "type": _base(object.get(struct, path, ""))}
]

_paths(struct) := [[indices, path] |
	walk(struct, [path, type])
	path[count(path) - 1] == "type"
	_base(type) != "struct"
	every i, step in path {
		_reached(i % 3, step)
	}
	indices := [step | some step in path; is_number(step)]
]

# A path to the type of a field repeats "fields", the field's number, "type".
_reached(1, step) if is_number(step)

_reached(turn, step) if [turn, step] in [[0, "fields"], [2, "type"]]
