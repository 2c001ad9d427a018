package lakewarden.main_test

import data.lakewarden.main

# Judges a waiver with made-up sets instead of policies: `sets` is what demo.one proves.
_judgement(sets) := decision if {
	answers := main.decisions with input as _about_waivers with data.lakewarden.waivers as {"demo": {"one": sets}}
	decision := answers[0].decisions["demo.one"]
}

_about_waivers := {
	"subject": "waivers",
	"policies": ["demo.one"],
	"settings": {"demo": {"limit": 1}},
	"now": "2026-11-23T05:10:00Z",
	"documents": [{"name": "The waiver"}],
}

test_a_waiver_is_judged_by_pass_deny_and_not_applicable if {
	_judgement({"pass": {"good"}}) == {"outcome": "pass", "reasons": ["good"]}
	_judgement({"deny": {_violation}, "not_applicable": set()}) == {"outcome": "fail", "violations": [_violation]}
	_judgement({"deny": {_violation}, "not_applicable": {"low"}}) == {"outcome": "not_applicable", "reasons": {"low"}}
}

test_nothing_exempts_a_waiver_and_nothing_of_it_is_lacking if {
	sets := {"needs": {"ticket"}, "exempt": {_exemption}}
	_judgement(object.union(sets, {"deny": {_violation}})).outcome == "fail"
}

test_a_waiver_of_which_nothing_or_both_is_proven_is_an_error if {
	_judgement({}) == {
		"outcome": "error",
		"reasons": ["The policy demo.one proved neither pass nor deny for The waiver."],
	}
	_judgement({"pass": {"good"}, "deny": {_violation}}).outcome == "error"
	every set in ["pass", "deny", "not_applicable"] {
		_judgement({set: ["good"]}) == {
			"outcome": "error",
			"reasons": ["The policy demo.one has a pass, deny or not_applicable that isn't a set."],
		}
	}
}

test_what_else_a_policy_names_is_not_one_of_its_sets if {
	_judgement({"pass": {"good"}, "limit": 3}) == {"outcome": "pass", "reasons": ["good"]}
}

test_every_waiver_is_judged_in_order_and_sees_the_run if {
	waivers := [{"name": "first"}, {"name": "second"}]
	request := object.union(_about_waivers, {"documents": waivers, "policies": ["demo.one", "testing.seeing"]})
	answers := main.decisions with input as request
	[answer.decisions["demo.one"].reasons[0] | some answer in answers] == [
		"The policy demo.one proved neither pass nor deny for first.",
		"The policy demo.one proved neither pass nor deny for second.",
	]
	answers[0].decisions["testing.seeing"] == {
		"outcome": "pass",
		"reasons": [{"settings": {"demo": {"limit": 1}}, "now": "2026-11-23T05:10:00Z", "waived": []}],
	}
	answers[0].facts == {}
}
