package lakewarden.tables.clustering.keys_follow_standard_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.keys_follow_standard
import data.lakewarden.testing

_table := testing.table(testing.clustered_by([["Ordered_On"], ["address", "city"], ["a.b"]]))

_proven(table, settings) := proven if {
	run := testing.run(settings)
	proven := testing.proven(keys_follow_standard) with input as table with data.lakewarden_run as run
}

_good := {"pass": {"Its clustering keys follow the standard."}}

_no_standard := {"not_applicable": {"The settings define no standard for its clustering keys."}}

_leading(tables, key) := {"required_leading_keys": [{"tables": tables, "key": key}]}

_actual(settings) := {violation.actual | some violation in _proven(_table, settings).deny}

test_keys_that_match_an_allowed_pattern_each_pass if {
	every patterns in [["*"], ["ORDERED*", "*.CITY", "`a?b`"], ["o*", "`*", "address?city"]] {
		_proven(_table, {"allowed_key_patterns": patterns}) == _good
	}
}

test_each_key_that_is_not_allowed_is_denied if {
	_proven(_table, {"allowed_key_patterns": ["ordered_on", "`*"]}) == {"deny": {{
		"message": "prod.sales.orders is clustered by address.city, but the standard allows only keys like ordered_on or `*.",
		"expected": "a key like ordered_on or `*",
		"actual": "address.city",
		"key": "address.city",
	}}}
	_actual({"allowed_key_patterns": ["city"]}) == {"Ordered_On", "address.city", "`a.b`"}
}

test_each_forbidden_key_is_denied if {
	_proven(_table, {"forbidden_key_patterns": ["ORDERED_*", "city"]}) == {"deny": {{
		"message": "prod.sales.orders is clustered by Ordered_On, but the standard forbids keys like ORDERED_*.",
		"expected": "no key like ORDERED_*",
		"actual": "Ordered_On",
		"key": "Ordered_On like ORDERED_*",
	}}}
	_actual({"forbidden_key_patterns": ["ordered_*", "*.city"]}) == {"Ordered_On", "address.city"}
}

test_keys_that_match_no_forbidden_pattern_pass if {
	_proven(_table, {"forbidden_key_patterns": ["city", "*_id"]}) == _good
}

test_one_key_and_one_pattern_are_enough if {
	one := testing.table(testing.clustered_by([["id"]]))
	_proven(one, {"allowed_key_patterns": ["id"]}) == _good
	_proven(one, {"forbidden_key_patterns": ["city"]}) == _good
}

test_both_kinds_of_patterns_count if {
	settings := {"allowed_key_patterns": ["ordered*"], "forbidden_key_patterns": ["*_on"]}
	expected := {violation.expected | some violation in _proven(_table, settings).deny}
	expected == {"a key like ordered*", "no key like *_on"}
	count(_proven(_table, settings).deny) == 3
}

test_required_leading_key if {
	_proven(_table, _leading("prod.*", "ORDERED_ON")) == _good
	_proven(_table, _leading("prod.*", "address.city")) == {"deny": {{
		"message": "prod.sales.orders is clustered by Ordered_On first, but the standard requires address.city there.",
		"expected": "address.city as the first key",
		"actual": "Ordered_On",
	}}}
}

test_leading_key_may_be_nested_or_dotted if {
	nested := testing.table(testing.clustered_by([["Address", "City"], ["id"]]))
	_proven(nested, _leading("*", "address.city")) == _good
	dotted := testing.table(testing.clustered_by([["a.b"], ["id"]]))
	_proven(dotted, _leading("*", "`A.B`")) == _good
	count(_proven(dotted, _leading("*", "a.b")).deny) == 1
}

test_last_entry_for_the_table_counts if {
	entries := [
		{"tables": "prod.*", "key": "id"},
		{"tables": "*.orders", "key": "ordered_on"},
		{"tables": "dev.*", "key": "region"},
	]
	_proven(_table, {"required_leading_keys": entries}) == _good
	count(_proven(_table, {"required_leading_keys": array.reverse(entries)}).deny) == 1
}

test_case_of_the_table_does_not_count if {
	_proven(_table, _leading("PROD.*", "ordered_on")) == _good
	_proven(_table, _leading("TEST.*", "ordered_on")) == _no_standard
	_proven(_table, _leading("prod.sales.order?", "ordered_on")) == _good
	_proven(_table, _leading("prod.sales", "ordered_on")) == _no_standard
}

test_not_applicable_without_a_standard if _proven(_table, {}) == _no_standard

test_not_applicable_without_readable_keys if {
	every properties in [{}, {"clusteringColumns": "[]"}, {"clusteringColumns": "broken"}] {
		table := testing.table({"properties": properties})
		reason := "It has no readable clustering keys."
		_proven(table, {"allowed_key_patterns": ["x"]}) == {"not_applicable": {reason}}
		_proven(table, _leading("*", "id")) == {"not_applicable": {reason}}
	}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	reasons := _proven(testing.table({"table_type": "VIEW"}), {}).not_applicable
	"A table of type VIEW can't be clustered." in reasons
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		keys_follow_standard.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({"allowed_key_patterns": ["i*"]})
		keys_follow_standard.not_applicable == set() with input as table with data.lakewarden_run as testing.run({"allowed_key_patterns": ["i*"]})
	}
	known := testing.unread({"detail": {"clustering_columns": ["id"]}})
	every table in known {
		keys_follow_standard.needs == set() with input as table with data.lakewarden_run as testing.run({"allowed_key_patterns": ["i*"]})
		count(keys_follow_standard.pass) == 1 with input as table with data.lakewarden_run as testing.run({"allowed_key_patterns": ["i*"]})
	}
}

_fixes(table, settings) := alternatives if {
	alternatives := testing.fixes(keys_follow_standard) with input as table
		with data.lakewarden_run as testing.run(settings)
}

_rekey(table, proposal) := alternatives if {
	alternatives := fixes.rekey(proposal, true) with input as table
}

test_keys_that_follow_the_standard_are_kept_or_others_chosen if {
	allowed := {"allowed_key_patterns": ["ordered_on", "`*"]}
	_fixes(_table, allowed) == {"address.city": _rekey(_table, [["Ordered_On"], ["a.b"]])}
	forbidden := {"forbidden_key_patterns": ["ORDERED_*", "*_on"]}
	kept := _rekey(_table, [["address", "city"], ["a.b"]])
	_fixes(_table, forbidden) == {"Ordered_On like ORDERED_*": kept, "Ordered_On like *_on": kept}
	both := {"allowed_key_patterns": ["`*"], "forbidden_key_patterns": ["ordered_*"]}
	last := _rekey(_table, [["a.b"]])
	_fixes(_table, both) == {"Ordered_On": last, "address.city": last, "Ordered_On like ordered_*": last}
}

test_the_required_key_comes_first if {
	_fixes(_table, _leading("*", "Address.City")) == {"": _rekey(_table, [["Address", "City"], ["Ordered_On"], ["a.b"]])}
	_fixes(_table, _leading("*", "region")) == {"": _rekey(_table, [["region"], ["Ordered_On"], ["address", "city"], ["a.b"]])}
	_fixes(_table, _leading("*", "a..b")) == {"": _rekey(_table, [["Ordered_On"], ["address", "city"], ["a.b"]])}
	four := testing.table(testing.clustered_by([["a"], ["b"], ["c"], ["d"]]))
	_fixes(four, _leading("*", "e")) == {"": _rekey(four, [["e"], ["a"], ["b"], ["c"]])}
	led := object.union(_leading("*", "a"), {"forbidden_key_patterns": ["c"]})
	_fixes(four, led) == {"c like c": _rekey(four, [["a"], ["b"], ["d"]])}
}

test_a_key_keeps_its_spelling_and_stands_once if {
	table := testing.table(testing.clustered_by([["A"], ["c"], ["B"]]))
	led := object.union(_leading("*", "a"), {"forbidden_key_patterns": ["c"]})
	_fixes(table, led) == {"c like c": _rekey(table, [["A"], ["B"]])}
	_fixes(table, _leading("*", "b")) == {"": _rekey(table, [["b"], ["A"], ["c"]])}
}

test_the_present_keys_are_given_back if {
	table := object.remove(_table, ["columns"])
	every fix in _fixes(table, {"forbidden_key_patterns": ["a.b"], "required_leading_keys": [{"tables": "*", "key": "x"}]})[""] {
		fix.undo == ["ALTER TABLE prod.sales.orders CLUSTER BY (Ordered_On, address.city, `a.b`)"]
	}
}
