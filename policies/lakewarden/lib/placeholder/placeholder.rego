# METADATA
# title: Placeholders
# description: >-
#   Tells a text that explains something from one that only stands where an explanation is missing,
#   such as `TODO`, `Test.` or `tbd: ask finance`. Which words do that is in the settings.
# schemas:
#   - data.lakewarden_run: schema.settings
package lakewarden.lib.placeholder

import data.lakewarden_run.settings.documentation as settings

# METADATA
# description: >-
#   Whether a text without blanks around it is a placeholder: one of the configured ones, whatever
#   its case and with `.`, `!`, `:` or blanks after it, or one of them that is a word, and a colon.
is_placeholder(text) if lower(trim_right(text, _trailing)) in _placeholders

else if {
	word := lower(split(text, ":")[0])
	word in _placeholders
	regex.match(`^\p{L}+$`, word)
}

else := false

_placeholders := {lower(placeholder) | some placeholder in settings.comment_placeholders}

# Marks, and what Unicode calls white space.
_trailing := ".!:\t\n\u000b\u000c\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
