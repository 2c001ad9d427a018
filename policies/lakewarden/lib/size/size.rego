# METADATA
# title: Sizes
# description: >-
#   Compares a table's size with a limit, and answers only where the size may decide. An exact size
#   always may. One that is not exact may only strictly outside the guard band around the limit,
#   and only if it is at most so many days old; one without a date never. An unknown size is
#   neither below a limit nor at it.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
package lakewarden.lib.size

# METADATA
# description: >-
#   Proof that the table holds less than `limit` bytes. `guard` is the band around the limit, as
#   two factors; `days` is the age up to which a size that is not exact may decide.
below(limit, _, _) if {
	input.size.exact == true
	is_number(input.size.bytes)
	input.size.bytes < limit
}

below(limit, guard, days) if {
	_dated(days)
	is_number(input.size.bytes)
	input.size.bytes < guard[0] * limit
}

# METADATA
# description: Proof that the table holds `limit` bytes or more; see `below`.
reaches(limit, _, _) if {
	input.size.exact == true
	is_number(input.size.bytes)
	input.size.bytes >= limit
}

reaches(limit, guard, days) if {
	_dated(days)
	is_number(input.size.bytes)
	input.size.bytes > guard[1] * limit
}

# METADATA
# description: A number of bytes for people, rounded down, such as `1.4 GiB (1503238553 bytes)`.
text(bytes) := sprintf("%d bytes", [bytes]) if bytes < 1024

text(bytes) := sprintf("%d.%d %s (%d bytes)", [whole, tenths, unit.name, bytes]) if {
	unit := [fitting | some fitting in _units; bytes >= fitting.bytes][0]
	whole := _quotient(bytes, unit.bytes)
	tenths := _quotient((bytes - (whole * unit.bytes)) * 10, unit.bytes)
}

# METADATA
# description: The table's size for people, or that it is not known.
of_table := text(input.size.bytes) if is_number(input.size.bytes)

else := "an unknown number of bytes"

_dated(days) if {
	not input.size.exact
	age := time.parse_rfc3339_ns(data.lakewarden_run.now) - time.parse_rfc3339_ns(input.size.as_of)
	age <= ((days * 24) * 3600) * 1000000000
}

_quotient(a, b) := (a - (a % b)) / b

_units := [
	{"name": "PiB", "bytes": 1125899906842624},
	{"name": "TiB", "bytes": 1099511627776},
	{"name": "GiB", "bytes": 1073741824},
	{"name": "MiB", "bytes": 1048576},
	{"name": "KiB", "bytes": 1024},
]
