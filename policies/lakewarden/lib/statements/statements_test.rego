package lakewarden.lib.statements_test

import data.lakewarden.lib.statements
import data.lakewarden.testing

test_a_text_is_quoted if {
	every text, written in {
		"": "''",
		"plain": "'plain'",
		"it's": `'it\'s'`,
		`C:\dir\'`: `'C:\\dir\\\''`,
		"${env:HOME} $5 {a}": `'$\{env:HOME} $5 {a}'`,
		"two\r\nlines\t": `'two\r\nlines\t'`,
	} {
		statements.literal(text) == written
	}
}

test_the_table_is_altered_by_its_name if {
	text := statements.alter("CLUSTER BY NONE") with input as testing.table({"name": "order items"})
	text == "ALTER TABLE prod.sales.`order items` CLUSTER BY NONE"
}

test_properties_are_set_and_removed if {
	set := statements.set_properties({"b.c": "it's", "a": "true"}) with input as testing.table({})
	set == `ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a' = 'true', 'b.c' = 'it\'s')`
	every properties in [["a", "b.c"], {"b.c", "a"}] {
		unset := statements.unset_properties(properties) with input as testing.table({})
		unset == "ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('a', 'b.c')"
	}
}

test_properties_get_back_what_they_have if {
	table := testing.table({"properties": {"a": "1", "b": "", "c": "3"}})
	_restored(table, ["a", "x", "b", "y"]) == [
		"ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a' = '1', 'b' = '')",
		"ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('x', 'y')",
	]
	_restored(table, {"a"}) == ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('a' = '1')"]
	every absent in [table, testing.table_without("properties")] {
		_restored(absent, {"x"}) == ["ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('x')"]
	}
}

_restored(table, properties) := texts if {
	texts := statements.restore_properties(properties) with input as table
}
