# METADATA
# title: Texts
# description: >-
#   What a text says to a reader. Characters that show nothing, such as a zero-width space, a Hangul
#   filler or a variation selector, say nothing: a text of them alone is empty. They are listed, since
#   each engine has its own version of Unicode; the collector's `texts` has the same list.
# custom:
#   public: true
package lakewarden.lib.texts

# METADATA
# description: >-
#   The text without what shows nothing around it, empty where nothing is left to see; undefined for
#   anything but text.
plain(text) := regex.replace(text, _around, "") if {
	is_string(text)
	regex.match(_shown, text)
}

else := "" if is_string(text)

# METADATA
# description: How many characters a text has that show something, blanks between them included.
length(text) := count(regex.replace(text, _nothing, ""))

_shown := concat("", ["[^", _blanks, _hidden, _marks, "]"])

_nothing := concat("", ["[", _hidden, _marks, "]+"])

_around := concat("", ["^[", _blanks, _hidden, "]+|[", _blanks, _hidden, "]+$"])

# What Unicode calls white space.
_blanks := `\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}-\x{2029}\x{202F}\x{205F}\x{3000}`

# Format characters, fillers, controls, noncharacters, what else Unicode lets a font ignore.
_hidden := `\x{0}-\x{8}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{AD}\x{600}-\x{605}\x{61C}\x{6DD}\x{70F}\x{890}-\x{891}\x{8E2}\x{115F}-\x{1160}\x{17B4}-\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{2800}\x{3164}\x{FDD0}-\x{FDEF}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFB}\x{FFFE}-\x{FFFF}\x{110BD}\x{110CD}\x{13430}-\x{1343F}\x{13441}-\x{13442}\x{16FE4}\x{1BCA0}-\x{1BCA3}\x{1D159}\x{1D173}-\x{1D17A}`

# What belongs to the character before it: combining marks, variation selectors, tags.
_marks := `\x{300}-\x{36F}\x{483}-\x{489}\x{1AB0}-\x{1AFF}\x{1DC0}-\x{1DFF}\x{20D0}-\x{20FF}\x{FE00}-\x{FE0F}\x{FE20}-\x{FE2F}\x{E0000}-\x{E0FFF}`
