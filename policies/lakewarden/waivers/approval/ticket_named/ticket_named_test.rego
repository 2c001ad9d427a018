package lakewarden.waivers.approval.ticket_named_test

import data.lakewarden.testing
import data.lakewarden.waivers.approval.ticket_named

_proven(changes, pattern) := proven if {
	run := testing.run_of("approval", {"ticket_severities": ["high"], "ticket_pattern": pattern})
	proven := testing.proven(ticket_named) with input as testing.waiver(changes) with data.lakewarden_run as run
}

test_a_ticket_passes if {
	every pattern in ["*", "gov-*"] {
		_proven({"ticket": "GOV-1"}, pattern) == {"pass": {"Its ticket is GOV-1."}}
	}
}

test_no_ticket_is_denied if {
	every pattern, expected in {"*": "a ticket", "GOV-*": "a ticket like GOV-*"} {
		_proven({}, pattern) == {"deny": {{
			"expected": expected,
			"actual": "no ticket",
			"message": sprintf("The waiver of demo.one for prod.sales.orders names no ticket, but it needs %s, in which the exception was agreed.", [expected]),
		}}}
	}
}

test_another_kind_of_ticket_is_denied if {
	_proven({"ticket": "see mail"}, "GOV-*") == {"deny": {{
		"key": "ticket",
		"expected": "a ticket like GOV-*",
		"actual": "see mail",
		"message": "The waiver of demo.one for prod.sales.orders names the ticket see mail, but it needs a ticket like GOV-*, in which the exception was agreed.",
	}}}
}

test_waivers_of_other_severities_need_none if {
	_proven({"severity": "low"}, "*").not_applicable == {"Waivers of policies of severity low need no ticket."}
	not _proven({"severity": "high"}, "*").not_applicable
}
