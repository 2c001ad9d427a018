package lakewarden.lib.owner_test

import data.lakewarden.lib.owner

_unread := [{}, {"owner": null}, {"owner": 5}, {"evidence": {"owner": {"status": "denied"}}}]

test_types_of_owners if {
	every name, type in {
		"": "none",
		" \u200b": "none",
		"jo@acme.example": "person",
		" jo@acme.example ": "person",
		"6f1c2a9e-53b1-4c8d-9e0f-8a7b6c5d4e3f": "service_principal",
		"{6F1C2A9E53B14C8D9E0F8A7B6C5D4E3F}": "service_principal",
		"System user": "system",
		"system-USER": "system",
		"1234": "id",
		"sales": "other",
		"jo@acme": "other",
		"jo@acme@acme.example": "other",
		"12a": "other",
	} {
		owner.type == type with input as {"owner": name}
		owner.lacking == set() with input as {"owner": name}
	}
}

test_a_name_has_no_blanks_around_it if owner.name == "sales ops" with input as {"owner": "\u00a0sales ops\n"}

test_patterns_match_whatever_the_case if {
	owner.matches(["x", "SALES*"]) with input as {"owner": "sales-ops"}
	not owner.matches(["ops"]) with input as {"owner": "sales-ops"}
	not owner.matches([]) with input as {"owner": "sales-ops"}
}

test_nobody_matches_no_pattern if {
	not owner.matches(["*"]) with input as {"owner": ""}
}

test_an_absent_owner_is_lacking_and_of_no_type if {
	every table in _unread {
		owner.lacking == {"owner"} with input as table
		not owner.name with input as table
		not owner.type with input as table
		not owner.matches(["*"]) with input as table
	}
}
