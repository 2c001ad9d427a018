package lakewarden.tables.naming.plain_names_test

import data.lakewarden.tables.naming.plain_names as policy

_table(name, columns) := {
	"full_name": sprintf("main.sales.%s", [name]),
	"catalog_name": "main",
	"schema_name": "sales",
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

test_a_denial_says_which_name_of_which_table_and_what_to_do if {
	policy.deny == {{
		"message": "main.sales.my orders has the name my orders, which has to be quoted wherever it is used. Rename it.",
		"expected": "a name such as order_id",
		"actual": "my orders",
		"key": "my orders",
		"fixes": [{
			"title": "Rename the table",
			"sql": ["ALTER TABLE main.sales.`my orders` RENAME TO <its new full name>"],
			"requires": ["Ownership of the table, or MANAGE on it"],
			"note": "Queries, views and jobs that use the old name fail.",
			"undo": ["ALTER TABLE <its new full name> RENAME TO main.sales.`my orders`"],
		}],
	}} with input as _table("my orders", ["id"])
}

test_a_column_is_renamed_by_its_quoted_name if {
	[fix] := _fixes(_table("orders", ["Order`Id"]))
	fix.title == "Rename the column Order`Id"
	fix.sql == ["ALTER TABLE main.sales.orders RENAME COLUMN `Order``Id` TO <its new name>"]
	fix.undo == ["ALTER TABLE main.sales.orders RENAME COLUMN <its new name> TO `Order``Id`"]
}

test_what_code_declares_is_renamed_there if {
	definition := {"tool": "terraform", "address": "databricks_sql_table.orders"}
	[fix] := _fixes(object.union(_table("Orders", ["id"]), {"definition": definition}))
	fix.title == "Rename Orders in its resource (databricks_sql_table.orders)"
	not fix.sql
}

_fixes(table) := alternatives if {
	some violation in policy.deny with input as table
	alternatives := violation.fixes
}

test_columns_that_are_absent_or_null_are_needed if {
	policy.needs == {"columns"} with input as {"full_name": "main.sales.orders", "name": "orders"}
	policy.needs == {"columns"} with input as {"name": "orders", "columns": null}
	count(policy.pass) == 0 with input as {"name": "orders", "columns": null}
}
