package lakewarden.tables.documentation.columns_commented_test

import data.lakewarden.tables.documentation.columns_commented
import data.lakewarden.testing

_run(changes) := testing.run_of("documentation", object.union(
	{
		"min_commented_column_share": 0.8,
		"comment_placeholders": ["todo"],
		"critical_columns": [],
	},
	changes,
))

# A table of columns c1, c2, …, of which the first ones have a comment.
_table(commented, total) := testing.table({"columns": [column |
	some place in numbers.range(1, total)
	column := object.union({"name": sprintf("c%d", [place])}, _comment(place <= commented))
]})

_comment(there) := {"comment": "What it holds."} if there == true

else := {"comment": ""}

_proven(table, changes) := proven if {
	run := _run(changes)
	proven := testing.proven(columns_commented) with input as table with data.lakewarden_run as run
}

test_exactly_the_share_passes if {
	reason := "4 of 5 columns have a comment."
	_proven(_table(4, 5), {}) == {"pass": {reason}}
}

test_one_column_less_is_denied if {
	message := "prod.sales.orders has comments on 3 of 5 columns, but 4 need one; readers have to guess what the others hold, such as c4, c5."
	_proven(_table(3, 5), {}) == {"deny": {{
		"expected": "a comment on at least 4 of 5 columns",
		"actual": "3 of 5 columns",
		"message": message,
	}}}
}

test_the_share_is_exact if {
	# share, columns, and the fewest comments that are enough
	cases := [
		[0.8, 5, 4],
		[0.8, 6, 5],
		[0.7, 10, 7],
		[0.1, 10, 1],
		[0.29, 100, 29],
		[0.07, 100, 7],
		[0.000001, 9, 1],
		[0.333333333, 3, 1],
		[0.333333334, 3, 2],
		[1, 3, 3],
		[1.0, 1, 1],
	]
	every case in cases {
		[share, total, enough] := case
		changes := {"min_commented_column_share": share}
		count(_proven(_table(enough, total), changes).pass) == 1
		not _proven(_table(enough, total), changes).deny
		count(_proven(_table(enough - 1, total), changes).deny) == 1
		not _proven(_table(enough - 1, total), changes).pass
	}
}

test_a_share_of_nothing_asks_for_nothing if {
	count(_proven(_table(0, 3), {"min_commented_column_share": 0}).pass) == 1
	count(_proven(_table(0, 3), {"min_commented_column_share": 0.0}).pass) == 1
}

test_placeholders_and_blanks_are_no_comments if {
	columns := [
		{"name": "a", "comment": "Todo: ask"},
		{"name": "b", "comment": "\u2003 "},
		{"name": "c", "comment": "\u200b"},
		{"name": "d", "comment": "of d"},
	]
	some violation in _proven(testing.table({"columns": columns}), {}).deny
	violation.actual == "1 of 4 columns"
	endswith(violation.message, "such as a, b, c.")
}

test_at_most_five_names_are_listed if {
	some violation in _proven(_table(1, 7), {}).deny
	endswith(violation.message, "such as c2, c3, c4, c5, c6.")
}

test_each_critical_column_needs_one_whatever_the_share if {
	changes := {"min_commented_column_share": 0, "critical_columns": ["C?", "x*", "c5"]}
	denied := _proven(_table(3, 10), changes)
	not denied.pass
	{violation.actual | some violation in denied.deny} == {"c4", "c5", "c6", "c7", "c8", "c9"}
	message := "The critical column c4 of prod.sales.orders has no comment, so readers have to guess what it holds."
	{"expected": "a comment on this critical column", "actual": "c4", "key": "c4", "message": message} in denied.deny
}

test_critical_columns_with_a_comment_pass if {
	proven := _proven(_table(4, 5), {"critical_columns": ["c4", "*d", "c.5"]})
	count(proven.pass) == 1
	not proven.deny
}

test_patterns_match_dots_and_ignore_case if {
	table := testing.table({"columns": [{"name": "Address.City", "comment": ""}]})
	denied := _proven(table, {"min_commented_column_share": 0, "critical_columns": ["address*"]}).deny
	{violation.actual | some violation in denied} == {"Address.City"}
}

test_share_and_critical_columns_are_denied_apart if {
	count(_proven(_table(0, 2), {"critical_columns": ["c1"]}).deny) == 2
}

test_columns_are_needed_where_they_are_not_known if {
	every table in [testing.table_without("columns"), testing.table({"columns": null})] {
		_proven(table, {}) == {"needs": {"columns"}}
	}
}

_unsaid := [
	{"name": "a", "comment": "of a"},
	{"name": "b", "comment": ""},
	{"name": "c"},
	{"name": "d", "comment": null},
]

test_comments_that_are_not_known_are_needed_where_they_decide if {
	table := testing.table({"columns": _unsaid})
	_proven(table, {"min_commented_column_share": 0.25}).pass == {"1 of 4 columns have a comment."}
	not _proven(table, {"min_commented_column_share": 0.25}).needs
	_proven(table, {"min_commented_column_share": 0.75}) == {"needs": {"columns"}}
	certain := _proven(table, {"min_commented_column_share": 0.76})
	{violation.actual | some violation in certain.deny} == {"1 of 4 columns"}
	not certain.needs
	some violation in certain.deny
	endswith(violation.message, "such as b.")
}

test_a_critical_column_that_is_not_known_is_needed if {
	table := testing.table({"columns": _unsaid})
	unknown := _proven(table, {"min_commented_column_share": 0, "critical_columns": ["c"]})
	unknown == {"needs": {"columns"}}
	known := _proven(table, {"min_commented_column_share": 0, "critical_columns": ["A"]})
	count(known.pass) == 1
	not known.needs
	certain := _proven(table, {"min_commented_column_share": 0.5, "critical_columns": ["b", "c"]})
	{violation.actual | some violation in certain.deny} == {"b"}
	not certain.needs
}

test_the_column_that_could_not_be_read_is_named if {
	evidence := {"columns.c.comment": {"status": "denied"}, "columns.d.comment": {"status": "denied"}}
	table := testing.table({"columns": _unsaid, "evidence": evidence})
	not _proven(table, {}).needs
	_proven(table, {"min_commented_column_share": 0.5}).needs == {"columns.c.comment", "columns.d.comment"}
}

test_no_columns_at_all_is_not_applicable if {
	proven := _proven(testing.table({"columns": []}), {})
	proven.not_applicable == {"It has no columns."}
	not proven.needs
	not proven.deny
}

test_every_kind_of_table_is_meant if {
	every change in [{"table_type": "VIEW"}, {"table_type": "UNHEARD_OF"}] {
		count(_proven(object.union(_table(5, 5), change), {}).pass) == 1
	}
}

_fixes(table, changes) := fixes if {
	run := _run(changes)
	fixes := testing.fixes(columns_commented) with input as table with data.lakewarden_run as run
}

test_statements_describe_the_columns_and_give_back_what_was_there if {
	columns := [
		{"name": "my col", "comment": " TODO"},
		{"name": "b", "comment": ""},
	]
	table := testing.table({"columns": columns})
	_fixes(table, {"critical_columns": ["my*"]}) == {
		"": [{
			"title": "Describe its columns",
			"sql": [
				"ALTER TABLE prod.sales.orders ALTER COLUMN `my col` COMMENT <'what it holds'>",
				"ALTER TABLE prod.sales.orders ALTER COLUMN b COMMENT <'what it holds'>",
			],
			"requires": ["MODIFY on the table"],
			"note": "It changes metadata only; writes that run meanwhile may fail.",
			"undo": [
				"ALTER TABLE prod.sales.orders ALTER COLUMN `my col` COMMENT ' TODO'",
				"ALTER TABLE prod.sales.orders ALTER COLUMN b COMMENT ''",
			],
		}],
		"`my col`": [{
			"title": "Describe `my col`",
			"sql": ["ALTER TABLE prod.sales.orders ALTER COLUMN `my col` COMMENT <'what it holds'>"],
			"requires": ["MODIFY on the table"],
			"note": "It changes metadata only; writes that run meanwhile may fail.",
			"undo": ["ALTER TABLE prod.sales.orders ALTER COLUMN `my col` COMMENT ' TODO'"],
		}],
	}
}

test_columns_without_a_statement_are_counted if {
	every total, note in {
		6: "It changes metadata only; writes that run meanwhile may fail.",
		7: "It changes metadata only; writes that run meanwhile may fail. One more column has no comment.",
		17: "It changes metadata only; writes that run meanwhile may fail. 11 more columns have no comment.",
	} {
		some fix in _fixes(_table(1, total), {})[""]
		fix.note == note
		count(fix.sql) == 5
		count(fix.undo) == 5
	}
	some fix in _fixes(_table(1, 17), {"critical_columns": ["c9"]}).c9
	fix.note == "It changes metadata only; writes that run meanwhile may fail."
}

test_the_columns_of_a_view_are_described_by_its_definition if {
	view := testing.table({"table_type": "VIEW", "columns": [{"name": "my col", "comment": ""}]})
	[fix] = _fixes(view, {"critical_columns": ["my*"]})["`my col`"]
	fix == {
		"title": "Describe `my col` with COMMENT after the column's name in its definition, CREATE OR REPLACE VIEW prod.sales.orders …",
		"note": "It takes effect when the definition runs again; to undo it, take the change back and run it again.",
	}
}

test_planned_columns_are_commented_where_they_are_declared if {
	every tool, way in {
		"terraform": "in the attribute comment of the column in its resource",
		"dbt": "in the column's description in its dbt configuration, with columns in persist_docs",
	} {
		columns := [{"name": "my col", "comment": ""}, {"name": "other", "comment": ""}]
		fixes := _fixes(testing.table({"columns": columns, "definition": {"tool": tool}}), {"critical_columns": ["my*"]})
		[titles | some key in ["`my col`", ""]; titles := fixes[key][0].title] == [
			concat(" ", ["Describe `my col`", way]),
			concat(" ", ["Describe its columns", way]),
		]
		not fixes[""][0].sql
	}
	some fix in _fixes(object.union(_table(0, 1), {"definition": {"tool": "sql"}}), {})[""]
	fix.title == "Describe c1"
	fix.note == "It changes metadata only; writes that run meanwhile may fail. Add it to the files, or change the statement that makes the table where it hasn't run yet."
}
