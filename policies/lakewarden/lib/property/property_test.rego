package lakewarden.lib.property_test

import data.lakewarden.lib.property

test_true_is_on_whatever_its_case if {
	every value in ["true", "TRUE", "True", "tRuE"] {
		property.on("flag") with input as {"properties": {"flag": value}}
	}
}

test_everything_else_is_off if {
	every value in ["false", "1", "yes", "", " true", "true "] {
		not property.on("flag") with input as {"properties": {"flag": value}}
	}
}

test_absent_is_off if not property.on("flag") with input as {"properties": {}}

test_no_properties_is_off if not property.on("flag") with input as {}

test_unread_only_if_something_says_so if {
	denied := {"evidence": {"properties": {"status": "denied"}}}
	property.unread with input as denied
	property.unread with input as object.union(denied, {"properties": null})
	not property.unread with input as object.union(denied, {"properties": {}})
	not property.unread with input as {"evidence": {"size": {"status": "denied"}}}
	not property.unread with input as {"evidence": {}}
	not property.unread with input as {}
}
