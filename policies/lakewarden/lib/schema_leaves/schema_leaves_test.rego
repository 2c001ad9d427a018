package lakewarden.lib.schema_leaves_test

import data.lakewarden.lib.schema_leaves

_names(columns) := names if {
	names := [column.name | some column in schema_leaves.columns] with input as {"columns": columns}
}

# The leaves of a single column, and its size.
_leaves(column) := leaves if {
	leaves := schema_leaves.leaves(0) with input as {"columns": [column]}
} else := "unknown"

_size(column) := size if {
	size := schema_leaves.size(0) with input as {"columns": [column]}
}

_field(name, type) := {"name": name, "type": type, "nullable": true, "metadata": {}}

_struct(fields) := {"type": "struct", "fields": fields}

test_columns_are_in_the_order_of_their_positions if {
	_names([{"name": "b", "position": 1}, {"name": "a", "position": 0}]) == ["a", "b"]
	_names([{"name": "b", "position": 0}, {"name": "a", "position": 1}]) == ["b", "a"]
	_names([{"name": "c", "position": 10}, {"name": "b", "position": 9}, {"name": "a", "position": 2}]) == ["a", "b", "c"]
	_names([{"name": "b", "position": 1}, {"name": "a", "position": 1}]) == ["b", "a"]
}

test_columns_are_as_listed_unless_each_has_a_position if {
	_names([{"name": "b", "position": 1}, {"name": "a"}]) == ["b", "a"]
	_names([{"name": "b", "position": 1}, {"name": "a"}, {"name": "c", "position": 0}]) == ["b", "a", "c"]
	_names([{"name": "b"}, {"name": "a"}]) == ["b", "a"]
	_names([]) == []
}

test_no_columns_without_columns if {
	every table in [{}, {"columns": null}] {
		not schema_leaves.columns with input as table
	}
}

test_place_of_a_column_whatever_its_case if {
	columns := [{"name": "b", "position": 2}, {"name": "A", "position": 1}, {"name": "a.b", "position": 4}]
	schema_leaves.place("a") == 0 with input as {"columns": columns}
	schema_leaves.place("B") == 1 with input as {"columns": columns}
	schema_leaves.place("A.b") == 2 with input as {"columns": columns}
	not schema_leaves.place("c") with input as {"columns": columns}
	not schema_leaves.place("a") with input as {}
	schema_leaves.place("x") == 0 with input as {"columns": [{"name": "x"}, {"name": "X"}]}
}

test_type_is_read_from_the_field_or_alone if {
	every text in [
		json.marshal(_field("x", "long")),
		json.marshal({"name": "x", "type": "long"}),
		`"long"`,
		` "LONG" `,
		`{"name":"x","type":"long","nullable":true,"metadata":{"comment":"a \"struct\""}}`,
		`{ "type" : "long", "name" : "" }`,
	] {
		_leaves({"name": "X", "type_json": text}) == [{"name": ["x"], "type": "long"}]
		_size({"name": "X", "type_json": text}) == 1
	}
}

test_type_is_read_without_its_parameters if {
	cases := {
		"decimal(18,2)": "decimal",
		"DECIMAL (18, 2)": "decimal",
		"varchar(10)": "varchar",
		"string collate UTF8_LCASE": "string",
		"TIMESTAMP_NTZ": "timestamp_ntz",
		" bigint ": "bigint",
		"array<struct<a:int>>": "array",
		"map<string,int>": "map",
	}
	every text, type in cases {
		_leaves({"name": "x", "type_text": text}) == [{"name": ["x"], "type": type}]
		_leaves({"name": "x", "type_json": json.marshal(text)}) == [{"name": ["x"], "type": type}]
		_size({"name": "x", "type_text": text}) == 1
	}
}

test_type_json_goes_before_type_text if {
	column := {"name": "x", "type_json": `"date"`, "type_text": "struct<a:int>"}
	_leaves(column) == [{"name": ["x"], "type": "date"}]
}

test_type_text_counts_where_type_json_cannot_be_read if {
	every text in ["", "long", "{", "5", "null", "[]", "{}", `{"name":"x"}`, `{"name":"x","type":5}`, `{"type":7}`, `""`] {
		_leaves({"name": "x", "type_json": text, "type_text": "date"}) == [{"name": ["x"], "type": "date"}]
		_leaves({"name": "x", "type_json": text}) == "unknown"
		_size({"name": "x", "type_json": text}) == -1
	}
}

test_type_is_unknown if {
	every column in [
		{"name": "x"},
		{"name": "x", "type_text": null, "type_json": null},
		{"name": "x", "type_text": ""},
		{"name": "x", "type_text": "?"},
		{"name": "x", "type_text": "struct<a:int>"},
		{"name": "x", "type_text": "structure"},
		{"name": "x", "type_text": " STRUCT<a: INT>"},
	] {
		_leaves(column) == "unknown"
		_size(column) == -1
	}
}

test_leaves_of_a_struct_are_in_order_and_depth_first if {
	inner := _struct([_field("Z", "date"), _field("a", _struct([_field("q", "string")])), _field("b", "double")])
	type := _struct([_field("two", "long"), _field("One", inner), _field("last", "decimal(4,2)")])
	expected := [
		{"name": ["s", "two"], "type": "long"},
		{"name": ["s", "one", "z"], "type": "date"},
		{"name": ["s", "one", "a", "q"], "type": "string"},
		{"name": ["s", "one", "b"], "type": "double"},
		{"name": ["s", "last"], "type": "decimal"},
	]
	every text in [json.marshal(type), json.marshal(_field("ignored", type))] {
		_leaves({"name": "S", "type_json": text, "type_text": "struct<…>"}) == expected
		_size({"name": "S", "type_json": text}) == 5
	}
}

test_fields_are_ordered_by_number_not_by_text if {
	type := _struct([_field(sprintf("f%d", [i]), "long") | some i in numbers.range(0, 11)])
	names := [leaf.name[1] | some leaf in _leaves({"name": "s", "type_json": json.marshal(type)})]
	names == [sprintf("f%d", [i]) | some i in numbers.range(0, 11)]
}

test_array_and_map_are_one_leaf if {
	element := _struct([_field("a", "long"), _field("b", "long")])
	array_of := {"type": "array", "elementType": element, "containsNull": true}
	map_of := {"type": "map", "keyType": "string", "valueType": element, "valueContainsNull": true}
	_leaves({"name": "x", "type_json": json.marshal(array_of)}) == [{"name": ["x"], "type": "array"}]
	_leaves({"name": "x", "type_json": json.marshal(_field("x", map_of))}) == [{"name": ["x"], "type": "map"}]
	within := _struct([_field("l", array_of), _field("m", map_of), _field("n", "long")])
	_leaves({"name": "x", "type_json": json.marshal(within)}) == [
		{"name": ["x", "l"], "type": "array"},
		{"name": ["x", "m"], "type": "map"},
		{"name": ["x", "n"], "type": "long"},
	]
}

test_empty_struct_has_no_leaves if {
	_leaves({"name": "x", "type_json": json.marshal(_struct([]))}) == []
	_size({"name": "x", "type_json": json.marshal(_struct([]))}) == 0
	nested := _struct([_field("e", _struct([])), _field("n", "long")])
	_leaves({"name": "x", "type_json": json.marshal(nested)}) == [{"name": ["x", "n"], "type": "long"}]
}

test_field_without_a_name_is_counted if {
	type := {"type": "struct", "fields": [{"type": "long"}, {"name": "n", "type": "date"}]}
	_leaves({"name": "x", "type_json": json.marshal(type)}) == [
		{"name": ["x", ""], "type": "long"},
		{"name": ["x", "n"], "type": "date"},
	]
}

test_metadata_is_no_type if {
	noted := {
		"name": "a",
		"type": "long",
		"metadata": {"type": "string", "fields": [{"name": "b", "type": "date"}], "more": [{"deep": {"type": "x"}}]},
	}
	_leaves({"name": "x", "type_json": json.marshal(_struct([noted]))}) == [{"name": ["x", "a"], "type": "long"}]
	_leaves({"name": "x", "type_json": json.marshal(noted)}) == [{"name": ["x"], "type": "long"}]
}
