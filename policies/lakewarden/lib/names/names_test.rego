package lakewarden.lib.names_test

import data.lakewarden.lib.names

test_parts if {
	cases := {
		"id": ["id"],
		"address.city": ["address", "city"],
		"`a.b`.c": ["a.b", "c"],
		"`say ``hi```": ["say `hi`"],
		"tick`s": ["tick`s"],
		"event time": ["event time"],
	}
	every text, parts in cases {
		names.parts(text) == parts
	}
}

test_no_name_has_no_parts if {
	every text in ["", ".", "id.", ".id", "a..b", "`open", "``", "`id`x"] {
		names.parts(text) == []
	}
}

test_dotted if {
	names.dotted(["address", "city"]) == "address.city"
	names.dotted(["a.b", "c"]) == "`a.b`.c"
	names.dotted(["a`.b"]) == "`a``.b`"
}

test_dotted_is_read_back if {
	every parts in [["id"], ["a.b", "c"], ["`.`", "x y"]] {
		names.parts(names.dotted(parts)) == parts
	}
}

test_in_sql if {
	cases := {
		"prod.sales.orders_2026": ["prod", "sales", "orders_2026"],
		"prod.`order items`.`2026`": ["prod", "order items", "2026"],
		"_1.a1.`1a`": ["_1", "a1", "1a"],
		"ordered.`Order`.reorder.`USER`": ["ordered", "Order", "reorder", "USER"],
		"`a.b`.`x-y`": ["a.b", "x-y"],
		"`say ``hi```": ["say `hi`"],
		"`größe`": ["größe"],
		"``": [""],
	}
	every text, parts in cases {
		names.in_sql(parts) == text
	}
}

_reserved := "all and anti any as authorization both case cast check collate column constraint create cross current_date current_time current_timestamp current_user default distinct else end escape except false fetch filter for foreign from full function grant group having in inner intersect into is join lateral leading left minus natural not null offset on only or order outer overlaps primary references right select semi session_user setminus some table then time to trailing true union unique unknown user using when where with within"

test_reserved_words_are_quoted if {
	every word in split(_reserved, " ") {
		names.in_sql([word]) == concat("", ["`", word, "`"])
		every longer in [concat("", [word, "_"]), concat("", ["_", word])] {
			names.in_sql([longer]) == longer
		}
	}
}
