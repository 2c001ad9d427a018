# METADATA
# title: Sizes
# description: >-
#   Compares a table's size with a limit, and answers only where the size may decide. An exact size
#   always may. One that is not exact may only strictly outside the guard band around the limit,
#   and only if it is at most so many days old; one without a date, or from the future, never. An
#   unknown size is neither below a limit nor at it.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# custom:
#   public: true
package lakewarden.lib.size

# METADATA
# description: >-
#   Whether the table holds less than `limit` bytes; undefined where its size may not decide that.
#   `guard` is the band around the limit, as two factors; `days` is the age up to which a size
#   that is not exact may decide.
below(limit, guard, days) := input.size.bytes < limit if {
	input.size.exact == true
	is_number(input.size.bytes)
} else := input.size.bytes < limit if {
	is_number(input.size.bytes)
	_outside(limit, guard)
	_recent(days)
}

# METADATA
# description: The table's size for people, or that it is not known.
of_table := format(input.size.bytes) if is_number(input.size.bytes)

else := "an unknown number of bytes"

_outside(limit, guard) if input.size.bytes * 1000000000 < _billionths(guard[0]) * limit

_outside(limit, guard) if input.size.bytes * 1000000000 > _billionths(guard[1]) * limit

# A factor such as 1.04 has no exact binary fraction, so whole numbers are compared.
_billionths(factor) := round(factor * 1000000000)

_recent(days) if {
	is_string(input.size.as_of)
	age := time.parse_rfc3339_ns(data.lakewarden_run.now) - time.parse_rfc3339_ns(input.size.as_of)
	age >= 0 # nobody has measured tomorrow's size
	age <= ((days * 24) * 3600) * 1000000000
}

# METADATA
# description: A number of bytes for people, rounded down, such as `1.4 GiB (1503238554 bytes)`.
format(bytes) := _in(bytes, "PiB", 1125899906842624) if bytes >= 1125899906842624

else := _in(bytes, "TiB", 1099511627776) if bytes >= 1099511627776

else := _in(bytes, "GiB", 1073741824) if bytes >= 1073741824

else := _in(bytes, "MiB", 1048576) if bytes >= 1048576

else := _in(bytes, "KiB", 1024) if bytes >= 1024

else := sprintf("%d bytes", [bytes])

_in(bytes, unit, size) := sprintf("%d.%d %s (%d bytes)", [whole, tenths, unit, bytes]) if {
	whole := (bytes - (bytes % size)) / size
	rest := (bytes % size) * 10
	tenths := (rest - (rest % size)) / size
}
