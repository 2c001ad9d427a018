# METADATA
# title: Waivers last only as long as allowed
# description: >-
#   A waiver lasts at most max_life_days, from the day on which it starts through the day on which it
#   expires. Without a start, its days count from now, so it passes once its end is near enough.
# schemas:
#   - input: schema.waiver
#   - data.lakewarden_run: schema.settings
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     People change teams and reasons go out of date. A waiver that lasts for years is a rule that
#     nobody decides about any more.
#   remediation: >-
#     Let it expire earlier, and renew it then if the reason still holds.
#   examples:
#     before: {begins_at: "2026-11-01T00:00:00Z", ends_at: "2028-11-01T00:00:00Z", expires: "2028-10-31"}
#     after: {begins_at: "2026-11-01T00:00:00Z", ends_at: "2027-05-01T00:00:00Z", expires: "2027-04-30"}
package lakewarden.waivers.approval.life_limited

import data.lakewarden_run.settings.approval as settings

pass contains sprintf("It lasts %d of at most %d days.", [_days, settings.max_life_days]) if {
	_days <= settings.max_life_days
}

deny contains {"message": message, "expected": expected, "actual": _days} if {
	_days > settings.max_life_days
	expected := sprintf("at most %d days", [settings.max_life_days])
	message := sprintf("%s lasts %d days, until %s, but at most %d are allowed, so that someone decides again while the reason is known.", [
		input.name,
		_days,
		input.expires,
		settings.max_life_days,
	])
}

_days := ceil((time.parse_rfc3339_ns(input.ends_at) - time.parse_rfc3339_ns(_begin)) / 86400000000000)

_begin := object.get(input, "begins_at", data.lakewarden_run.now)
