# METADATA
# title: Router
# description: >-
#   Decides every policy in `input.policies` about every table in `input.tables`, in the order of
#   the tables. A table is decided alone: its policies see it as `input`, and the settings that are
#   meant for it, `now` and the ids that are `waived` for it as `data.lakewarden_run`. What a policy
#   proves is looked up where its id says; a policy that is not there proves nothing, which is an
#   error. `variants` are settings by domain that replace those of `settings`; `variant` tells which
#   of them each table has, by number; -1, or no such list, is none.
package lakewarden.main

import data.lakewarden.lib.waivers

# METADATA
# description: >-
#   One object for each table, with `decisions` by policy id, `facts` by domain and, where they are
#   wanted, `changes` by domain; one for each waiver where `input.subject` is `waivers`.
# entrypoint: true
decisions := _about_waivers if {
	input.subject == "waivers"
} else := [answer |
	policies := [_address(id) | some id in input.policies]
	domains := {domain | some [_, domain, _] in policies}
	offering := {domain | some domain in domains; input.changes}
	some i, table in input.tables
	exemptions := waivers.exemptions(_active, table.full_name)
	run := {"settings": _settings(i), "now": input.now, "waived": [id | some id, _ in exemptions]}
	about := _about(policies, domains, offering) with input as table with data.lakewarden_run as run
	answer := object.union(about, {"decisions": waivers.waived(about.decisions, exemptions)})
]

_active := waivers.active([waiver | some waiver in input.waivers], input.now)

_settings(i) := settings if {
	settings := _variants[input.variant[i]]
} else := input.settings

_variants := [variant |
	some changed in input.variants
	variant := {domain: object.get(changed, domain, settings) | some domain, settings in input.settings}
]

# The id of a policy with its domain and its name.
_address(id) := [id, substring(id, 0, dot), substring(id, dot + 1, -1)] if {
	dot := indexof(id, ".")
	dot >= 0
} else := [id, id, ""]

_about(policies, domains, offering) := {
	"decisions": {id: _decision(id, domain, name) | some [id, domain, name] in policies},
	"facts": {domain: data.lakewarden.lib[domain].facts | some domain in domains},
	"changes": {domain: data.lakewarden.lib[domain].changes | some domain in offering},
}

# The policy's sets in the order in which they decide. Each is named by its own path, and only if
# none before it decided: naming the whole package would make the engine build all of it. A set
# that a policy lacks is undefined, never in the way, and proves nothing.
_decision(id, domain, name) := _need(domain, name, needs) if {
	needs := data.lakewarden.tables[domain][name].needs
	count(needs) > 0
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := data.lakewarden.tables[domain][name].not_applicable
	count(reasons) > 0
} else := _exempt(id, domain, name, exemptions) if {
	exemptions := data.lakewarden.tables[domain][name].exempt
	count(exemptions) > 0
} else := _prove(id, domain, name)

# 1. What kind of table it is must be known first: then a policy can say that it is not about this
# kind, and nothing else is fetched unnecessarily. 2. Not applicable. 3. Other evidence.
_need(domain, name, needs) := {"outcome": "unknown", "missing": [_missing(evidence) | some evidence in first]} if {
	first := needs & {"table_type", "data_source_format"}
	count(first) > 0
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := data.lakewarden.tables[domain][name].not_applicable
	count(reasons) > 0
} else := {"outcome": "unknown", "missing": [_missing(evidence) | some evidence in needs]}

_missing(evidence) := object.union({"kind": evidence}, absence) if {
	absence := input.evidence[evidence]
} else := {"kind": evidence, "status": "inconclusive", "reason": reason} if {
	reason := _inconclusive(input[evidence])
} else := {"kind": evidence, "status": "not_requested"}

# The evidence is there and does not help.
_inconclusive(value) := sprintf("%s isn't a recognised value.", [value]) if {
	is_string(value)
} else := "The collected size isn't conclusive: it isn't exact, and it is undated, too old or too close to a limit." if {
	is_number(value.bytes)
} else := "The collected value isn't complete enough to decide." if {
	type_name(value) in {"array", "object"}
	count(value) > 0
}

# 4. Only an approved waiver may look like one.
_exempt(id, domain, name, exemptions) := {"outcome": "error", "reasons": [reason]} if {
	kinds := {object.get(exemption, "kind", "none") | some exemption in exemptions}
	strange := kinds - {"rule", "flag"}
	count(strange) > 0
	reason := sprintf("The policy %s returned an exemption of kind %s; only rule and flag are allowed.", [
		id,
		concat(", ", strange),
	])
} else := {"outcome": "exempt", "exemptions": exemptions, "would_be": _prove(id, domain, name).outcome}

# 5. deny, 6. pass: exactly one of them is to be proven.
_prove(id, domain, name) := {"outcome": "error", "reasons": [reason]} if {
	_malformed(domain, name)
	reason := sprintf("The policy %s has a pass or deny that isn't a set.", [id])
} else := _proven(id, input.full_name, violations, passes) if {
	violations := [violation | some violation in data.lakewarden.tables[domain][name].deny]
	passes := [reason | some reason in data.lakewarden.tables[domain][name].pass]
}

_malformed(domain, name) if {
	type_name(data.lakewarden.tables[domain][name].pass) != "set"
}

_malformed(domain, name) if {
	type_name(data.lakewarden.tables[domain][name].deny) != "set"
}

_proven(id, subject, violations, passes) := {"outcome": "fail", "violations": violations} if {
	count(violations) > 0
	count(passes) == 0
} else := {"outcome": "pass", "reasons": passes} if {
	count(passes) > 0
	count(violations) == 0
} else := {"outcome": "error", "reasons": [reason]} if {
	count(violations) == 0
	reason := sprintf("The policy %s proved neither pass nor deny for %s.", [
		id,
		subject,
	])
} else := {"outcome": "error", "reasons": [reason]} if {
	reason := sprintf("The policy %s proved both pass and deny for %s: pass %s, deny %s.", [
		id,
		subject,
		json.marshal(passes),
		json.marshal(violations),
	])
}
