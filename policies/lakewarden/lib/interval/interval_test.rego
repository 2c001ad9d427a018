package lakewarden.lib.interval_test

import data.lakewarden.lib.interval

# What Spark makes of each text, and Delta accepts.
test_what_delta_accepts_has_a_length if {
	every text, microseconds in {
		"interval 30 days": 2592000000000,
		"30 days": 2592000000000,
		"030 DAY": 2592000000000,
		"Interval 1 Week": 604800000000,
		"interval 1 week 2 days": 777600000000,
		"interval 2 days 3 hours 4 minutes 5 seconds": 183845000000,
		"1 hour": 3600000000,
		"2 minutes": 120000000,
		"1 day 1 day": 172800000000,
		"1 millisecond": 1000,
		"2 milliseconds": 2000,
		"5 microseconds": 5,
		"1 microsecond": 1,
		"0 days": 0,
		"1.5 seconds": 1500000,
		"1. second": 1000000,
		".5 seconds": 500000,
		"0.000001 seconds": 1,
		"1.123456789 seconds": 1123456,
		"+ 7 days": 604800000000,
		"+1 day": 86400000000,
		"1 day -1 hour": 82800000000,
		"-1 hour 1 day": 82800000000,
		"1 day - 1 hour": 82800000000,
		"interval  30   days  ": 2592000000000,
		"  interval 30 days": 2592000000000,
		"\t30\tdays\n": 2592000000000,
		"30\u001cdays": 2592000000000,
		"9223372036854 seconds 775807 microseconds": 9223372036854775807,
	} {
		interval.microseconds(text) == microseconds
	}
}

test_what_delta_refuses_has_no_length if {
	every text in [
		"",
		"interval",
		"interval 30",
		"interval 10 days 5",
		"5 interval 10 days",
		"days 30",
		"30days",
		"30 d",
		"30 dayss",
		"1 week1 day",
		"interval 1 week, 2 days",
		"interval interval 1 day",
		"interval30 days",
		"interval\t30 days",
		"interval '30' days",
		"1 month",
		"1 year 2 days",
		"1 quarter",
		"1 nanosecond",
		"1.5 days",
		"1.0 hours",
		"1.1234567890 seconds",
		".1234567890 seconds",
		"1..5 seconds",
		". seconds",
		"1,000 days",
		"1e3 days",
		"--1 day",
		"-1 day",
		"-1 microsecond",
		"1 hour -1 day",
		"9223372036854 seconds 775808 microseconds",
		"\u00a030 days",
		"\u000030 days",
		"forever",
	] {
		not interval.microseconds(text)
	}
}

test_what_is_no_text_has_no_length if {
	every value in [null, 30, true, ["30 days"]] {
		not interval.microseconds(value)
	}
}

test_a_day if interval.day == interval.microseconds("24 hours")
