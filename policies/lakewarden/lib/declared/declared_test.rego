package lakewarden.lib.declared_test

import data.lakewarden.lib.declared
import data.lakewarden.testing

_about(changes) := about if {
	about := {name: value |
		some name in ["at", "how", "in_code", "note", "place"]
		value := declared[name]
	} with input as testing.table(changes)
}

_terraform := {"tool": "terraform", "address": "databricks_sql_table.orders", "file": "main.tf", "line": 12}

_view := {"table_type": "VIEW"}

test_a_table_is_changed_by_statements if {
	_about({}) == {"how": "statement", "at": "", "note": ""}
}

test_a_view_is_changed_by_its_definition if {
	every definition, at in {{}: "", {"tool": "sql", "address": "CREATE VIEW", "file": "v.sql", "line": 3}: " (v.sql:3)"} {
		_about(object.union(_view, {"definition": definition})) == {
			"how": "definition",
			"in_code": true,
			"place": concat("", ["definition, CREATE OR REPLACE VIEW prod.sales.orders …", at]),
			"at": at,
			"note": "It takes effect when the definition runs again; to undo it, take the change back and run it again.",
		}
	}
}

test_what_terraform_declares_is_changed_there if {
	every changes in [{}, _view] {
		_about(object.union(changes, {"definition": _terraform})) == {
			"how": "terraform",
			"in_code": true,
			"place": "resource (databricks_sql_table.orders, main.tf:12)",
			"at": " (databricks_sql_table.orders, main.tf:12)",
			"note": "It takes effect with the next apply; to undo it, take the change back and apply again.",
		}
	}
}

test_what_dbt_declares_is_changed_there if {
	every changes in [{}, _view] {
		_about(object.union(changes, {"definition": {"tool": "dbt", "address": "model.shop.orders", "file": "orders.sql"}})) == {
			"how": "dbt",
			"in_code": true,
			"place": "dbt configuration (model.shop.orders, orders.sql)",
			"at": " (model.shop.orders, orders.sql)",
			"note": "It takes effect with the next run of dbt; to undo it, take the change back and run dbt again.",
		}
	}
}

test_statements_are_added_to_files if {
	every definition, at in {
		{"tool": "sql", "address": "CREATE TABLE"}: "",
		{"tool": "sql", "address": "CREATE TABLE", "file": "V1.sql"}: " (V1.sql)",
		{"tool": "sql", "address": "CREATE TABLE", "file": "V1.sql", "line": 7}: " (V1.sql:7)",
	} {
		_about({"definition": definition}) == {
			"how": "files",
			"at": at,
			"note": sprintf("Add it to the files%s, or change the statement that makes the table where it hasn't run yet.", [at]),
		}
	}
}

test_what_is_not_known_of_the_place_is_left_out if {
	every definition, at in {
		{"tool": "terraform"}: "",
		{"tool": "terraform", "address": "a.b"}: " (a.b)",
		{"tool": "dbt", "file": "x.sql", "line": 2}: " (x.sql:2)",
		{"tool": "dbt", "line": 2}: "",
	} {
		_about({"definition": definition}).at == at
	}
}
