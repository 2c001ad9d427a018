package lakewarden.lib.property_test

import data.lakewarden.lib.property

test_true_is_on_whatever_its_case if {
	every value in ["true", "TRUE", "True", "tRuE"] {
		property.is_true("flag") with input as {"properties": {"flag": value}}
	}
}

test_everything_else_is_off if {
	every value in ["false", "1", "yes", "", " true", "true "] {
		not property.is_true("flag") with input as {"properties": {"flag": value}}
	}
}

test_absent_is_off if not property.is_true("flag") with input as {"properties": {}}

test_no_properties_is_off if not property.is_true("flag") with input as {}

test_off_where_the_value_is_no_text if {
	every value in [true, null, 1, ["true"], {"true": "true"}] {
		not property.is_true("flag") with input as {"properties": {"flag": value}}
		property.unknown("flag") == "properties" with input as {"properties": {"flag": value}}
	}
}

test_absent_properties_are_not_known_whatever_the_evidence if {
	every table in [
		{},
		{"properties": null},
		{"evidence": {}},
		{"evidence": {"properties": {"status": "denied"}}},
		{"evidence": {"properties.flag": {"status": "denied"}}},
	] {
		property.unknown("flag") == "properties" with input as table
	}
}

test_known_where_the_properties_are if {
	every table in [
		{"properties": {}},
		{"properties": {"other": null}},
		{"properties": {"flag": ""}},
		{"properties": {}, "evidence": {"properties.other": {"status": "denied"}}},
		{"properties": {}, "evidence": {"size": {"status": "denied"}}},
		{"properties": {"flag": "x"}, "evidence": {"properties.flag": {"status": "denied"}}},
	] {
		not property.unknown("flag") with input as table
	}
}

test_one_property_that_could_not_be_read_has_a_path if {
	table := {"properties": {"other": "x"}, "evidence": {"properties.a.flag": {"status": "failed"}}}
	property.unknown("a.flag") == "properties.a.flag" with input as table
}

test_any_property_that_is_not_listed_may_be_set if {
	table := {
		"properties": {"clusteringColumns": "[]"},
		"evidence": {"properties.*": {"status": "known_after_apply"}, "properties.own": {"status": "denied"}},
	}
	property.unknown("flag") == "properties.*" with input as table
	property.unknown("own") == "properties.own" with input as table
	not property.unknown("clusteringColumns") with input as table
}
