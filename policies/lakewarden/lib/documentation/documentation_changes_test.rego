package lakewarden.lib.documentation_test

import data.lakewarden.lib.documentation
import data.lakewarden.testing

_settings(settings) := testing.run_of("documentation", object.union(
	{
		"min_table_comment_length": 5,
		"comment_placeholders": ["todo"],
		"min_commented_column_share": 0.5,
		"critical_columns": [],
		"group_owner_patterns": [],
	},
	settings,
))

_changes(table, settings) := changes if {
	changes := documentation.changes with input as table with data.lakewarden_run as _settings(settings)
}

# The patches under one title.
_patches(table, settings, title) := [change.patch |
	some change in _changes(table, settings)
	change.title == title
]

_text := "It says what a row is."

_described(comments) := {"columns": [{"name": sprintf("c%d", [n]), "comment": comment} | some n, comment in comments], "evidence": {}}

test_of_a_table_without_documentation if {
	table := object.union(_described(["", "of b", "", "todo"]), {"comment": "", "owner": ""})
	_changes(table, {"critical_columns": ["c?"], "min_commented_column_share": 0.6}) == [
		{"title": "describe it in at least 5 characters", "patch": {"comment": _text}},
		{"title": "describe 2 more of its columns", "patch": {"columns": [
			{"name": "c0", "comment": _text},
			{"name": "c1", "comment": "of b"},
			{"name": "c2", "comment": _text},
			{"name": "c3", "comment": "todo"},
		]}},
		{"title": "describe all of its columns", "patch": {"columns": [
			{"name": "c0", "comment": _text},
			{"name": "c1", "comment": "of b"},
			{"name": "c2", "comment": _text},
			{"name": "c3", "comment": _text},
		]}},
		{"title": "make a group such as data-team its owner", "patch": {"owner": "data-team"}},
		{"title": "remove the comments of its columns", "patch": {"columns": [
			{"name": "c0", "comment": ""},
			{"name": "c1", "comment": ""},
			{"name": "c2", "comment": ""},
			{"name": "c3", "comment": ""},
		]}},
		{"title": "make a person its owner", "patch": {"owner": "jo@example.com"}},
	]
}

test_of_a_table_with_all_of_it if {
	table := object.union(_described(["of a"]), {"comment": "orders", "owner": "sales"})
	_changes(table, {}) == [
		{"title": "remove its comment", "patch": {"comment": ""}},
		{"title": "remove the comments of its columns", "patch": {"columns": [{"name": "c0", "comment": ""}]}},
		{"title": "make a person its owner", "patch": {"owner": "jo@example.com"}},
	]
}

test_of_a_table_of_which_nothing_is_known if {
	_changes({"evidence": {}}, {}) == [{
		"title": "make a group such as data-team its owner",
		"patch": {"owner": "data-team"},
	}]
}

test_a_comment_is_as_long_as_the_settings_want if {
	lengths := {1: 1, 22: 1, 23: 2, 44: 2, 45: 3}
	every least, sentences in lengths {
		title := sprintf("describe it in at least %d characters", [least])
		[patch] := _patches({"comment": ""}, {"min_table_comment_length": least}, title)
		patch.comment == concat(" ", [_text | some _ in numbers.range(1, sentences)])
		count(patch.comment) >= least
	}
}

test_columns_are_described_where_fewer_than_all_are_lacking if {
	one := _described(["", "", "of c"])
	_patches(one, {}, "describe 1 more of its columns") == [{"columns": [
		{"name": "c0", "comment": _text},
		{"name": "c1", "comment": ""},
		{"name": "c2", "comment": "of c"},
	]}]
	titles := {change.title | some change in _changes(_described(["", ""]), {"min_commented_column_share": 1})}
	not "describe 2 more of its columns" in titles
	enough := {change.title | some change in _changes(_described(["", "of b"]), {})}
	"describe all of its columns" in enough
	not "describe 0 more of its columns" in enough
	more := {change.title | some change in _changes(_described(["", "of b", "of c"]), {"min_commented_column_share": 0.4})}
	not "describe 0 more of its columns" in more
}

test_critical_columns_are_described if {
	table := _described(["", "", "of c"])
	title := "describe its critical columns"
	_patches(table, {"critical_columns": ["C1", "c2"]}, title) == [{"columns": [
		{"name": "c0", "comment": ""},
		{"name": "c1", "comment": _text},
		{"name": "c2", "comment": "of c"},
	]}]
	_patches(table, {"critical_columns": ["c*"]}, title) == []
	_patches(table, {"critical_columns": ["c2"]}, title) == []
}

test_critical_columns_are_described_before_all if {
	titles := [change.title | some change in _changes(_described(["", ""]), {"critical_columns": ["c0"]})]
	titles == [
		"describe 1 more of its columns",
		"describe its critical columns",
		"describe all of its columns",
		"make a group such as data-team its owner",
	]
}

test_comments_that_nobody_knows_stay_so if {
	table := {"columns": [{"name": "a"}, {"name": "b", "comment": ""}], "evidence": {}}
	_patches(table, {}, "describe all of its columns") == [{"columns": [{"name": "a"}, {"name": "b", "comment": _text}]}]
}

test_a_group_is_called_as_the_settings_want if {
	cases := {"sales-team": ["sales-team"], "-team": ["*-team", "other"], "lakex": ["lake?"]}
	every name, patterns in cases {
		settings := {"group_owner_patterns": patterns}
		title := sprintf("make a group such as %s its owner", [name])
		_patches({"owner": "jo@acme.example"}, settings, title) == [{"owner": name}]
		_patches({"owner": "the lake"}, settings, title) == [{"owner": name}]
	}
	_patches({"owner": "sales"}, {}, "make a group such as data-team its owner") == []
}

test_a_person_stays_one if {
	_patches({"owner": "jo@acme.example"}, {}, "make a person its owner") == []
}

test_required_comments if {
	cases := [[0.8, 5, 4], [0.8, 4, 4], [0.8, 3, 3], [0.5, 5, 3], [0, 5, 0], [1, 5, 5], [0.333333333, 3, 1]]
	every case in cases {
		[share, columns, expected] := case
		table := _described(["" | some _ in numbers.range(1, columns)])
		documentation.required_comments == expected with input as table
			with data.lakewarden_run as _settings({"min_commented_column_share": share})
	}
	not _knows_required
}

_knows_required if documentation.required_comments with input as {} with data.lakewarden_run as _settings({})
