package lakewarden.lib.pattern_test

import data.lakewarden.lib.pattern

test_a_star_is_any_characters if {
	every name in ["prod.sales.orders", "prod.", "prod.a\nb"] {
		pattern.matches("prod.*", name)
	}
	pattern.matches("*", "")
	pattern.matches("*.orders", "prod.sales.orders")
	not pattern.matches("prod.*", "prod")
	not pattern.matches("prod.*", "test.prod.x")
}

test_a_question_mark_is_one_character if {
	every name in ["größe", "gro+e", "gr\n.e"] {
		pattern.matches("gr??e", name)
	}
	every name in ["gre", "gröe", "größße", "xgröße", "größen"] {
		not pattern.matches("gr??e", name)
	}
	pattern.matches("*.gr?ß*", "main.größe.t")
	pattern.matches("?b", "ab")
	not pattern.matches("?", "")
}

test_all_else_stands_for_itself if {
	every each in ["a.b", "a+b", "a^b", "a$b", "a(b)", "a|b", "a[b", "a{b}", `a\b`] {
		pattern.matches(each, each)
		pattern.matches(concat("", [each, "?"]), concat("", [each, "x"]))
		pattern.same(each, upper(each))
	}
	not pattern.matches("a.b", "axb")
	not pattern.matches("a.b?", "axbx")
	not pattern.matches("a|b?", "a")
}

test_case_never_counts if {
	pattern.matches("Prod.*", "prod.x")
	pattern.matches("prod.?", "PROD.X")
	pattern.matches("GRÖẞE", "größe")
	pattern.matches("2\u212a", "2k")
	not pattern.matches("i", "\u0130")
	not pattern.matches("ss", "ß")
	not pattern.matches("Prod.*", "test.x")
}

test_letters_of_several_forms_are_one if {
	forms := [
		["\u00b5", "\u03bc", "\u039c"],
		["\u017f", "s", "S"],
		["\u0345", "\u03b9", "\u1fbe", "\u0399"],
		["\u03a3", "\u03c3", "\u03c2"],
		["\u03d0", "\u03b2"],
		["\u03d1", "\u03b8"],
		["\u03d5", "\u03c6"],
		["\u03d6", "\u03c0"],
		["\u03f0", "\u03ba"],
		["\u03f1", "\u03c1"],
		["\u03f5", "\u03b5"],
		["\u1c80", "\u0432"],
		["\u1c81", "\u0434"],
		["\u1c82", "\u043e"],
		["\u1c83", "\u0441"],
		["\u1c84", "\u1c85", "\u0442"],
		["\u1c86", "\u044a"],
		["\u1c87", "\u0463"],
		["\u1c88", "\ua64b"],
		["\u1e9b", "\u1e61"],
	]
	every letters in forms {
		count({pattern.fold(letter) | some letter in letters}) == 1
	}
	pattern.fold("a\u03a3") == "a\u03c3"
	count({pattern.fold(letter) | some letter in ["\u0130", "i", "I", "i\u0307", "\u0131"]}) == 4
}

test_names_are_the_same_but_for_case if {
	pattern.same("prod.a.t", "prod.a.t")
	pattern.same("Prod.Größe.T", "prod.GRÖẞE.t")
	not pattern.same("prod.a.t", "prod.a.tt")
	not pattern.same("prod.a.t", "xprod.a.t")
	not pattern.same("prod.a.*", "prod.a.t")
	not pattern.same("prod.a.?", "prod.a.t")
	pattern.same("prod.a.`*?`", "PROD.a.`*?`")
}
