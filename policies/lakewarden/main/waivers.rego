package lakewarden.main

import data.lakewarden.lib.pattern as patterns

# METADATA
# title: Waivers
# description: >-
#   The decisions about a table that were fail or unknown and that an active waiver makes exempt,
#   by policy id; they keep what proved the outcome that they would have had. A waiver names one
#   policy and either a `table` by its full name or a `pattern`, in which `*` stands for any
#   characters, dots included, and `?` for one; case does not count. It is active through the end of the day (UTC) on
#   which it `expires`, or up to that moment if it is a time.
_waived(decisions, excuses) := object.union(decisions, {id: object.union(decision, exempt) |
	some id, exemptions in excuses
	decision := decisions[id]
	decision.outcome in {"fail", "unknown"}
	exempt := {"outcome": "exempt", "exemptions": exemptions, "would_be": decision.outcome}
})

# The exemptions of the active waivers that cover a table, by policy id.
_excuses(full_name) := {id: exemptions |
	covering := [waiver |
		some waiver in _active
		_covers(waiver, full_name)
	]
	some id in {waiver.policy | some waiver in covering}
	exemptions := [_exemption(waiver) |
		some waiver in covering
		waiver.policy == id
	]
}

_active := [waiver |
	some waiver in input.waivers
	time.parse_rfc3339_ns(input.now) < _end(waiver.expires)
]

_end(expires) := time.parse_rfc3339_ns(expires) if {
	contains(expires, "T")
} else := time.add_date(time.parse_rfc3339_ns(concat("", [expires, "T00:00:00Z"])), 0, 0, 1)

_covers(waiver, full_name) if patterns.same(waiver.table, full_name)

_covers(waiver, full_name) if {
	is_string(waiver.pattern)
	patterns.matches(waiver.pattern, full_name)
}

_exemption(waiver) := object.union(
	{"kind": "waiver"},
	object.filter(waiver, ["reason", "owner", "approved_by", "ticket", "expires"]),
)
