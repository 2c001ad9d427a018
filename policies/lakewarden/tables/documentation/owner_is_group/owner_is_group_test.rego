package lakewarden.tables.documentation.owner_is_group_test

import data.lakewarden.tables.documentation.owner_is_group
import data.lakewarden.testing

_proven(table, patterns) := proven if {
	run := testing.run_of("documentation", {"group_owner_patterns": patterns})
	proven := testing.proven(owner_is_group) with input as table with data.lakewarden_run as run
}

_owned(owner) := testing.table({"owner": owner})

_message := "prod.sales.orders is owned by %s, but its owner must be %s, so that someone is responsible for it when a person is away or leaves."

test_group_passes if {
	_proven(_owned(" sales-analytics"), []) == {
		"pass": {"Its owner sales-analytics counts as a group."},
	}
}

test_mail_address_is_denied if {
	_proven(_owned("jo@acme.example "), []) == _denied("jo@acme.example", ", an email address", "a group")
}

_denied(owner, called, expected) := {
	"deny": {{
		"expected": expected,
		"actual": owner,
		"message": sprintf(_message, [concat("", [owner, called]), expected]),
	}},
}

_no_groups := {
	"6f1d3b52-0c7e-4a55-9d0e-2f7c1b8a4e90": ", the application id of a service principal",
	"System user": ", Databricks' own user",
	"1234567890123456": ", a number",
}

test_what_is_no_group_is_denied_and_named if {
	every owner, called in _no_groups {
		_proven(_owned(concat("", [" ", owner, "\n"])), []) == _denied(owner, called, "a group")
		_proven(_owned(owner), ["*-team"]) == _denied(owner, called, "like *-team")
	}
}

test_a_pattern_may_say_that_it_is_a_group if {
	every owner, _ in _no_groups {
		count(_proven(_owned(owner), [owner]).pass) == 1
		not _proven(_owned(owner), ["*"]).deny
	}
}

test_owner_that_matches_a_pattern_passes if {
	every owner in ["Sales-Team", "grp_1", "team@acme.example"] {
		proven := _proven(_owned(owner), ["*-team", "GRP_?", "team@*"])
		count(proven.pass) == 1
		not proven.deny
	}
}

test_owner_that_matches_no_pattern_is_denied if {
	every owner, called in {"jo@acme.example": ", an email address", "sales": ""} {
		_proven(_owned(owner), ["*-team", "grp_?"]) == _denied(owner, called, "like *-team or grp_?")
	}
}

test_owner_is_needed_where_it_is_not_known if {
	every table in [testing.table({}), _owned(null)] {
		every patterns in [[], ["*"]] {
			_proven(table, patterns) == {"needs": {"owner"}}
		}
	}
}

test_a_table_that_nobody_owns_is_denied if {
	every owner in ["", " \u00a0\u3000", "\u200b", "\u3164"] {
		every patterns, expected in {[]: "a group", ["*"]: "like *"} {
			_proven(_owned(owner), patterns) == {
				"deny": {{
					"expected": expected,
					"actual": "nobody",
					"key": "no owner",
					"message": sprintf("prod.sales.orders has no owner, but it needs %s as its owner, so that someone is responsible for it.", [expected]),
				}},
			}
		}
	}
}

test_every_kind_of_table_is_meant if {
	every change in [{"table_type": "VIEW"}, {"table_type": "UNHEARD_OF"}] {
		count(_proven(object.union(_owned("sales"), change), []).pass) == 1
	}
}

_fixes(changes) := fixes if {
	run := testing.run_of("documentation", {"group_owner_patterns": []})
	fixes := testing.fixes(owner_is_group) with input as testing.table(changes) with data.lakewarden_run as run
}

_lost := "The former owner loses the rights that come with ownership, unless it's a member of the group."

_statement := {
	"title": "Make the responsible team's group the owner",
	"sql": ["ALTER TABLE prod.sales.orders SET OWNER TO <`group`>"],
	"requires": ["Ownership of the table, or MANAGE on it"],
	"note": concat(" ", ["It changes metadata only.", _lost]),
	"undo": ["ALTER TABLE prod.sales.orders SET OWNER TO ` a@acme.example`"],
}

test_a_statement_changes_the_owner_and_gives_the_table_back if {
	_fixes({"owner": " a@acme.example"}) == {"": [_statement]}
}

test_a_table_that_nobody_owned_is_not_given_back if {
	_fixes({"owner": " "}) == {"no owner": [object.union(_statement, {
		"note": "It changes metadata only. It can't be undone: no statement takes the owner away again.",
		"undo": [],
	})]}
}

test_a_view_is_altered_as_one if {
	every type in ["METRIC_VIEW", "VIEW"] {
		some fix in _fixes({"owner": "a@acme.example", "table_type": type})[""]
		fix.sql == ["ALTER VIEW prod.sales.orders SET OWNER TO <`group`>"]
		fix.undo == ["ALTER VIEW prod.sales.orders SET OWNER TO `a@acme.example`"]
		fix.note == _statement.note
	}
}

test_no_statement_changes_the_owner_of_what_a_pipeline_makes if {
	every type in ["MATERIALIZED_VIEW", "STREAMING_TABLE"] {
		_fixes({"owner": "a@acme.example", "table_type": type})[""] == [{
			"title": "Change its owner to the responsible group in Catalog Explorer, or that of the pipeline that makes it",
			"note": _lost,
		}]
	}
}

test_planned_tables_get_their_owner_where_they_are_declared if {
	every tool, way in {
		"terraform": "in the attribute owner of its resource",
		"dbt": "in meta.owner or the group of its dbt configuration",
	} {
		every owner, key in {"": "no owner", "a@acme.example": ""} {
			some fix in _fixes({"owner": owner, "table_type": "VIEW", "definition": {"tool": tool}})[key]
			fix.title == concat(" ", ["Name the responsible group", way])
			startswith(fix.note, "It takes effect with the next ")
			not fix.sql
		}
	}
	some fix in _fixes({"owner": "a@acme.example", "definition": {"tool": "sql"}})[""]
	fix.sql == _statement.sql
	fix.note == concat(" ", [_statement.note, "Add it to the files, or change the statement that makes the table where it hasn't run yet."])
}
