# METADATA
# title: Waivers
# description: >-
#   What approved waivers make of a table's decisions. A waiver names one policy and either a `table`
#   by its full name or a `pattern`, in which `*` stands for any characters, dots included, and `?`
#   for one; case does not count. It is active from the start of the day (UTC) on which it `starts`, or
#   always if it has no start, through the end of the day on which it `expires`. Where one of the two
#   is a time, it counts from that moment, or up to it.
package lakewarden.lib.waivers

import data.lakewarden.lib.pattern as patterns

# METADATA
# description: The waivers that are active at `now`, in their order.
active(waivers, now) := [waiver |
	moment := time.parse_rfc3339_ns(now)
	some waiver in waivers
	moment < _end(waiver.expires)
	_started(waiver, moment)
]

# METADATA
# description: The exemptions by those of the waivers that cover a table, by policy id.
exemptions(waivers, full_name) := {id: members |
	covering := [waiver |
		some waiver in waivers
		_covers(waiver, full_name)
	]
	some id in {waiver.policy | some waiver in covering}
	members := [_exemption(waiver) |
		some waiver in covering
		waiver.policy == id
	]
}

# METADATA
# description: >-
#   The decisions, of which those that are fail or unknown and have exemptions are exempt; they keep
#   what proved the outcome that they would have had. Both are by policy id.
waived(decisions, exempting) := object.union(decisions, {id: object.union(decision, exempt) |
	some id, members in exempting
	decision := decisions[id]
	decision.outcome in {"fail", "unknown"}
	exempt := {"outcome": "exempt", "exemptions": members, "would_be": decision.outcome}
})

_started(waiver, _) if not waiver.starts

_started(waiver, moment) if _beginning(waiver.starts) <= moment

_end(expires) := _beginning(expires) if {
	contains(expires, "T")
} else := time.add_date(_beginning(expires), 0, 0, 1)

_beginning(text) := time.parse_rfc3339_ns(text) if {
	contains(text, "T")
} else := time.parse_rfc3339_ns(concat("", [text, "T00:00:00Z"]))

_covers(waiver, full_name) if patterns.same(waiver.table, full_name)

_covers(waiver, full_name) if {
	is_string(waiver.pattern)
	patterns.matches(waiver.pattern, full_name)
}

_exemption(waiver) := object.union_n([
	{"kind": "waiver"},
	{"waiver_kind": kind | some kind in [waiver.kind]},
	object.filter(waiver, ["reason", "owner", "approved_by", "ticket", "starts", "expires"]),
])
