# METADATA
# title: Waivers
# description: >-
#   Approved exceptions. A waiver names one policy and either a `table` by its exact full name or
#   a `pattern`, in which `*` stands for any characters, dots included, and `?` for one. It is
#   active through the end of the day it `expires` (UTC), or up to that moment if it is a time.
package lakewarden.main.waivers

granted(table, decisions) := {id: waived |
	some id, active in _active
	decision := decisions[id]
	decision.outcome in {"fail", "unknown"}
	exemptions := [exemption |
		some waiver in active
		_covers(waiver, table.full_name)
		exemption := object.union(
			{"kind": "waiver"},
			object.filter(waiver, ["reason", "owner", "approved_by", "ticket", "expires"]),
		)
	]
	count(exemptions) > 0
	waived := {"outcome": "exempt", "exemptions": exemptions, "would_be": decision.outcome}
}

_active := {id: active |
	some id in {waiver.policy | some waiver in input.waivers}
	active := [waiver |
		some waiver in input.waivers
		waiver.policy == id
		time.parse_rfc3339_ns(input.now) < _end(waiver.expires)
	]
}

_end(expires) := time.parse_rfc3339_ns(expires) if contains(expires, "T")

else := time.add_date(time.parse_rfc3339_ns(concat("", [expires, "T00:00:00Z"])), 0, 0, 1)

_covers(waiver, full_name) if waiver.table == full_name

_covers(waiver, full_name) if glob.match(waiver.pattern, null, full_name)
