package lakewarden.lib.kind_test

import data.lakewarden.lib.kind

test_delta_formats_are_formats if kind.delta_formats & kind.formats == kind.delta_formats

test_what_databricks_calls_unknown_is_not_known if {
	not "UNKNOWN_DATA_SOURCE_FORMAT" in kind.formats
}

test_types_are_upper_case if {
	every name in kind.types {
		name == upper(name)
	}
}
