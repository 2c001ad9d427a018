package lakewarden.lib.documentation_test

import data.lakewarden.lib.documentation
import data.lakewarden.testing

_run(changes) := testing.run_of("documentation", object.union(
	{
		"min_table_comment_length": 5,
		"comment_placeholders": ["todo", "pending"],
		"min_commented_column_share": 0.8,
		"critical_columns": [],
		"group_owner_patterns": [],
	},
	changes,
))

_facts(table, changes) := facts if {
	facts := documentation.facts with input as table with data.lakewarden_run as _run(changes)
}

_fact(table, name) := object.get(_facts(table, {}), name, "absent")

_columns(comments) := {"columns": [{"name": "c", "comment": comment} | some comment in comments], "evidence": {}}

_denied := {"status": "denied", "reason": "no right"}

test_commented if {
	cases := [
		[{"comment": "five!"}, true],
		[{"comment": "four"}, false],
		[{"comment": " \u00a0\u2003four\n "}, false],
		[{"comment": "ééééé"}, true],
		[{"comment": "pending"}, false],
		[{"comment": "TODO: say what it holds"}, false],
		[{"comment": ""}, false],
		[{"comment": "\u200b\u200b\u200b\u200b\u200b\u200b"}, false],
		[{"comment": "f\u200bo\u200bu\u200br"}, false],
		[{"comment": "f\u200bi\u200bve!"}, true],
		[{}, "absent"],
		[{"comment": null}, "absent"],
	]
	every case in cases {
		_fact(testing.table(case[0]), "commented") == case[1]
	}
}

test_comment_is_not_known_where_it_was_not_collected if {
	hidden := testing.table({"evidence": {"comment": _denied}})
	_fact(hidden, "commented") == "absent"
	not documentation.comment with input as hidden
	not documentation.comment with input as testing.table({})
	documentation.comment == "" with input as testing.table({"comment": ""})
	_fact(object.union(hidden, {"comment": "is here"}), "commented") == true
}

test_comment_has_no_blanks_around_it if {
	documentation.comment == "a b" with input as testing.table({"comment": "\t a b\u3000"})
}

test_column_comments_are_those_that_tell_something if {
	comments := documentation.column_comments with data.lakewarden_run as _run({})
		with input as {"columns": [
			{"name": "a", "comment": " of a "},
			{"name": "b", "comment": " \u2003"},
			{"name": "c"},
			{"name": "d", "comment": null},
			{"name": "e", "comment": "Todo."},
			{"name": "f", "comment": "f"},
		]}
	comments == {0: "of a", 5: "f"}
}

_bare(names) := {"columns": [{"name": name} | some name in names]}

test_comments_that_nobody_knows if {
	known := [{"name": "a", "comment": ""}, {"name": "b"}, {"name": "c", "comment": null}]
	documentation.unknown_comments == {1, 2} with input as {"columns": known}
	documentation.lacking_comments == {"columns"} with input as {"columns": known}
	evidence := {"evidence": {"columns.b.comment": _denied}}
	documentation.lacking_comments == {"columns", "columns.b.comment"} with input as object.union({"columns": known}, evidence)
	documentation.lacking_comments == {"columns.b.comment"} with input as object.union(_bare(["b"]), evidence)
	documentation.lacking_comments == set() with input as object.union(_columns(["x"]), evidence)
	documentation.lacking_comments == set() with input as {}
}

test_what_of_columns_is_no_fact if {
	_fact(_bare(["a", "b"]), "commented_columns") == "absent"
	_fact({"columns": [{"name": "a", "comment": "of a"}, {"name": "b"}], "evidence": {}}, "commented_columns") == "absent"
	_fact({"columns": [{"name": "a", "comment": ""}, {"name": "b"}], "evidence": {}}, "commented_columns") == "absent"
	some_of_them := {"columns": [{"name": "a", "comment": ""}, {"name": "b"}, {"name": "c", "comment": "of c"}], "evidence": {}}
	_fact(some_of_them, "commented_columns") == "some"
}

test_commented_columns if {
	_fact(_columns(["a", "b"]), "commented_columns") == "all"
	_fact(_columns(["a"]), "commented_columns") == "all"
	_fact(_columns(["a", ""]), "commented_columns") == "some"
	_fact(_columns(["", "todo"]), "commented_columns") == "none"
	_fact(_columns([""]), "commented_columns") == "none"
	_fact(_columns([]), "commented_columns") == "absent"
	_fact(testing.table_without("columns"), "commented_columns") == "absent"
	_fact(testing.table({"columns": null}), "commented_columns") == "absent"
}

test_column_count if {
	documentation.column_count == 3 with input as testing.table({})
	documentation.column_count == 0 with input as testing.table({"columns": []})
	not documentation.column_count with input as testing.table_without("columns")
	not documentation.column_count with input as testing.table({"columns": null})
}

test_owner_has_no_blanks_around_it if {
	documentation.owner == "data platform" with input as testing.table({"owner": "\u00a0data platform\n"})
	every owner in ["", " \u2003\t", "\u200b"] {
		documentation.owner == "" with input as testing.table({"owner": owner})
		_fact(testing.table({"owner": owner}), "owner_kind") == "none"
	}
	every table in [testing.table({}), testing.table({"owner": null})] {
		not documentation.owner with input as table
		_fact(table, "owner_kind") == "absent"
	}
}

test_mail_addresses_are_persons if {
	every owner in ["jo@acme.example", " Jo.Doe@x.y.z ", "a@b.c", "jo\n@x\n.y"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "person"
	}
}

test_everything_else_is_a_group if {
	every owner in ["sales", "@acme.example", "jo@acme", "jo@.example", "jo@acme.", "@", "jo@acme.example@x", "jo@x.y@", "a.b", "fb0ab1c2-1f2e"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "group"
	}
}

test_application_ids_are_service_principals if {
	every owner in [
		"6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90",
		" 6F1D3B52-0C7E-4A55-9D0E-2F7C1B8A4E90\t",
		"{6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90}",
		"6f1d3b520c7e4a559d0e2f7c1b8a4e90",
	] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "service_principal"
	}
	every owner in ["6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e9", "6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e900", "team 6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90", "6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90s", "gf1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "group"
	}
}

test_databricks_own_user_is_none_of_yours if {
	every owner in ["System user", "System-User", "SYSTEM_USER", " system  user ", "systemuser"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "system"
	}
	every owner in ["system users", "the system user", "system", "system.user"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "group"
	}
}

test_numbers_are_ids if {
	every owner in ["0", " 1234567890123456 "] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "id"
	}
	every owner in ["1a", "a1", "1-2", "-1", "1.5"] {
		_fact(testing.table({"owner": owner}), "owner_kind") == "group"
	}
}

test_groups_are_those_of_the_settings_where_there_are_any if {
	patterns := {"group_owner_patterns": ["*-Team", "lake?@acme.example"]}
	cases := {
		"sales-team": "group",
		" Sales.EMEA-TEAM ": "group",
		"lake1@acme.example": "group",
		"lake12@acme.example": "person",
		"jo@acme.example": "person",
	}
	every owner, expected in cases {
		_facts(testing.table({"owner": owner}), patterns).owner_kind == expected
	}
	_facts(testing.table({"owner": ""}), patterns).owner_kind == "none"
	every owner in ["sales-teams", "sales"] {
		not _facts(testing.table({"owner": owner}), patterns).owner_kind
	}
}

test_facts if {
	_facts(
		{
			"comment": "Orders",
			"owner": "jo@acme.example",
			"columns": [{"name": "id", "comment": "Number"}],
			"evidence": {},
		},
		{},
	) == {"commented": true, "commented_columns": "all", "owner_kind": "person"}
	_facts({"evidence": {"comment": _denied}}, {}) == {}
}
