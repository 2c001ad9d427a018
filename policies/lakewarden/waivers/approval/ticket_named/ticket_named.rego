# METADATA
# title: Waivers of severe policies name their ticket
# description: >-
#   A waiver of a policy of one of ticket_severities has a ticket, and the ticket matches
#   ticket_pattern. The policy doesn't apply to waivers of other policies.
# schemas:
#   - input: schema.waiver
#   - data.lakewarden_run: schema.settings
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     The ticket holds what led to the exception: who was asked, what was weighed, what has to happen
#     before it ends. Without it, nobody can check that later.
#   remediation: >-
#     Name the ticket in which the exception was agreed.
#   examples:
#     before: {severity: high}
#     after: {severity: high, ticket: GOV-123}
package lakewarden.waivers.approval.ticket_named

import data.lakewarden.lib.pattern as patterns
import data.lakewarden_run.settings.approval as settings

not_applicable contains sprintf("Waivers of policies of severity %s need no ticket.", [input.severity]) if {
	not _severe
}

pass contains sprintf("Its ticket is %s.", [input.ticket]) if _matches

deny contains {"message": message, "expected": _expected, "actual": "no ticket"} if {
	_ticket == ""
	message := sprintf("%s names no ticket, but it needs %s, in which the exception was agreed.", [input.name, _expected])
}

deny contains {"message": message, "expected": _expected, "actual": _ticket, "key": "ticket"} if {
	_ticket != ""
	not _matches
	message := sprintf("%s names the ticket %s, but it needs %s, in which the exception was agreed.", [
		input.name,
		_ticket,
		_expected,
	])
}

_severe if input.severity in settings.ticket_severities

_matches if patterns.matches(settings.ticket_pattern, input.ticket)

_ticket := object.get(input, "ticket", "")

_expected := "a ticket" if settings.ticket_pattern == "*"

else := sprintf("a ticket like %s", [settings.ticket_pattern])
