package lakewarden.lib.waivers_test

import data.lakewarden.lib.waivers

_waiver := {
	"policy": "demo.one",
	"table": "prod.sales.orders",
	"reason": "moves",
	"owner": "a",
	"approved_by": "b",
	"expires": "2026-11-23",
}

_exemption := {"kind": "waiver", "reason": "moves", "owner": "a", "approved_by": "b", "expires": "2026-11-23"}

_found(listed, now) := waivers.exemptions(waivers.active(listed, now), "prod.sales.orders")

_is_active(expires) if {
	_found([object.union(_waiver, {"expires": expires})], "2026-11-23T05:10:00Z") != {}
}

_started(starts) if {
	_found([object.union(_waiver, {"starts": starts})], "2026-11-23T05:10:00Z") != {}
}

_of(number, named) := _waiver if {
	number in named
} else := object.union(object.remove(_waiver, ["table"]), {"pattern": "prod.*"}) if {
	number % 2 == 0
} else := object.union(object.remove(_waiver, ["table"]), {"pattern": "*.orders"})

_covers(changes) if {
	_found([object.union(object.remove(_waiver, ["table"]), changes)], "2026-11-23T05:10:00Z") != {}
}

test_a_waiver_is_active_until_it_expires if {
	every expires in ["2026-11-23", "2027-01-01", "2026-11-23T05:10:01Z", "2026-11-23T06:10:01+01:00"] {
		_is_active(expires)
	}
	every expires in ["2026-11-22", "2026-11-23T05:10:00Z", "2026-11-23T06:09:00+01:00"] {
		not _is_active(expires)
	}
	_found([object.remove(_waiver, ["expires"])], "2026-11-23T05:10:00Z") == {}
}

test_a_waiver_is_active_from_its_start if {
	_started("2026-11-23")
	_started("2025-12-31")
	_started("2026-11-23T05:10:00Z")
	_started("2026-11-23T06:10:00+01:00")
	not _started("2026-11-24")
	not _started("2026-11-23T05:10:01Z")
	not _started("2026-11-23T05:10:01+00:00")
}

test_a_waiver_that_starts_today_is_active_from_midnight if {
	today := [object.union(_waiver, {"starts": "2026-11-23"})]
	_found(today, "2026-11-23T00:00:00Z") != {}
	_found(today, "2026-11-22T23:59:59Z") == {}
}

test_a_waiver_covers_its_table_whatever_the_case if {
	every name in ["prod.sales.orders", "Prod.SALES.orders"] {
		_covers({"table": name})
	}
	every name in ["prod.sales.order", "prod.sales.*", "prod.sales.orders2"] {
		not _covers({"table": name})
	}
}

test_a_waiver_covers_what_its_pattern_matches if {
	every pattern in ["*", "prod.*", "PROD.*", "prod.sales.orders", "*.sales.*", "prod.sales.order?"] {
		_covers({"pattern": pattern})
	}
	every pattern in ["prod", "sales.*", "prod.sales.orders?", 5] {
		not _covers({"pattern": pattern})
	}
	not _covers({})
}

test_each_policy_has_the_exemptions_of_its_own_waivers_in_their_order if {
	later := object.union(_waiver, {"expires": "2027-01-01", "ticket": "GOV-1"})
	other := object.union(_waiver, {"policy": "demo.two", "reason": "other"})
	elsewhere := object.union(_waiver, {"table": "prod.sales.items"})
	_found([_waiver, other, elsewhere, later], "2026-11-23T05:10:00Z") == {
		"demo.one": [_exemption, object.union(_exemption, {"expires": "2027-01-01", "ticket": "GOV-1"})],
		"demo.two": [object.union(_exemption, {"reason": "other"})],
	}
}

test_waivers_by_name_and_by_pattern_keep_the_order_of_the_list if {
	reasons := [sprintf("%d", [number]) | some number in numbers.range(0, 11)]
	named := {0, 3, 4, 11}
	listed := [object.union(waiver, {"reason": reason}) |
		some number, reason in reasons
		waiver := _of(number, named)
	]
	found := _found(listed, "2026-11-23T05:10:00Z")
	[exemption.reason | some exemption in found["demo.one"]] == reasons
	count(waivers.active(listed, "2026-11-23T05:10:00Z").patterned) == 2
	count(waivers.active(listed, "2026-11-23T05:10:00Z").named) == 1
}

test_only_what_there_is_is_looked_up if {
	pattern := object.union(object.remove(_waiver, ["table"]), {"pattern": "prod.*"})
	waivers.active([], "2026-11-23T05:10:00Z") == {}
	object.keys(waivers.active([_waiver], "2026-11-23T05:10:00Z")) == {"named"}
	object.keys(waivers.active([pattern], "2026-11-23T05:10:00Z")) == {"patterned"}
}

test_a_name_in_another_case_is_looked_up_in_the_same_place if {
	listed := [object.union(_waiver, {"table": name}) | some name in ["Prod.SALES.orders", "prod.sales.ORDERS"]]
	object.keys(waivers.active(listed, "2026-11-23T05:10:00Z").named) == {"prod.sales.orders"}
	count(_found(listed, "2026-11-23T05:10:00Z")["demo.one"]) == 2
}

test_an_exemption_tells_what_kind_of_waiver_it_is_by_and_from_when if {
	waiver := object.union(_waiver, {"kind": "mitigated", "starts": "2026-01-01", "note": "no part of it"})
	_found([waiver], "2026-11-23T05:10:00Z") == {"demo.one": [object.union(_exemption, {
		"waiver_kind": "mitigated",
		"starts": "2026-01-01",
	})]}
}

test_only_fail_and_unknown_are_waived_and_keep_their_proof if {
	decisions := {
		"demo.fails": {"outcome": "fail", "violations": ["broken"]},
		"demo.lacks": {"outcome": "unknown", "missing": ["columns"]},
		"demo.passes": {"outcome": "pass", "reasons": ["good"]},
		"demo.other": {"outcome": "fail", "violations": ["other"]},
	}
	waived := waivers.waived(decisions, {id: [_exemption] | some id in ["demo.fails", "demo.lacks", "demo.passes", "demo.absent"]})
	waived == object.union(decisions, {
		"demo.fails": {"outcome": "exempt", "would_be": "fail", "exemptions": [_exemption], "violations": ["broken"]},
		"demo.lacks": {"outcome": "exempt", "would_be": "unknown", "exemptions": [_exemption], "missing": ["columns"]},
	})
}
