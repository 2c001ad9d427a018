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
		"prod.`order items`.2026": ["prod", "order items", "2026"],
		"`a.b`.`x-y`": ["a.b", "x-y"],
		"`say ``hi```": ["say `hi`"],
		"`größe`": ["größe"],
		"``": [""],
	}
	every text, parts in cases {
		names.in_sql(parts) == text
	}
}
