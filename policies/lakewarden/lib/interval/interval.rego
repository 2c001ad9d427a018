# METADATA
# title: Intervals
# description: >-
#   Reads intervals as Delta's table properties hold them, such as `interval 30 days` of
#   delta.deletedFileRetentionDuration: the word `interval`, which may be left out, then numbers and
#   units in any number and case. Only seconds may have a fraction. Months and years have no fixed
#   length, so Delta refuses them, and negative intervals too. A day has 24 hours.
# related_resources:
#   - ref: https://docs.databricks.com/delta/table-properties
# custom:
#   public: true
package lakewarden.lib.interval

# METADATA
# description: A day in microseconds, so that a policy can ask for `7 * interval.day`.
day := 86400000000

# METADATA
# description: The length in microseconds; undefined for what Delta takes for no interval.
microseconds(text) := total if {
	is_string(text)
	lowered := lower(text)
	regex.match(_interval, lowered)
	total := sum([_length(found) | some found in regex.find_all_string_submatch_n(_part, lowered, -1)])
	total >= 0
	total <= 9223372036854775807
}

_length(found) := _signs[sign] * ((_number(whole) * _units[unit]) + _number(millionths)) if {
	[_, sign, whole, fraction, unit] := found
	millionths := substring(concat("", [fraction, "000000"]), 0, 6)
}

# Not every engine reads a number with leading zeros.
_number(digits) := to_number(regex.replace(concat("", ["0", digits]), `^0+([0-9])`, "$1"))

_signs := {"": 1, "+": 1, "-": -1}

_units := {
	"week": 604800000000,
	"day": day,
	"hour": 3600000000,
	"minute": 60000000,
	"second": 1000000,
	"millisecond": 1000,
	"microsecond": 1,
}

_part := concat("", [`([+-]?)`, _blank, `*([0-9]*)[.]?([0-9]*)`, _blank, `+(`, concat("|", object.keys(_units)), `)s?`])

_interval := concat("", ["^", _blank, "*(?:interval )?(?:", _blank, "*[+-]?", _blank, "*(?:", _counted, "|", _seconds, ")s?(?:", _blank, "+|$))+$"])

_counted := concat("", ["[0-9]+", _blank, "+(?:week|day|hour|minute|millisecond|microsecond)"])

_seconds := concat("", ["(?:[0-9]+(?:[.][0-9]{0,9})?|[.][0-9]{1,9})", _blank, "+second"])

_blank := `[\x09-\x0d\x1c-\x20]`
