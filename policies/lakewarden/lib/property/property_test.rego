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
