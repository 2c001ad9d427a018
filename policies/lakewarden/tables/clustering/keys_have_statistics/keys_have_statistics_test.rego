package lakewarden.tables.clustering.keys_have_statistics_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.statistics_fixes
import data.lakewarden.tables.clustering.keys_have_statistics
import data.lakewarden.testing

# Each a leaf, but for the struct, which has two.
_columns := [
	{"name": "Id", "type_text": "bigint"},
	{"name": "address", "type_text": "struct<City:string,tags:array<string>>", "type_json": json.marshal(_address)},
	{"name": "a.b", "type_json": `"date"`},
	{"name": "flag", "type_text": "boolean"},
	{"name": "note", "type_text": "string"},
]

_address := {"type": "struct", "fields": [
	{"name": "City", "type": "string", "nullable": true, "metadata": {}},
	{"name": "tags", "type": {"type": "array", "elementType": "string", "containsNull": true}},
]}

# A table with these keys, properties and columns.
_table(keys, properties, columns) := object.union(testing.table_without("columns"), {
	"columns": columns,
	"properties": object.union({"clusteringColumns": json.marshal(keys)}, properties),
})

_indexed(number) := {"delta.dataSkippingNumIndexedCols": number}

_listed(names) := {"delta.dataSkippingStatsColumns": names}

_proven(table) := proven if {
	proven := testing.proven(keys_have_statistics) with input as table
}

_good := {"pass": {"Each clustering key has file statistics."}}

_needy := {"needs": {"columns"}}

# What is denied of a table, as its `actual` says.
_denied(keys, properties) := actual if {
	proven := _proven(_table(keys, properties, _columns))
	not proven.pass
	not proven.needs
	actual := {violation.actual | some violation in proven.deny}
}

test_keys_with_statistics_pass_whatever_their_case if {
	_proven(_table([["ID"], ["Address", "city"], ["A.B"]], {}, _columns)) == _good
}

test_every_eligible_type_passes if {
	every type in [
		"date", "timestamp", "timestamp_ntz", "string", "string collate UNICODE", "varchar(10)", "CHAR(3)",
		"byte", "tinyint", "short", "smallint", "integer", "int", "long", "BIGINT", "float", "double", "decimal(18,2)",
	] {
		_proven(_table([["x"]], {}, [{"name": "x", "type_text": type}])) == _good
		_proven(_table([["x"]], {}, [{"name": "x", "type_json": json.marshal(type)}])) == _good
	}
}

test_every_other_type_is_denied if {
	cases := {
		"boolean": "boolean",
		"binary": "binary",
		"variant": "variant",
		"array<int>": "array",
		"map<string,int>": "map",
		"interval day": "interval",
		"void": "void",
	}
	every text, type in cases {
		every properties in [{}, _indexed("-1"), _indexed("0"), _listed("x")] {
			_proven(_table([["x"]], properties, [{"name": "x", "type_text": text}])) == {"deny": {{
				"message": sprintf("prod.sales.orders is clustered by x of type %s, but only a date, timestamp, string or number can be a key.", [type]),
				"expected": "a date, timestamp, string or number",
				"actual": type,
				"key": "x",
			}}}
		}
	}
	_denied([["address", "tags"]], {}) == {"array"}
}

test_key_that_is_no_leaf_is_denied if {
	_proven(_table([["nowhere"]], {}, _columns)) == {"deny": {{
		"message": "prod.sales.orders is clustered by nowhere, which is neither one of its columns nor a field of a struct, so there are no statistics for it.",
		"expected": "a column or a field of a struct",
		"actual": "nowhere",
		"key": "nowhere",
	}}}
	_denied([["a", "b"]], {}) == {"a.b"}
	_denied([["id", "x"], ["nowhere"]], {}) == {"id.x", "nowhere"}
	_denied([["address", "street"], ["address", "tags", "element"]], _indexed("-1")) == {"address.street", "address.tags.element"}
	_denied([["nowhere"]], _listed("nowhere")) == {"nowhere"}
	_denied([["nowhere"]], _indexed("0")) == {"nowhere"}
}

test_first_leaves_have_statistics if {
	_proven(_table([["note"]], _indexed("6"), _columns)) == _good
	_proven(_table([["note"]], _indexed("5"), _columns)) == {"deny": {{
		"message": "prod.sales.orders is clustered by note (leaf 6), which has no statistics, so queries can't use it to skip files: Delta keeps statistics for the first 5 leaves of the schema.",
		"expected": "a key among the first 5 leaves of the schema",
		"actual": "note (leaf 6)",
		"key": "note",
	}}}
	_proven(_table([["address", "city"]], _indexed("2"), _columns)) == _good
	_denied([["address", "city"]], _indexed("1")) == {"address.city (leaf 2)"}
	_proven(_table([["id"]], _indexed("1"), _columns)) == _good
	_denied([["id"]], _indexed("0")) == {"id (leaf 1)"}
}

test_leaves_of_a_struct_are_counted_each if {
	columns := [{"name": "s", "type_json": `{"type":"struct","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}`}]
	_proven(_table([["s", "b"]], _indexed("2"), columns)) == _good
	denied := _proven(_table([["s", "b"]], _indexed("1"), columns)).deny
	{violation.actual | some violation in denied} == {"s.b (leaf 2)"}
}

test_all_leaves_have_statistics_where_the_number_is_minus_one if {
	_proven(_table([["note"], ["address", "city"]], _indexed("-1"), _columns)) == _good
}

test_none_where_the_number_cannot_be_read if {
	_denied([["id"]], _indexed("many")) == {"id (leaf 1)"}
}

_many := [{"name": sprintf("c%d", [i]), "type_text": "int"} | some i in numbers.range(1, 40)]

# The table while predictive optimization is on, off, or not known in some way.
_optimized(table) := object.union(table, {"predictive_optimization": {"enabled": true}})

_unoptimized(table) := [
	object.union(table, {"predictive_optimization": {"enabled": false}}),
	object.union(table, {"table_type": "EXTERNAL", "predictive_optimization": {"enabled": true}}),
	object.union(table, {"table_type": "EXTERNAL"}),
]

_unknown(table) := [
	object.union(table, {"predictive_optimization": {}}),
	object.union(table, {"predictive_optimization": {"enabled": null}}),
	object.union(table, {"predictive_optimization": {"inherited_from": "CATALOG main"}}),
	object.remove(table, ["predictive_optimization"]),
]

test_32_leaves_by_default_without_predictive_optimization if {
	every table in _unoptimized(_table([["c32"]], {}, _many)) {
		_proven(table) == _good
	}
	every table in _unoptimized(_table([["c33"], ["c32"]], {}, _many)) {
		proven := _proven(table)
		{violation.actual | some violation in proven.deny} == {"c33 (leaf 33)"}
		not proven.needs
		not proven.pass
	}
}

test_databricks_chooses_the_columns_with_predictive_optimization if {
	every type in ["MANAGED", "STREAMING_TABLE", "MATERIALIZED_VIEW"] {
		table := object.union(_table([["c33"], ["c40"]], {}, _many), {"table_type": type})
		_proven(_optimized(table)) == {"pass": {"Databricks chooses the columns with statistics (predictive optimization)."}}
	}
}

test_own_properties_say_which_columns_whatever_databricks_would_choose if {
	every properties in [_indexed("32"), _indexed("many"), _listed("c1")] {
		table := _table([["c33"]], properties, _many)
		every variant in [table, _optimized(table)] {
			proven := _proven(variant)
			count(proven.deny) == 1
			not proven.needs
		}
	}
	every properties in [_indexed("33"), _indexed("-1"), _listed("c33")] {
		table := _table([["c33"]], properties, _many)
		every variant in array.concat([table, _optimized(table)], _unoptimized(table)) {
			_proven(variant) == _good
		}
	}
}

test_predictive_optimization_is_needed_where_a_position_would_decide if {
	every table in _unknown(_table([["c33"], ["c1"]], {}, _many)) {
		_proven(table) == {"needs": {"predictive_optimization"}}
	}
}

test_predictive_optimization_is_not_needed_where_no_position_decides if {
	every table in _unknown(_table([["c32"]], {}, _many)) {
		_proven(table) == _good
	}
	wide := array.concat(_many, [{"name": "flag", "type_text": "boolean"}])
	every table in _unknown(_table([["flag"]], {}, wide)) {
		proven := _proven(table)
		{violation.actual | some violation in proven.deny} == {"boolean"}
		not proven.needs
	}
	every table in _unknown(_table([["nowhere"]], {}, _many)) {
		count(_proven(table).deny) == 1
		not _proven(table).needs
	}
}

test_predictive_optimization_is_not_asked_for_before_the_properties_are_known if {
	every table in testing.unread({"columns": _many, "detail": {"clustering_columns": ["c40"]}}) {
		_proven(table).needs == {"properties"}
	}
}

test_types_of_databricks_choice_are_judged_all_the_same if {
	table := _optimized(_table([["flag"], ["nowhere"]], {}, _columns))
	{violation.actual | some violation in _proven(table).deny} == {"boolean", "nowhere"}
}

test_position_orders_the_leaves if {
	columns := [
		{"name": "last", "type_text": "int", "position": 2},
		{"name": "first", "type_text": "int", "position": 0},
		{"name": "middle", "type_text": "int", "position": 1},
	]
	_proven(_table([["first"], ["middle"]], _indexed("2"), columns)) == _good
	denied := _proven(_table([["last"]], _indexed("2"), columns)).deny
	{violation.actual | some violation in denied} == {"last (leaf 3)"}
}

test_array_and_empty_struct_before_the_key if {
	columns := [
		{"name": "l", "type_json": `{"type":"array","elementType":{"type":"struct","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}}`},
		{"name": "e", "type_json": `{"type":"struct","fields":[]}`},
		{"name": "k", "type_text": "int"},
	]
	_proven(_table([["k"]], _indexed("2"), columns)) == _good
	denied := _proven(_table([["k"]], _indexed("1"), columns)).deny
	{violation.actual | some violation in denied} == {"k (leaf 2)"}
	empty := _proven(_table([["e"]], {}, columns))
	not empty.needs
	{violation.actual | some violation in empty.deny} == {"e"}
}

test_listed_keys_have_statistics if {
	_proven(_table([["note"]], _listed("NOTE"), _columns)) == _good
	_proven(_table([["address", "city"], ["a.b"]], _listed("address, `a.b`"), _columns)) == _good
	_proven(_table([["id"], ["note"]], object.union(_listed("note"), _indexed("-1")), _columns)) == {"deny": {{
		"message": "prod.sales.orders is clustered by id, which has no statistics, so queries can't use it to skip files: Delta keeps statistics for the columns that delta.dataSkippingStatsColumns names.",
		"expected": "a key among the columns that delta.dataSkippingStatsColumns names",
		"actual": "id",
		"key": "id",
	}}}
	_denied([["id"]], _listed("")) == {"id"}
}

test_each_bad_key_is_denied_once if {
	keys := [["nowhere"], ["flag"], ["note"], ["id"]]
	_denied(keys, _indexed("1")) == {"nowhere", "boolean", "note (leaf 6)"}
}

test_keys_from_the_detail_count if {
	table := testing.table({"columns": _columns, "detail": {"clustering_columns": ["note"]}})
	_proven(table) == _good
}

test_first_of_two_columns_of_one_name_counts if {
	columns := [{"name": "x", "type_text": "int"}, {"name": "X", "type_text": "boolean"}]
	_proven(_table([["x"]], _indexed("1"), columns)) == _good
}

test_columns_are_needed_where_there_are_keys if {
	_proven(object.remove(_table([["id"]], {}, []), ["columns"])) == _needy
	_proven(_table([["id"]], {}, null)) == _needy
	not _proven(_table([["id"]], {}, [])).needs
	not _proven(testing.table_without("columns")).needs
}

test_type_of_a_key_is_needed if {
	every column in [{"name": "ID"}, {"name": "id", "type_text": "struct<a:int>"}, {"name": "id", "type_text": null}] {
		every properties in [{}, _indexed("-1"), _listed("id")] {
			_proven(_table([["id"]], properties, [column])) == _needy
		}
	}
	_proven(_table([["id", "a"]], {}, [{"name": "id", "type_text": "struct<a:int>"}])) == _needy
}

test_types_before_a_key_are_needed_where_leaves_are_counted if {
	columns := [{"name": "before", "type_text": "struct<a:int>"}, {"name": "k", "type_text": "int"}, {"name": "after"}]
	every table in _unknown(_table([["k"]], {}, columns)) {
		_proven(table) == {"needs": {"columns", "predictive_optimization"}}
	}
	every table in _unoptimized(_table([["k"]], {}, columns)) {
		_proven(table) == _needy
	}
	not _proven(_optimized(_table([["k"]], {}, columns))).deny
	count(_proven(_optimized(_table([["k"]], {}, columns))).pass) == 1
	_proven(_table([["k"]], _indexed("5"), columns)) == _needy
	_proven(_table([["k"]], _indexed("-1"), columns)) == _good
	_proven(_table([["k"]], _listed("k"), columns)) == _good
	_proven(_table([["k"]], {}, array.slice(columns, 1, 3))) == _good
}

test_one_key_in_need_is_enough if {
	columns := [{"name": "k", "type_text": "int"}, {"name": "u"}]
	_proven(_table([["k"], ["u"]], {}, columns)) == _needy
	proven := _proven(_table([["nowhere"], ["u"]], {}, columns))
	proven.needs == {"columns"}
	{violation.actual | some violation in proven.deny} == {"nowhere"}
}

test_not_applicable_without_readable_keys if {
	every text in ["[]", "broken"] {
		table := testing.table({"properties": {"clusteringColumns": text}})
		_proven(table) == {"not_applicable": {"It has no readable clustering keys."}}
	}
	_proven(testing.table({})) == {"not_applicable": {"It has no readable clustering keys."}}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type")).needs == {"table_type"}
	reasons := _proven(testing.table({"table_type": "VIEW"})).not_applicable
	"A table of type VIEW can't be clustered." in reasons
}

test_whole_struct_is_denied_as_such if {
	_proven(_table([["Address"]], {}, _columns)) == {"deny": {{
		"message": "prod.sales.orders is clustered by Address, which is a whole struct, so there are no statistics for it: name one of its fields.",
		"expected": "a field of the struct",
		"actual": "Address",
		"key": "Address",
	}}}
	every violation in _proven(_table([["address", "nowhere"]], {}, _columns)).deny {
		violation.expected == "a column or a field of a struct"
	}
}

test_iceberg_is_left_alone if {
	alone := {"Which columns have file statistics is known only for Delta tables."}
	every table in [_table([["nowhere"]], {}, _columns), testing.table({})] {
		_proven(object.union(table, {"data_source_format": "ICEBERG"})).not_applicable & alone == alone
		view := object.union(table, {"data_source_format": "ICEBERG", "table_type": "VIEW"})
		_proven(view).not_applicable & alone == set()
	}
}

test_properties_that_are_not_known_are_needed if {
	cases := [
		[{}, {"properties"}],
		[{"columns": null}, {"properties"}],
		[{"columns": null, "detail": {"clustering_columns": ["id"]}}, {"columns", "properties"}],
		[{"detail": {"clustering_columns": ["id"]}}, {"properties"}],
		[{"columns": [{"name": "id"}], "detail": {"clustering_columns": ["id"]}}, {"properties"}],
	]
	every case in cases {
		every table in testing.unread(case[0]) {
			proven := _proven(table)
			proven.needs == case[1]
			not proven.not_applicable
		}
	}
}

test_not_applicable_where_the_detail_has_no_keys if {
	every table in testing.unread({"detail": {"clustering_columns": []}}) {
		_proven(table) == {"not_applicable": {"It has no readable clustering keys."}}
	}
}

_fixes(table) := alternatives if {
	alternatives := testing.fixes(keys_have_statistics) with input as table
}

_rekey(table, proposal) := alternatives if {
	alternatives := fixes.rekey(proposal, false) with input as table
}

test_a_key_that_can_have_no_statistics_gives_way if {
	every key in [["nowhere"], ["address"], ["flag"]] {
		table := _table([key, ["id"]], {}, _columns)
		_fixes(table) == {key[0]: _rekey(table, [["id"]])}
	}
	ordered := _table([["note"], ["nowhere"], ["id"]], {}, _columns)
	_fixes(ordered) == {"nowhere": _rekey(ordered, [["note"], ["id"]])}
	alone := _table([["address", "no where"]], {}, _columns)
	_fixes(alone) == {"address.`no where`": _rekey(alone, [])}
}

test_a_key_may_get_statistics if {
	table := _table([["a.b"], ["note"], ["id"], ["flag"]], _indexed("1"), _columns)
	collect := statistics_fixes.collect([["a.b"], ["note"]], 6) with input as table
	rekey := _rekey(table, [["id"]])
	_fixes(table) == {
		"`a.b`": array.concat(collect, rekey),
		"note": array.concat(collect, rekey),
		"flag": rekey,
	}
	listed := _table([["note"], ["id"]], _listed("id"), _columns)
	some fix in _fixes(listed).note
	fix.sql[0] == "ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'id,note')"
}
