package lakewarden.lib.file_statistics_test

import data.lakewarden.lib.file_statistics as statistics
import data.lakewarden.testing

_list(text) := {"properties": {"delta.dataSkippingStatsColumns": text}}

_count(text) := {"properties": {"delta.dataSkippingNumIndexedCols": text}}

# The leaves that have statistics whatever their number.
_named(table) := [leaf |
	some leaf in [["id"], ["address", "city"], ["address", "zip", "code"], ["a.b", "c,d"], ["tick`s"], ["x y"]]
	statistics.named(leaf) with input as table
]

test_first_32_by_default if {
	every table in [{}, {"properties": {}}] {
		statistics.counted with input as table
		statistics.limit == 32 with input as table
		statistics.scope == "the first 32 leaves of the schema" with input as table
		_named(table) == []
	}
}

test_lacking_without_properties if {
	every table in [{}, {"properties": null}] {
		statistics.lacking == {"properties"} with input as table
	}
	statistics.lacking == set() with input as {"properties": {}}
}

test_the_number_is_lacking_only_without_a_list if {
	evidence := {"evidence": {"properties.delta.dataSkippingNumIndexedCols": {"status": "failed"}}}
	statistics.lacking == {"properties.delta.dataSkippingNumIndexedCols"} with input as object.union(evidence, {"properties": {}})
	statistics.lacking == set() with input as object.union(evidence, _list("id"))
	list := {"properties": {}, "evidence": {"properties.delta.dataSkippingStatsColumns": {"status": "failed"}}}
	statistics.lacking == {"properties.delta.dataSkippingStatsColumns"} with input as list
}

test_null_is_as_absent if {
	every table in [_list(null), _count(null)] {
		statistics.counted with input as table
		statistics.limit == 32 with input as table
		_named(table) == []
	}
}

_optimized(table, said) := object.union(table, {"predictive_optimization": said})

test_databricks_chooses_where_nothing_is_set if {
	every table in [_list(null), _count(null)] {
		on := _optimized(table, {"enabled": true})
		statistics.chosen with input as on
		not statistics.counted with input as on
		not statistics.limit with input as on
		not statistics.undecided with input as on
		count(_named(on)) == 6
	}
}

test_what_is_set_goes_before_what_databricks_would_choose if {
	every table in [_list("id"), _list(""), _count("5"), _count("-1"), _count("many")] {
		every said in [{"enabled": true}, {"enabled": false}, {}] {
			not statistics.chosen with input as _optimized(table, said)
			not statistics.undecided with input as _optimized(table, said)
		}
	}
	_named(_optimized(_list("id"), {"enabled": true})) == [["id"]]
	_named(_optimized(_count("5"), {"enabled": true})) == []
	statistics.limit == 5 with input as _optimized(_count("5"), {"enabled": true})
}

test_the_first_ones_count_without_predictive_optimization if {
	off := _optimized(_list(null), {"enabled": false})
	statistics.limit == 32 with input as off
	not statistics.chosen with input as off
	not statistics.undecided with input as off
}

test_undecided_while_predictive_optimization_is_not_known if {
	every said in [{}, {"enabled": null}] {
		table := _optimized({"properties": {}}, said)
		statistics.undecided with input as table
		statistics.limit == 32 with input as table
		not statistics.chosen with input as table
	}
	not statistics.undecided with input as _optimized({"properties": {}}, {"enabled": false})
	not statistics.undecided with input as _optimized(_count(null), {})
	every unread in testing.unread({}) {
		not statistics.undecided with input as unread
	}
}

test_as_many_as_the_property_says if {
	cases := {"0": 0, "1": 1, "40": 40, "007": 7, "00": 0}
	every text, limit in cases {
		statistics.counted with input as _count(text)
		statistics.limit == limit with input as _count(text)
		_named(_count(text)) == []
	}
	statistics.scope == "the first 7 leaves of the schema" with input as _count("007")
}

test_none_where_the_number_cannot_be_read if {
	every text in ["", "-2", "--1", "1.5", "many", " 4", "4 ", "1e2", "+5"] {
		statistics.counted with input as _count(text)
		statistics.limit == 0 with input as _count(text)
		_named(_count(text)) == []
	}
}

test_all_where_it_is_minus_one if {
	count(_named(_count("-1"))) == 6
	not statistics.counted with input as _count("-1")
	not statistics.limit with input as _count("-1")
	statistics.scope == "all columns" with input as _count("-1")
}

test_list_decides_alone if {
	every number in ["-1", "5"] {
		table := object.union(_list("id"), _count(number))
		_named(table) == [["id"]]
		not statistics.counted with input as table
		not statistics.limit with input as table
		statistics.scope == "the columns that delta.dataSkippingStatsColumns names" with input as table
	}
}

test_list_names_leaves_and_structs_around_them if {
	_named(_list("address")) == [["address", "city"], ["address", "zip", "code"]]
	_named(_list("address.zip")) == [["address", "zip", "code"]]
	_named(_list("address.city,id")) == [["id"], ["address", "city"]]
	_named(_list("address.city.name,addr,i,a")) == []
}

test_list_ignores_case_and_blanks_around_names if {
	_named(_list("id~,~address")) == []
	_named(_list(" ID ,\tAddress.City\n, `X y`\r")) == [["id"], ["address", "city"], ["x y"]]
}

test_list_has_quoted_names if {
	_named(_list("`a.b`.`c,d`, id")) == [["id"], ["a.b", "c,d"]]
	_named(_list("`id` ,`A.b`")) == [["id"], ["a.b", "c,d"]]
	_named(_list("`tick``s`,x y")) == [["tick`s"], ["x y"]]
	_named(_list("tick`s,id")) == [["id"], ["tick`s"]]
	_named(_list("`address`.zip")) == [["address", "zip", "code"]]
}

test_nothing_is_named_by_a_list_that_cannot_be_read if {
	every text in ["", " ", ",", "id,", ",id", "id,,x y", "`id", "id,`x", "id.", ".id", "id,a..b", "`id`x,id", "id, address. ", "``,id"] {
		_named(_list(text)) == []
		not statistics.counted with input as _list(text)
	}
}

test_the_property_that_chooses_leaves_can_be_extended if {
	every table, text in {
		{}: "7",
		_count("3"): "7",
		_list("id, a.b"): "id, a.b,x,`y z`",
		_list(""): "x,`y z`",
		object.union(_count("3"), {"properties": {"delta.dataSkippingStatsColumns": "a"}}): "a,x,`y z`",
	} {
		statistics.extended(["x", "`y z`"], 7) == text with input as table
	}
	statistics.property_name == "delta.dataSkippingNumIndexedCols" with input as _count("3")
	statistics.property_name == "delta.dataSkippingNumIndexedCols" with input as {}
	statistics.property_name == "delta.dataSkippingStatsColumns" with input as _list("")
}

test_the_owner_chooses_by_either_property if {
	every table in [_count("3"), _list("")] {
		statistics.chosen_by_owner with input as table
	}
	every table in [{}, {"properties": {}}] {
		not statistics.chosen_by_owner with input as table
	}
}
