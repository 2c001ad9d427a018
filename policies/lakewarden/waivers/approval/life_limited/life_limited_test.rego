package lakewarden.waivers.approval.life_limited_test

import data.lakewarden.testing
import data.lakewarden.waivers.approval.life_limited

_proven(changes) := proven if {
	run := testing.run_of("approval", {"max_life_days": 30})
	proven := testing.proven(life_limited) with input as testing.waiver(changes) with data.lakewarden_run as run
}

_denied(days) := {"deny": {{
	"expected": "at most 30 days",
	"actual": days,
	"message": sprintf("The waiver of demo.one for prod.sales.orders lasts %d days, until 2026-12-31, but at most 30 are allowed, so that someone decides again while the reason is known.", [days]),
}}}

test_a_short_life_passes if {
	_proven({"begins_at": "2026-12-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}) == {
		"pass": {"It lasts 30 of at most 30 days."},
	}
}

test_a_day_that_has_begun_counts if {
	_proven({"begins_at": "2026-12-01T23:59:59Z", "ends_at": "2027-01-01T00:00:00Z"}) == _denied(31)
	_proven({"begins_at": "2026-12-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}) == _denied(31)
	_proven({"begins_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-31T00:00:00Z"}).pass
}

test_without_a_start_its_life_counts_from_now if {
	_proven({"ends_at": "2026-12-23T05:10:00Z"}) == {"pass": {"It lasts 30 of at most 30 days."}}
	_proven({"ends_at": "2026-12-23T05:10:01Z"}) == _denied(31)
	_proven({"ends_at": "2026-12-23T05:10:00.000000001Z"}) == _denied(31)
}
