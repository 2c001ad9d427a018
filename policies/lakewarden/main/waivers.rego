package lakewarden.main

# Decides every policy in `input.policies` about every waiver in `input.documents`, in their order.
# All of a waiver is known, and nothing exempts it, so that a policy about waivers has three sets.
_about_waivers := [answer |
	policies := [_address(id) | some id in input.policies]
	run := {"settings": input.settings, "now": input.now, "waived": []}
	some waiver in input.documents
	judged := _judged(policies) with input as waiver with data.lakewarden_run as run
	answer := {"decisions": judged, "facts": {}}
]

_judged(policies) := {id: _judge(id, domain, name) | some [id, domain, name] in policies}

_judge(id, domain, name) := {"outcome": "error", "reasons": [reason]} if {
	_misshapen(domain, name)
	reason := sprintf("The policy %s has a pass, deny or not_applicable that isn't a set.", [id])
} else := {"outcome": "not_applicable", "reasons": reasons} if {
	reasons := data.lakewarden.waivers[domain][name].not_applicable
	count(reasons) > 0
} else := _proven(id, input.name, violations, passes) if {
	violations := [violation | some violation in data.lakewarden.waivers[domain][name].deny]
	passes := [reason | some reason in data.lakewarden.waivers[domain][name].pass]
}

_misshapen(domain, name) if {
	some set in ["deny", "not_applicable", "pass"]
	type_name(data.lakewarden.waivers[domain][name][set]) != "set"
}
