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

test_all_else_stands_for_itself_with_a_question_mark_too if {
	every each in ["a.b", "a+b", "a^b", "a$b", "a(b)", "a|b"] {
		pattern.matches(each, each)
		pattern.matches(concat("", [each, "?"]), concat("", [each, "x"]))
	}
	not pattern.matches("a.b", "axb")
	not pattern.matches("a.b?", "axbx")
	not pattern.matches("a|b?", "a")
}

test_case_counts_or_not if {
	not pattern.matches("Prod.*", "prod.x")
	not pattern.matches("prod.?", "Prod.x")
	pattern.matches_any_case("Prod.?", "prod.X")
	pattern.matches_any_case("prod.*", "PROD.x")
	not pattern.matches_any_case("prod.*", "test.x")
}
