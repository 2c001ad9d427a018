package lakewarden.lib.tags_test

import data.lakewarden.lib.tags

_tagged := {"tags": {"PII": "high", "Team": "", "team_lead": "jo"}}

_unread := [{}, {"tags": null}, {"tags": ["PII"]}, {"evidence": {"tags": {"status": "denied"}}}]

test_a_tag_is_there_with_or_without_a_value if {
	every name in ["PII", "Team"] {
		tags.has(name) with input as _tagged
		not tags.unknown(name) with input as _tagged
	}
	tags.value("PII") == "high" with input as _tagged
	tags.value("Team") == "" with input as _tagged
}

test_another_case_is_another_tag if {
	every name in ["pii", "TEAM"] {
		not tags.has(name) with input as _tagged
		not tags.value(name) with input as _tagged
		not tags.unknown(name) with input as _tagged
	}
}

test_patterns_match_names_whatever_the_case if {
	tags.matching("team*") == {"Team", "team_lead"} with input as _tagged
	tags.matching("pii") == {"PII"} with input as _tagged
	tags.matching("x*") == set() with input as _tagged
}

test_no_tags_are_known if {
	tags.lacking == set() with input as {"tags": {}}
	not tags.unknown("PII") with input as {"tags": {}}
	not tags.has("PII") with input as {"tags": {}}
}

test_absent_tags_are_lacking_and_never_said_not_to_be_there if {
	every table in _unread {
		tags.lacking == {"tags"} with input as table
		tags.unknown("PII") == "tags" with input as table
		not tags.has("PII") with input as table
		not tags.value("PII") with input as table
	}
}

test_one_tag_may_be_lacking if {
	table := object.union(_tagged, {"evidence": {"tags.cost": {"status": "failed"}, "size": {"status": "failed"}}})
	tags.lacking == {"tags.cost"} with input as table
	tags.unknown("cost") == "tags.cost" with input as table
	not tags.unknown("PII") with input as table
	not tags.unknown("size") with input as table
	not tags.unknown("PII") with input as object.union(table, {"evidence": {"tags.PII": {"status": "failed"}}})
}

test_what_is_no_text_is_no_value if {
	not tags.has("PII") with input as {"tags": {"PII": 1}}
	not tags.value("PII") with input as {"tags": {"PII": 1}}
}
