# METADATA
# title: Patterns over names
# description: >-
#   The patterns of settings and waivers: `*` stands for any characters, dots and none included, and
#   `?` for one. Every engine has to take `?` for a character and not for a byte of one, which the
#   globs of some do not.
package lakewarden.lib.pattern

# METADATA
# description: Holds if the pattern matches the whole of the name; case counts.
matches(pattern, name) if {
	indexof(pattern, "?") == -1
	glob.match(pattern, null, name) # null: no character stops `*`
}

matches(pattern, name) if {
	indexof(pattern, "?") >= 0
	regex.match(_expression(pattern), name)
}

# METADATA
# description: The same, whatever the case of pattern and name.
matches_any_case(pattern, name) if matches(lower(pattern), lower(name))

# Every part of the pattern between wildcards stands for itself.
_expression(pattern) := concat("", ["(?s)^", starred, "$"]) if {
	literal := regex.replace(pattern, `[.+^$(){}|\[\]\\]`, `\$0`)
	starred := replace(replace(literal, "*", ".*"), "?", ".")
}
