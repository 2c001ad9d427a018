package lakewarden.lib.size_test

import data.lakewarden.lib.size

_below(table_size) := answer if {
	answer := size.below(1000, [0.5, 2], 7) with input as {"size": table_size}
		with data.lakewarden_run as {"now": "2026-11-23T05:10:00Z"}
} else := "undecided"

test_exact_always_decides if {
	_below({"bytes": 999, "exact": true}) == true
	_below({"bytes": 1000, "exact": true}) == false
	_below({"bytes": 0, "exact": true}) == true
}

test_inexact_decides_strictly_outside_the_guard_band if {
	cases := {499: true, 500: "undecided", 1000: "undecided", 2000: "undecided", 2001: false}
	every bytes, expected in cases {
		_below({"bytes": bytes, "exact": false, "as_of": "2026-11-22T00:00:00Z"}) == expected
		_below({"bytes": bytes, "as_of": "2026-11-22T00:00:00Z"}) == expected
	}
}

test_inexact_decides_up_to_its_age if {
	_below({"bytes": 1, "as_of": "2026-11-16T05:10:00Z"}) == true
	_below({"bytes": 1, "as_of": "2026-11-16T05:09:59.999999999Z"}) == "undecided"
	_below({"bytes": 1, "as_of": "2026-11-23T05:10:00Z"}) == true
}

test_inexact_from_the_future_never_decides if {
	every as_of in ["2026-11-23T05:10:00.000000001Z", "2026-11-24T00:00:00Z", "2261-01-01T00:00:00Z"] {
		_below({"bytes": 1, "as_of": as_of}) == "undecided"
		_below({"bytes": 1, "exact": true, "as_of": as_of}) == true
	}
}

test_inexact_without_a_date_never_decides if {
	_below({"bytes": 1}) == "undecided"
	_below({"bytes": 1, "as_of": null}) == "undecided"
}

test_the_band_ends_exactly_where_its_factors_say if {
	cases := {39999: true, 40000: "undecided", 1040000: "undecided", 1040001: false}
	every bytes, expected in cases {
		_around(1000000, [0.04, 1.04], bytes) == expected
	}
}

test_the_band_ends_at_the_byte_for_large_tables_too if {
	cases := {999999999999: true, 1000000000000: "undecided", 4000000000000: "undecided", 4000000000001: false}
	every bytes, expected in cases {
		_around(2000000000000, [0.5, 2], bytes) == expected
	}
}

_around(limit, guard, bytes) := answer if {
	answer := size.below(limit, guard, 7) with input as {"size": {"bytes": bytes, "as_of": "2026-11-22T00:00:00Z"}}
		with data.lakewarden_run as {"now": "2026-11-23T05:10:00Z"}
} else := "undecided"

test_unknown_never_decides if {
	_below({}) == "undecided"
	_below({"exact": true}) == "undecided"
}

test_null_never_decides if {
	every exact in [true, false] {
		_below({"bytes": null, "exact": exact, "as_of": "2026-11-22T00:00:00Z"}) == "undecided"
	}
}

test_text if {
	cases := {
		0: "0 bytes",
		1023: "1023 bytes",
		1024: "1.0 KiB (1024 bytes)",
		2047: "1.9 KiB (2047 bytes)",
		1048575: "1023.9 KiB (1048575 bytes)",
		1048576: "1.0 MiB (1048576 bytes)",
		1073741823: "1023.9 MiB (1073741823 bytes)",
		1073741824: "1.0 GiB (1073741824 bytes)",
		1503238553: "1.3 GiB (1503238553 bytes)",
		1503238554: "1.4 GiB (1503238554 bytes)",
		1099511627775: "1023.9 GiB (1099511627775 bytes)",
		1099511627776: "1.0 TiB (1099511627776 bytes)",
		2199023255551: "1.9 TiB (2199023255551 bytes)",
		2748779069440: "2.5 TiB (2748779069440 bytes)",
		1125899906842623: "1023.9 TiB (1125899906842623 bytes)",
		1125899906842624: "1.0 PiB (1125899906842624 bytes)",
		2251799813685247: "1.9 PiB (2251799813685247 bytes)",
	}
	every bytes, expected in cases {
		size.format(bytes) == expected
	}
}

test_of_table if {
	size.of_table == "1.0 KiB (1024 bytes)" with input as {"size": {"bytes": 1024}}
	size.of_table == "an unknown number of bytes" with input as {"size": {}}
	size.of_table == "an unknown number of bytes" with input as {"size": {"bytes": null}}
}
