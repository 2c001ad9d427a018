package lakewarden.main_test

import data.lakewarden.main

# Decides with made-up sets instead of policies: `sets` is what demo.one proves.
_decision(sets, changes) := decision if {
	answers := main.decisions with input as object.union(_request, changes)
		with data.lakewarden.tables as {"demo": {"one": sets}}
		with data.lakewarden.lib as {}
	decision := answers[0].decisions["demo.one"]
}

_request := {
	"policies": ["demo.one"],
	"settings": {"demo": {}},
	"waivers": [],
	"now": "2026-11-23T05:10:00Z",
	"tables": [_table],
}

_table := {
	"full_name": "prod.sales.orders",
	"evidence": {"size": {"status": "denied", "reason": "no SELECT"}},
}

_violation := {"message": "broken", "expected": 1, "actual": 2}

_exemption := {"kind": "rule", "reason": "small"}

_waiver := {
	"policy": "demo.one",
	"table": "prod.sales.orders",
	"reason": "moves",
	"owner": "a",
	"approved_by": "b",
	"expires": "2026-11-23",
}

_exempted(changes) if {
	_decision({"deny": {_violation}}, {"waivers": [object.union(_waiver, changes)]}).outcome == "exempt"
}

test_pass if _decision({"pass": {"good"}}, {}) == {"outcome": "pass", "reasons": ["good"]}

test_fail if _decision({"deny": {_violation}}, {}) == {"outcome": "fail", "violations": [_violation]}

# Every policy has all of its sets, and most of them are empty.
test_empty_sets_decide_nothing if {
	nothing := {"needs": set(), "not_applicable": set(), "exempt": set(), "deny": set(), "pass": set()}
	_decision(object.union(nothing, {"pass": {"good"}}), {}) == {"outcome": "pass", "reasons": ["good"]}
	_decision(object.union(nothing, {"needs": {"access"}}), {}) == {
		"outcome": "unknown",
		"missing": [{"kind": "access", "status": "not_requested"}],
	}
	_decision(object.union(nothing, {"not_applicable": {"view"}}), {}).outcome == "not_applicable"
	_decision(object.union(nothing, {"exempt": {_exemption}}), {}).outcome == "exempt"
}

test_kind_of_table_goes_before_everything if {
	sets := {"needs": {"table_type", "size"}, "not_applicable": {"view"}, "pass": {"good"}}
	_decision(sets, {}) == {
		"outcome": "unknown",
		"missing": [{"kind": "table_type", "status": "not_requested"}],
	}
	format := {"needs": {"data_source_format", "size"}, "not_applicable": {"view"}}
	_decision(format, {}) == {
		"outcome": "unknown",
		"missing": [{"kind": "data_source_format", "status": "not_requested"}],
	}
}

test_not_applicable_goes_before_other_needs if {
	sets := {"needs": {"size"}, "not_applicable": {"view"}, "deny": {_violation}}
	_decision(sets, {}) == {"outcome": "not_applicable", "reasons": {"view"}}
	_decision(object.remove(sets, ["needs"]), {}) == {"outcome": "not_applicable", "reasons": {"view"}}
}

test_needs_tell_why_the_evidence_is_absent if {
	sets := {"needs": {"size"}, "exempt": {_exemption}, "pass": {"good"}}
	_decision(sets, {}) == {
		"outcome": "unknown",
		"missing": [{"kind": "size", "status": "denied", "reason": "no SELECT"}],
	}
}

test_needs_tell_that_evidence_is_there_and_does_not_help if {
	typed := {"tables": [{"full_name": "a.b.c", "table_type": "NEW"}]}
	_decision({"needs": {"table_type"}}, typed).missing == [{
		"kind": "table_type",
		"status": "inconclusive",
		"reason": "NEW isn't a recognised value.",
	}]
	sized := {"tables": [{"full_name": "a.b.c", "size": {"bytes": 7}}]}
	_decision({"needs": {"size"}}, sized).missing == [{
		"kind": "size",
		"status": "inconclusive",
		"reason": "The collected size isn't conclusive: it isn't exact, and it is undated, too old or too close to a limit.",
	}]
}

test_needs_tell_that_a_part_of_the_evidence_does_not_help if {
	every value in [[{"name": "id"}], {"window_days": 30}, {"bytes": null}] {
		collected := {"tables": [{"full_name": "a.b.c", "columns": value}]}
		_decision({"needs": {"columns"}}, collected).missing == [{
			"kind": "columns",
			"status": "inconclusive",
			"reason": "The collected value isn't complete enough to decide.",
		}]
	}
}

test_empty_evidence_is_none if {
	every value in [{}, [], null] {
		collected := {"tables": [{"full_name": "a.b.c", "access": value}]}
		_decision({"needs": {"access"}}, collected).missing == [{"kind": "access", "status": "not_requested"}]
	}
}

test_a_proof_that_is_no_set_is_an_error if {
	_decision({"pass": {"good"}, "deny": "bad"}, {}) == {
		"outcome": "error",
		"reasons": ["The policy demo.one has a pass or deny that isn't a set."],
	}
	_decision({"pass": {"good"}, "deny": true}, {}).outcome == "error"
	_decision({"pass": ["good"]}, {}).outcome == "error"
}

test_an_exemption_of_another_kind_is_an_error if {
	text := "The policy demo.one returned an exemption of kind %s; only rule and flag are allowed."
	every kinds, exempt in {
		"waiver": {{"kind": "waiver", "reason": "x"}},
		"none": {{"reason": "x"}},
		"new, waiver": {{"kind": "waiver"}, {"kind": "new"}, _exemption},
	} {
		_decision({"exempt": exempt, "deny": {_violation}}, {}) == {
			"outcome": "error",
			"reasons": [sprintf(text, [kinds])],
		}
	}
	every kind in ["rule", "flag"] {
		_decision({"exempt": {{"kind": kind, "reason": "x"}}, "deny": {_violation}}, {}).outcome == "exempt"
	}
}

test_exempt_tells_what_it_would_be if {
	would_be := {"fail": {"deny": {_violation}}, "pass": {"pass": {"good"}}, "error": {}}
	every outcome, sets in would_be {
		_decision(object.union(sets, {"exempt": {_exemption}}), {}) == {
			"outcome": "exempt",
			"exemptions": {_exemption},
			"would_be": outcome,
		}
	}
}

test_proving_nothing_is_an_error if {
	decision := _decision({"pass": set(), "deny": set()}, {})
	decision == {
		"outcome": "error",
		"reasons": ["The policy demo.one proved neither pass nor deny for prod.sales.orders."],
	}
}

test_proving_both_is_an_error if {
	decision := _decision({"pass": {"good"}, "deny": {_violation}}, {})
	decision == {
		"outcome": "error",
		"reasons": [`The policy demo.one proved both pass and deny for prod.sales.orders: pass ["good"], deny [{"actual":2,"expected":1,"message":"broken"}].`],
	}
}

test_policy_that_is_not_there_is_an_error if {
	every id in ["demo.two", "nowhere.one", "demo", "demo.one.more", ""] {
		answers := main.decisions with input as object.union(_request, {"policies": [id]})
			with data.lakewarden.tables as {"demo": {"one": {"pass": {"good"}}}}
			with data.lakewarden.lib as {}
		answers[0].decisions[id].outcome == "error"
	}
}

test_name_without_a_dot_is_no_policy if {
	answers := main.decisions with input as object.union(_request, {"policies": ["demo"]})
		with data.lakewarden.tables as {"demo": {"demo": {"pass": {"good"}}}}
		with data.lakewarden.lib as {}
	answers[0].decisions.demo.outcome == "error"
}

test_each_table_is_answered_in_order_and_alone if {
	answers := main.decisions with input as object.union(_request, {
		"policies": ["demo.one", "demo.two"],
		"tables": [{"full_name": "b", "evidence": {}}, {"full_name": "a", "evidence": {}}],
	})
		with data.lakewarden.tables as {"demo": {"one": {}, "two": {}}}
		with data.lakewarden.lib as {"demo": {"facts": {"colour": "red"}}}
	[answer.facts | some answer in answers] == [{"demo": {"colour": "red"}}, {"demo": {"colour": "red"}}]
	count(answers[0].decisions) == 2
	contains(answers[0].decisions["demo.one"].reasons[0], "for b.")
	contains(answers[1].decisions["demo.two"].reasons[0], "for a.")
}

# What demo and bare offer to try; bare has nothing.
_offered(changes) := [answer.changes | some answer in answers] if {
	answers := main.decisions with input as object.union(_request, object.union({"policies": ["demo.one", "bare.one"]}, changes))
		with data.lakewarden.tables as {"demo": {"one": {}}, "bare": {"one": {}}}
		with data.lakewarden.lib as {"demo": {"changes": [{"title": "paint it", "patch": {"comment": "red"}}]}, "bare": {}}
}

test_changes_are_offered_where_they_are_wanted if {
	_offered({}) == [{}]
	_offered({"changes": false}) == [{}]
	_offered({"changes": true}) == [{"demo": [{"title": "paint it", "patch": {"comment": "red"}}]}]
}

test_an_answer_has_decisions_facts_and_changes if {
	answers := main.decisions with input as _request
		with data.lakewarden.tables as {"demo": {"one": {"pass": {"good"}}}}
		with data.lakewarden.lib as {}
	answers == [{"decisions": {"demo.one": {"outcome": "pass", "reasons": ["good"]}}, "facts": {}, "changes": {}}]
}

test_active_waiver_exempts_and_keeps_the_proof if {
	exempt := {
		"outcome": "exempt",
		"exemptions": [{"kind": "waiver", "reason": "moves", "owner": "a", "approved_by": "b", "expires": "2026-11-23"}],
	}
	_decision({"deny": {_violation}}, {"waivers": [_waiver]}) == object.union(exempt, {
		"would_be": "fail",
		"violations": [_violation],
	})
	_decision({"needs": {"columns"}}, {"waivers": [_waiver]}) == object.union(exempt, {
		"would_be": "unknown",
		"missing": [{"kind": "columns", "status": "not_requested"}],
	})
}

test_waiver_changes_nothing_else if {
	every sets in [{"pass": {"good"}}, {"not_applicable": {"view"}}, {}] {
		_decision(sets, {"waivers": [_waiver]}) == _decision(sets, {})
	}
}

test_waiver_is_for_its_policy_and_table_and_time if {
	_exempted({})
	every changes in [{"policy": "demo.on"}, {"table": "prod.sales.order"}, {"expires": "2026-11-22"}] {
		not _exempted(changes)
	}
}

# What a policy sees of the run, for each of two tables.
_seen(changes) := [answer.decisions["testing.seeing"].reasons[0] |
	asked := object.union(_request, {
		"policies": ["testing.seeing"],
		"tables": [_table, object.union(_table, {"full_name": "prod.sales.items"})],
	})
	some answer in main.decisions with input as object.union(asked, changes)
]

test_policies_see_settings_clock_and_waivers if {
	_seen({"waivers": [_waiver]}) == [
		{"settings": {"demo": {}}, "now": "2026-11-23T05:10:00Z", "waived": ["demo.one"]},
		{"settings": {"demo": {}}, "now": "2026-11-23T05:10:00Z", "waived": []},
	]
}

test_each_table_has_the_settings_that_are_meant_for_it if {
	base := {"demo": {"list": [1, 2], "map": {"a": 1}}, "other": {"x": 1}}
	other := {"demo": {"list": [3], "map": {"b": 2}}}
	changes := {"settings": base, "variants": [other]}
	expected := {"demo": other.demo, "other": {"x": 1}}
	every variant, settings in {[0, -1]: [expected, base], [-1, 0]: [base, expected], [0, 0]: [expected, expected]} {
		[run.settings | some run in _seen(object.union(changes, {"variant": variant}))] == settings
	}
	[run.settings | some run in _seen(changes)] == [base, base]
}
