# METADATA
# title: Router
# description: >-
#   Decides every policy in `input.policies` about every table in `input.tables`, in the order of
#   the tables. A table is decided alone: its policies see it as `input`, and `settings` and `now`
#   as `data.lakewarden_run`.
package lakewarden.main

import data.lakewarden.main.waivers

# METADATA
# description: One object for each table, with `decisions` by policy id and `facts` by domain.
# entrypoint: true
decisions := [answer |
	policies := _policies # bound here: below, `input` is a table
	run := {"settings": input.settings, "now": input.now}
	some table in input.tables
	about := _about(policies) with input as table with data.lakewarden_run as run
	answer := {
		"decisions": {id: waivers.applied(id, table, decision) | some id, decision in about.decisions},
		"facts": about.facts,
	}
]

_policies := [policy |
	some id in input.policies
	parts := split(id, ".")
	policy := {"id": id, "domain": parts[0], "name": concat(".", array.slice(parts, 1, count(parts)))}
]

_about(policies) := {
	"decisions": {policy.id: _decision(policy) | some policy in policies},
	"facts": {policy.domain: data.lakewarden.lib[policy.domain].facts | some policy in policies},
}

# The policy's sets in the order in which they decide. Each is asked for by its own path, and only
# if none before it decided: naming the whole package would make the engine build all of it.
_decision(policy) := {"outcome": "unknown", "missing": _missing(kinds)} if {
	kinds := _needs(policy) & {"table_type", "data_source_format"}
	count(kinds) > 0
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := [reason | some reason in data.lakewarden.tables[policy.domain][policy.name].not_applicable]
	count(reasons) > 0
} else := {"outcome": "unknown", "missing": _missing(kinds)} if {
	kinds := _needs(policy)
	count(kinds) > 0
} else := object.union(_proof(policy), {"outcome": "exempt", "exemptions": exemptions, "would_be": would_be}) if {
	exemptions := [exemption | some exemption in data.lakewarden.tables[policy.domain][policy.name].exempt]
	count(exemptions) > 0
	would_be := _proof(policy).outcome
} else := _proof(policy)

# What `deny` and `pass` alone say, of which exactly one is to be proven.
_proof(policy) := {"outcome": "error", "reasons": [reason]} if {
	count(_passes(policy)) == 0
	count(_violations(policy)) == 0
	reason := sprintf("The policy %s proves neither pass nor deny.", [policy.id])
} else := {"outcome": "pass", "reasons": _passes(policy)} if {
	count(_violations(policy)) == 0
} else := {"outcome": "fail", "violations": _violations(policy)} if {
	count(_passes(policy)) == 0
} else := {"outcome": "error", "reasons": [reason]} if {
	reason := sprintf("The policy %s proves both pass (%s) and deny (%s).", [
		policy.id,
		concat(" ", _passes(policy)),
		concat(" ", [violation.message | some violation in _violations(policy)]),
	])
}

_needs(policy) := {kind | some kind in data.lakewarden.tables[policy.domain][policy.name].needs}

_passes(policy) := [reason | some reason in data.lakewarden.tables[policy.domain][policy.name].pass]

_violations(policy) := [violation |
	some violation in data.lakewarden.tables[policy.domain][policy.name].deny
]

_missing(kinds) := [missing |
	some kind in kinds
	absence := object.get(input, ["evidence", kind], {"status": "not_requested"})
	missing := object.union({"kind": kind}, absence)
]
