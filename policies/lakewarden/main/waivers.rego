package lakewarden.main

# METADATA
# title: Waivers
# description: >-
#   The decisions about a table that were fail or unknown and that an active waiver makes exempt,
#   by policy id; they keep what proved the outcome that they would have had. A waiver names one
#   policy and either a `table` by its exact full name or a `pattern`, in which `*` stands for any
#   characters, dots included, and `?` for one. It is active through the end of the day (UTC) on
#   which it `expires`, or up to that moment if it is a time.
_waived(table, decisions) := object.union(decisions, _excused(table, decisions)) if {
	count(_active_waivers) > 0
} else := decisions

_excused(table, decisions) := {id: object.union(decision, exempt) |
	some id, waivers in _active_waivers
	decision := decisions[id]
	decision.outcome in {"fail", "unknown"}
	exemptions := [_exemption(waiver) | some waiver in waivers; _covers(waiver, table.full_name)]
	count(exemptions) > 0
	exempt := {"outcome": "exempt", "exemptions": exemptions, "would_be": decision.outcome}
}

_active_waivers := {id: active |
	some id in {waiver.policy | some waiver in input.waivers}
	active := [waiver |
		some waiver in input.waivers
		waiver.policy == id
		time.parse_rfc3339_ns(input.now) < _end(waiver.expires)
	]
}

_end(expires) := time.parse_rfc3339_ns(expires) if {
	contains(expires, "T")
} else := time.add_date(time.parse_rfc3339_ns(concat("", [expires, "T00:00:00Z"])), 0, 0, 1)

_covers(waiver, full_name) if waiver.table == full_name

_covers(waiver, full_name) if {
	is_string(waiver.pattern)
	glob.match(waiver.pattern, null, full_name) # null: no character stops `*`
}

_exemption(waiver) := object.union(
	{"kind": "waiver"},
	object.filter(waiver, ["reason", "owner", "approved_by", "ticket", "expires"]),
)
