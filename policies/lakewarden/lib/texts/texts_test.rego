package lakewarden.lib.texts_test

import data.lakewarden.lib.texts

_code(hexadecimal) := json.unmarshal(sprintf(`"\u%s"`, [hexadecimal]))

test_what_shows_something_is_kept if {
	every text in ["grp", "a b", "größe", "日本語", "🦉", "1", "-", "cafe\u0301", "❤\ufe0f"] {
		texts.plain(text) == text
	}
}

test_what_shows_nothing_around_it_is_not if {
	texts.plain(" \t\na  b\r\u3000\u00a0") == "a  b"
	texts.plain("\ufeff\u200b TODO\u00ad\u2800") == "TODO"
	texts.plain("") == ""
}

test_text_that_shows_nothing_is_empty if {
	every code in ["200b", "feff", "00ad", "3164", "2800", "fe0f", "2060", "0301", "034f", "061c", "115f", "ffa0", "180e", "0000", "007f", "00a0", "3000", "2028", "ffff"] {
		texts.plain(concat(" ", [_code(code), _code(code)])) == ""
	}
}

test_only_what_shows_counts if {
	texts.length("a b") == 3
	texts.length("a\u200b\u200b\u200bb") == 2
	texts.length("cafe\u0301") == 4
	texts.length("") == 0
}

test_nothing_but_text_is_text if {
	every value in [null, 1, true, ["a"], {"a": "b"}] {
		not texts.plain(value)
	}
}

test_visible_characters_are_none_of_those if {
	every text in ["~", "~a~"] {
		texts.plain(text) == text
		texts.length(text) == count(text)
	}
}

test_hidden_characters_between_marks_show_nothing if {
	texts.plain("\ufe0f\u200b\ufe0f") == ""
}
