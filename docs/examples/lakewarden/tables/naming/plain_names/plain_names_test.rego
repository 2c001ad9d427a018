package lakewarden.tables.naming.plain_names_test

import data.lakewarden.tables.naming.plain_names as policy

_table(name, columns) := {
	"full_name": sprintf("main.sales.%s", [name]),
	"name": name,
	"columns": [{"name": column} | some column in columns],
}

test_plain_names_pass if {
	policy.pass == {"All of its names are plain."} with input as _table("orders_2", ["id", "a1_b"])
	count(policy.deny) == 0 with input as _table("orders_2", ["id", "a1_b"])
	count(policy.needs) == 0 with input as _table("orders_2", ["id", "a1_b"])
}

test_each_odd_name_is_denied if {
	odd := ["Orders", "order id", "2nd", "_x", "größe", ""]
	denied := policy.deny with input as _table("orders", array.concat(["id"], odd))
	{violation.actual | some violation in denied} == {name | some name in odd}
	count(policy.pass) == 0 with input as _table("orders", odd)
}

test_a_denial_says_which_name_of_which_table if {
	policy.deny == {{
		"message": "main.sales.my orders has the name my orders, which has to be quoted wherever it is used. Rename it.",
		"expected": "a name such as order_id",
		"actual": "my orders",
		"key": "my orders",
	}} with input as _table("my orders", ["id"])
}

test_columns_that_are_absent_or_null_are_needed if {
	policy.needs == {"columns"} with input as {"full_name": "main.sales.orders", "name": "orders"}
	policy.needs == {"columns"} with input as {"name": "orders", "columns": null}
	count(policy.pass) == 0 with input as {"name": "orders", "columns": null}
}
