# METADATA
# title: Router
# description: >-
#   Decides every policy in `input.policies` about every table in `input.tables`, in the order of
#   the tables. A table is decided alone: its policies see it as `input`, and `settings` and `now`
#   as `data.lakewarden_run`. What a policy proves is looked up where its id says; a policy that is
#   not there proves nothing, which is an error.
package lakewarden.main

# METADATA
# description: One object for each table, with `decisions` by policy id and `facts` by domain.
# entrypoint: true
decisions := [answer |
	policies := [_policy(id) | some id in input.policies]
	domains := {policy.domain | some policy in policies}
	run := {"settings": input.settings, "now": input.now}
	some table in input.tables
	about := _about(policies, domains) with input as table with data.lakewarden_run as run
	answer := {
		"decisions": object.union(about.decisions, _waived(table, about.decisions)),
		"facts": about.facts,
	}
]

_policy(id) := {"id": id, "domain": substring(id, 0, dot), "name": substring(id, dot + 1, -1)} if {
	dot := indexof(id, ".")
	dot >= 0
} else := {"id": id, "domain": id, "name": ""}

_about(policies, domains) := {
	"decisions": {policy.id: _decision(policy) | some policy in policies},
	"facts": {domain: data.lakewarden.lib[domain].facts | some domain in domains},
}

# The policy's sets in the order in which they decide. Each is named by its own path, and only if
# none before it decided: naming the whole package would make the engine build all of it. A set
# that a policy lacks is undefined, never in the way, and proves nothing.
_decision(policy) := _lacking(policy, needs) if {
	needs := data.lakewarden.tables[policy.domain][policy.name].needs
	count(needs) > 0
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := data.lakewarden.tables[policy.domain][policy.name].not_applicable
	count(reasons) > 0
} else := {"outcome": "exempt", "exemptions": exemptions, "would_be": _proof(policy).outcome} if {
	exemptions := data.lakewarden.tables[policy.domain][policy.name].exempt
	count(exemptions) > 0
} else := _proof(policy)

# What kind of table it is must be known first: then a policy can say that it is not about this
# kind, and nothing else is fetched in vain.
_lacking(policy, needs) := {"outcome": "unknown", "missing": [_missing(kind) | some kind in kinds]} if {
	kinds := needs & {"table_type", "data_source_format"}
	count(kinds) > 0
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := data.lakewarden.tables[policy.domain][policy.name].not_applicable
	count(reasons) > 0
} else := {"outcome": "unknown", "missing": [_missing(kind) | some kind in needs]}

_missing(kind) := object.union({"kind": kind}, absence) if {
	absence := input.evidence[kind]
} else := {"kind": kind, "status": "not_requested"}

# Exactly one of pass and deny is to be proven.
_proof(policy) := {"outcome": "pass", "reasons": passes} if {
	passes := data.lakewarden.tables[policy.domain][policy.name].pass
	count(passes) > 0
	count(_violations(policy)) == 0
} else := {"outcome": "fail", "violations": violations} if {
	violations := _violations(policy)
	count(violations) > 0
	count(_passes(policy)) == 0
} else := {"outcome": "error", "reasons": [reason]} if {
	count(_violations(policy)) == 0
	reason := sprintf("The policy %s proves nothing about %s, neither pass nor deny.", [
		policy.id,
		input.full_name,
	])
} else := {"outcome": "error", "reasons": [reason]} if {
	reason := sprintf("The policy %s proves both about %s, pass %s and deny %s.", [
		policy.id,
		input.full_name,
		json.marshal(_passes(policy)),
		json.marshal(_violations(policy)),
	])
}

_passes(policy) := [reason | some reason in data.lakewarden.tables[policy.domain][policy.name].pass]

_violations(policy) := [violation |
	some violation in data.lakewarden.tables[policy.domain][policy.name].deny
]
