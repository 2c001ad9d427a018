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
# description: >-
#   The waivers that are active at `now`, ready to be looked up: `named` has those of each table, by its
#   name without case, and `patterned` those of each pattern, by its expression. So a name is looked up,
#   and a pattern matched once, however many waivers have them. Both are by places in the list, and
#   neither is there if it has none.
active(waivers, now) := {part: object.union_n(members) | some part, members in parts; members != []} if {
	moment := time.parse_rfc3339_ns(now)
	current := [[place, waiver] |
		some place, waiver in waivers
		moment < _end(waiver.expires)
		_started(waiver, moment)
	]
	parts := {
		"named": [{patterns.fold(waiver.table): {place: waiver}} | some [place, waiver] in current],
		"patterned": [{patterns.expression(waiver.pattern): {place: waiver}} |
			some [place, waiver] in current
			is_string(waiver.pattern)
		],
	}
}

# METADATA
# description: >-
#   The exemptions by those of the active waivers that cover a table, by policy id, in the order of
#   the list.
exemptions(index, full_name) := {id: members |
	covering := object.union_n([found |
		some part, entries in index
		some found in _covering(part, entries, patterns.fold(full_name))
	])
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

_covering("named", entries, name) := [found | found := entries[name]]

_covering("patterned", entries, name) := [found |
	some expression, found in entries
	regex.match(expression, name)
]

_exemption(waiver) := object.union_n([
	{"kind": "waiver"},
	{"waiver_kind": kind | kind := waiver.kind},
	object.filter(waiver, ["reason", "owner", "approved_by", "ticket", "starts", "expires"]),
])
