# METADATA
# title: Patterns over names
# description: >-
#   The patterns of settings and waivers: `*` stands for any characters, dots and none included, `?`
#   for one, anything else for itself, and case never counts. Every engine matches expressions in
#   linear time. They agree neither about globs nor about the case of all letters, which is therefore
#   settled here; with `(?i)` an expression would get too long for some of them.
# custom:
#   public: true
package lakewarden.lib.pattern

# METADATA
# description: Holds if the pattern matches the whole of the name, whatever the case of both.
matches(pattern, name) if regex.match(expression(pattern), fold(name))

# METADATA
# description: Holds if two names are the same but for their case; no character means another.
same(name, other) if fold(name) == fold(other)

# METADATA
# description: >-
#   The text without case, by Unicode's simple case folding: each character becomes one character.
fold(text) := lower(text) if {
	regex.match(`^[\x00-\x7f]*$`, text)
} else := lower(strings.replace_n(_folded, text))

# METADATA
# description: >-
#   The regular expression that matches the names of the pattern without their case, as `fold` makes
#   them. All that means something in an expression stands for itself, but for the two wildcards.
expression(pattern) := concat("", ["(?s)^", starred, "$"]) if {
	literal := regex.replace(fold(pattern), `[.+^$(){}|\[\]\\]`, `\$0`)
	starred := replace(replace(literal, "*", ".*"), "?", ".")
}

# Letters that `lower` leaves as they are though they are forms of others, and two that engines do
# not agree about: the sigma at a word's end, and the I with a dot, which isn't an `i` and becomes a
# character that stands for nothing else.
_folded := {
	"\u00b5": "\u03bc",
	"\u0130": "\ufdd0",
	"\u017f": "s",
	"\u0345": "\u03b9",
	"\u03a3": "\u03c3",
	"\u03c2": "\u03c3",
	"\u03d0": "\u03b2",
	"\u03d1": "\u03b8",
	"\u03d5": "\u03c6",
	"\u03d6": "\u03c0",
	"\u03f0": "\u03ba",
	"\u03f1": "\u03c1",
	"\u03f5": "\u03b5",
	"\u1c80": "\u0432",
	"\u1c81": "\u0434",
	"\u1c82": "\u043e",
	"\u1c83": "\u0441",
	"\u1c84": "\u0442",
	"\u1c85": "\u0442",
	"\u1c86": "\u044a",
	"\u1c87": "\u0463",
	"\u1c88": "\ua64b",
	"\u1e9b": "\u1e61",
	"\u1fbe": "\u03b9",
}
